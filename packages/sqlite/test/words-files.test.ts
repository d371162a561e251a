import { DatabaseSync } from 'node:sqlite'
import type { DocumentPoints, TermWeights, VectorSpace } from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { hashWord, highBits, lowBits } from '../src/vectors/words/word-hash.js'
import { documentOf, storeError, temporaryFile, versionOf } from './support.js'

const definition = { name: 's', dimensions: 2, metric: 'cosine', filterable: { lang: 'keyword' } } as const
const values = { lang: { strings: ['de'] } }

function weigh(...terms: string[]): TermWeights {
  return { terms, weights: terms.map((_, i) => 1 + i / 7) }
}

/** A document of one point with terms. */
function wordsOf(key: string, micros: number, terms: TermWeights, rest: Partial<DocumentPoints> = {}): DocumentPoints {
  const made = documentOf({ namespace: ['a', key], key }, micros, [[1, 0]], { values, ...rest })
  return { ...made, points: made.points.map((point) => ({ ...point, terms })) }
}

async function keysOf(space: VectorSpace, ...terms: string[]): Promise<string[] | undefined> {
  const found = await space.queryTerms?.({ prefix: [], now: 0, limit: 10, terms: weigh(...terms) })
  return found?.matches.map(({ key }) => key).sort()
}

/** The name of every table in which a row has these bytes in one of its values. */
function tablesWith(path: string, bytes: Buffer): string[] {
  const db = new DatabaseSync(path)
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  const found = tables.filter(({ name }) =>
    db
      .prepare(`SELECT * FROM "${name}"`)
      .all()
      .some((row) =>
        Object.values(row).some((value) =>
          Buffer.from(value instanceof Uint8Array ? value : String(value)).includes(bytes),
        ),
      ),
  )
  db.close()
  return found.map(({ name }) => String(name))
}

function bytesOf(hash: number): [low: Buffer, high: Buffer] {
  return [Buffer.from(Uint32Array.of(lowBits(hash)).buffer), Buffer.from(Uint16Array.of(highBits(hash)).buffer)]
}

test('nothing of a word is in the tables when its points were replaced, deleted, expired or dropped', async () => {
  const path = await temporaryFile()
  const { vectors } = sqlite({ path })
  const space = await vectors.open({ ...definition, terms: true })
  const other = await vectors.open({ ...definition, name: 't', terms: true })
  const secret = 'geheimnisvoll'
  const [low, high] = bytesOf(hashWord(secret))
  const left = (): string[] => [...tablesWith(path, low), ...tablesWith(path, Buffer.from(secret))]
  const words = weigh('tea', secret)
  await space.replace([
    wordsOf('replaced', 1, words),
    wordsOf('gone', 1, words),
    wordsOf('under', 1, words),
    wordsOf('expired', 1, words, { expiresAt: 10 }),
    wordsOf('emptied', 1, words),
  ])
  await other.replace([wordsOf('dropped', 1, words)])
  expect(await keysOf(space, secret)).toHaveLength(5)
  // As numbers, so that the table shows no word; other bytes may be the same as two, not as four.
  expect(left()).toEqual(['space_1_word', 'space_2_word'])
  expect(tablesWith(path, high)).toContain('space_1_word')

  await space.replace([wordsOf('replaced', 2, weigh('tea'))])
  await space.replace([{ ...wordsOf('gone', 2, words), points: [] }])
  await space.deletePrefix(['a', 'under'], versionOf(3))
  await space.deleteExpired(10)
  await space.replace([wordsOf('emptied', 2, { terms: [], weights: [] })])
  expect(left()).toEqual(['space_2_word'])
  await other.drop()
  expect(left()).toEqual([])
  expect(await keysOf(space, 'tea')).toEqual(['replaced'])
  await space.close()
})

test('a point takes its words along when it goes to another row, or leaves without them', async () => {
  const { vectors } = sqlite({ path: await temporaryFile() })
  const space = await vectors.open({ ...definition, terms: true })
  const ref = { namespace: ['a'], key: 'k' }
  const vector = Float32Array.of(1, 0)
  const pointOf = (part: number, rest: object) => ({ id: `p${part}`, field: '$', part, hash: 'h', ...rest })
  const write = (micros: number, points: DocumentPoints['points']) =>
    space.replace([documentOf(ref, micros, [], { points })])
  await write(1, [
    pointOf(0, { vector, terms: weigh('tea') }),
    pointOf(1, { vector, terms: weigh('milk') }),
    pointOf(2, { vector, terms: weigh('sugar') }),
    pointOf(3, { vector, terms: weigh('lemon') }),
  ])
  // The first stays where it is, as its new text has no vector; so the others go to a row of the new version.
  const outcome = await write(2, [
    pointOf(0, { hash: 'other', terms: weigh('coffee') }),
    pointOf(1, {}),
    pointOf(2, { terms: weigh('honey') }),
    pointOf(3, { hash: 'other', vector }),
  ])
  expect(outcome).toEqual(['missing'])
  for (const word of ['tea', 'milk', 'honey']) expect(await keysOf(space, word)).toEqual(['k'])
  for (const word of ['coffee', 'sugar', 'lemon']) expect(await keysOf(space, word)).toEqual([])
  expect((await space.get(['p0', 'p1', 'p2', 'p3'])).map((each) => each?.version)).toEqual([1, 2, 2, 2].map(versionOf))
  await space.close()
})

test('a file of the version before gets room for words when it is opened with them, and keeps its points', async () => {
  const path = await temporaryFile()
  const before = await sqlite({ path }).vectors.open(definition)
  await before.replace([documentOf({ namespace: ['a'], key: 'k' }, 1, [[1, 0]], { values })])
  await before.close()
  const db = new DatabaseSync(path)
  db.exec('ALTER TABLE vector_space DROP COLUMN words; PRAGMA user_version = 3')
  db.close()

  const { vectors } = sqlite({ path })
  const without = await vectors.open(definition)
  expect(await keysOf(without, 'tea')).toEqual([])
  const made = wordsOf('new', 2, weigh('tea'))
  const error = await storeError(without.replace([made]))
  expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', field: 'terms', namespace: ['a', 'new'], key: 'new' })
  expect(await without.count()).toBe(1)

  const space = await vectors.open({ ...definition, terms: true })
  onTestFinished(() => space.close())
  await space.replace([made])
  // The handle that was opened without them sees them too, and takes none away.
  expect(await keysOf(without, 'tea')).toEqual(['new'])
  await without.close()
  const { matches } = await space.query({ vector: Float32Array.of(1, 0), prefix: [], now: 0, limit: 10 })
  expect(matches.map(({ key }) => key)).toEqual(['k', 'new'])
})

test('a space without dimensions is another than one with, and has nothing to find by vector', async () => {
  const { vectors } = sqlite({ path: await temporaryFile() })
  const { dimensions, ...wordsOnly } = definition
  const space = await vectors.open({ ...wordsOnly, terms: true })
  const mismatch = await storeError(vectors.open({ ...definition, dimensions, terms: true }))
  expect(mismatch.code).toBe('MODEL_MISMATCH')
  expect(mismatch.message).toContain('has no dimensions (cosine), not 2 (cosine)')
  for (const vector of [new Float32Array(0), Float32Array.of(1, 0)]) {
    const asked = await storeError(space.query({ vector, prefix: [], now: 0, limit: 1 }))
    expect(asked).toMatchObject({ code: 'INVALID_ARGUMENT', field: 'vector' })
    const made = documentOf({ namespace: ['a'], key: 'k' }, 1, [[...vector]])
    const given = await storeError(space.replace([made]))
    expect(given).toMatchObject({ code: 'INVALID_ARGUMENT', field: 'vector', key: 'k' })
  }
  expect(await space.count()).toBe(0)
  await space.close()
})

test('points without a vector are no candidates, however few others there are', async () => {
  for (const maxBytes of [0, undefined]) {
    const { vectors } = sqlite({ path: await temporaryFile(), memory: { maxBytes } })
    const space = await vectors.open({ ...definition, terms: true })
    const bare = Array.from({ length: 500 }, (_, i) => {
      const made = wordsOf(`bare${i}`, 1, weigh('tea'))
      return { ...made, points: made.points.map((point) => ({ ...point, vector: null })) }
    })
    await space.replace([...bare, wordsOf('whole', 1, weigh('tea'))])
    const asked = { vector: Float32Array.of(-1, 0), prefix: [], now: 0, limit: 10 }
    for (const prefix of [[], ['a'], ['a', 'bare1'], ['a', 'whole']]) {
      const { matches, more } = await space.query({ ...asked, prefix })
      expect([matches.map(({ key }) => key), more]).toEqual([prefix[1] === 'bare1' ? [] : ['whole'], false])
      // The next search may go by the copy.
      await space.ping()
    }
    const [first] = await space.get([bare[0]?.points[0]?.id as string])
    expect(first).toMatchObject({ key: 'bare0', lacksVector: true })
    await space.close()
  }
})

test('the numbers of terms are all different', () => {
  const seen = new Map<number, string>()
  const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789._-+@éß東京']
  const terms = letters.flatMap((a) => letters.flatMap((b) => letters.map((c) => a + b + c)))
  for (let i = 0; i < 300_000; i += 1) terms.push(String(i), `err_${i}`, `get${i}name`)
  for (const term of [...letters, ...terms]) {
    const hash = hashWord(term)
    expect(hash >= 0 && hash < 2 ** 48 && highBits(hash) * 2 ** 32 + lowBits(hash) === hash).toBe(true)
    if (seen.has(hash) && seen.get(hash) !== term) expect.fail(`${seen.get(hash)} and ${term}`)
    seen.set(hash, term)
  }
  expect(seen.size).toBeGreaterThan(900_000)
})
