import type { VectorMatch } from '@tandemstore/core/adapter'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Database } from '../src/database.js'
import { logChange } from '../src/vectors/change-log.js'
import { vectorsDelete } from '../src/vectors/delete.js'
import { vectorsSpaces } from '../src/vectors/spaces.js'
import { termsOf } from '../src/vectors/terms.js'
import { connect } from './copy-support.js'
import { temporaryFile, versionOf } from './support.js'
import { fillWords, openWords, readyWords, searchWords, writeWords } from './words-support.js'

/*
 * A search by the index in memory finds what reading all words finds, to the bit, whoever wrote to the file. Two
 * connections of one process stand for two processes: for SQLite they are the same.
 */

const labels = fc.constantFrom('a', 'b')
const ref = fc.record({
  namespace: fc.array(labels, { minLength: 1, maxLength: 2 }),
  key: fc.constantFrom('k', 'l', 'm'),
})
const micros = fc.integer({ min: 1, max: 8 })
const word = fc.constantFrom('one', 'two', 'three', 'four', 'fünf', '六')
const weight = fc.oneof(fc.constantFrom(0.5, 1, 2), fc.double({ min: 1e-3, max: 3, noNaN: true }))
const words = fc.dictionary(word, weight, { maxKeys: 5 })
const document = fc.record({
  ref,
  micros,
  replaces: fc.option(micros, { nil: undefined, freq: 2 }),
  expiresAt: fc.option(fc.constantFrom(10, 20, 30), { nil: undefined, freq: 2 }),
  lang: fc.constantFrom('de', 'en'),
  parts: fc.array(
    fc.record({ hash: fc.constantFrom('x', 'y'), words: fc.option(words, { nil: undefined, freq: 4 }) }),
    { maxLength: 3 },
  ),
})
const write = fc.oneof(
  { weight: 6, arbitrary: fc.array(document, { minLength: 1, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.record({ namespace: ref.map((each) => each.namespace), micros }) },
  { weight: 1, arbitrary: fc.constantFrom(10, 20) },
)
const query = fc.record({
  words: fc.dictionary(word, weight, { minKeys: 1, maxKeys: 3 }),
  prefix: fc.array(labels, { maxLength: 2 }),
  filter: fc.option(
    fc.constantFrom('de', 'en').map((lang) => ({ op: 'in' as const, path: 'lang', values: [lang] })),
    { nil: undefined },
  ),
  limit: fc.integer({ min: 1, max: 6 }),
  exclude: fc.array(ref, { maxLength: 2 }),
})
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ by: fc.nat(1), write, rolledBack: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ by: fc.nat(1), query }) },
  { weight: 1, arbitrary: fc.record({ by: fc.nat(1), background: fc.constant(true) }) },
)

function apply(db: Database, space: number, each: typeof write extends fc.Arbitrary<infer T> ? T : never): void {
  if (typeof each === 'number') vectorsDelete.vectorsDeleteExpired.run(db, { space, before: each })
  else if (Array.isArray(each)) {
    writeWords(
      db,
      space,
      each.map(({ ref, micros, replaces, lang, ...rest }) => ({
        ...ref,
        ...rest,
        version: versionOf(micros),
        replaces: replaces === undefined ? undefined : versionOf(replaces),
        terms: termsOf({ lang: { strings: [lang] } }),
      })),
    )
  } else {
    vectorsDelete.vectorsDeletePrefix.run(db, { space, prefix: each.namespace, version: versionOf(each.micros) })
  }
}

/** Which of several points with one score stands for a document is left open. */
function pick({ namespace, key, version, score }: VectorMatch): unknown {
  return { namespace, key, version, score }
}

test('a search by the index finds what reading all finds, to the bit, whoever wrote', async () => {
  const paths = await Promise.all(Array.from({ length: 150 }, () => temporaryFile()))
  let round = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      const path = paths[round % paths.length] as string
      round += 1
      const byReading = connect(path, 0)
      const writers = [connect(path), connect(path)]
      const space = openWords(byReading)
      for (const each of steps) {
        const db = writers[each.by] as Database
        if ('write' in each) {
          const failure = new Error('rolled back')
          const transact = () =>
            db.transaction('write', () => {
              apply(db, space, each.write)
              if (each.rolledBack) throw failure
            })
          if (each.rolledBack) expect(transact).toThrow(failure)
          else transact()
        } else if ('background' in each) {
          if (db.copies.busy) db.transaction('read', () => db.copies.step(db))
        } else {
          readyWords(db, space)
          const { words, ...rest } = each.query
          const found = [db, byReading].map((from) => searchWords(from, space, words, { ...rest, now: 15 }))
          expect(found[0]?.matches.map(pick)).toEqual(found[1]?.matches.map(pick))
          expect(found[0]?.more).toBe(found[1]?.more)
        }
      }
      byReading.transaction('write', () => vectorsSpaces.vectorsDrop.run(byReading, { space }))
      for (const db of [byReading, ...writers]) db.disconnect()
    }),
    { numRuns: 150 },
  )
}, 120_000)

test('thousands of documents: while the index is made, as they change, and after the lists were cleared', async () => {
  const path = await temporaryFile()
  const [db, other, byReading] = [connect(path), connect(path), connect(path, 0)]
  const space = openWords(db)
  // Every document holds `all`, and others hold words of some thousand, a few of one.
  const wordsOf = (i: number): Record<string, number> => ({
    all: 1 + (i % 7),
    [`some${i % 40}`]: 2,
    [`few${i % 4000}`]: 1,
    ...Object.fromEntries(Array.from({ length: 12 }, (_, j) => [`one${j}-${i}`, 1])),
  })
  const same = (): void => {
    for (const asked of ['all', 'all some3', 'few7 some7', 'one0-4321 few8', 'all few3999 one1-1 absent']) {
      for (const query of [{}, { limit: 3000 }, { prefix: ['n'] }, { prefix: ['elsewhere'] }]) {
        expect(searchWords(db, space, asked, query)).toEqual(searchWords(byReading, space, asked, query))
      }
    }
  }
  fillWords(db, space, 4000, wordsOf)
  searchWords(db, space, 'all')
  for (let from = 4000; db.copies.busy; db.transaction('read', () => db.copies.step(db))) {
    if (from === 9000) continue
    fillWords(from % 500 === 0 ? db : other, space, 250, wordsOf, from)
    from += 250
  }
  readyWords(db, space)
  same()
  // Other words in most documents, so that the lists are cleared of what they held before; new ones come meanwhile.
  for (let from = 0; from < 8000; from += 500) {
    fillWords(from % 1000 === 0 ? db : other, space, 500, (i) => wordsOf(i + 13), from)
    if (from % 2000 === 0) same()
    if (db.copies.busy) db.transaction('read', () => db.copies.step(db))
  }
  same()
  expect(searchWords(db, space, 'one0-3', { limit: 5 }).matches).toEqual([])
  const bytes = db.copies.bytes
  for (let round = 0; round < 5; round += 1) {
    for (let from = 0; from < 8000; from += 500) fillWords(db, space, 500, (i) => wordsOf(i + round), from)
    readyWords(db, space)
    while (db.copies.busy) db.transaction('read', () => db.copies.step(db))
  }
  same()
  // What is replaced again and again takes no more memory each time.
  expect(db.copies.bytes).toBeLessThan(2 * bytes)
  db.transaction('write', () =>
    vectorsDelete.vectorsDeletePrefix.run(db, { space, prefix: ['n'], version: versionOf(9) }),
  )
  same()
}, 120_000)

test('the best are the best of all, however common and heavy the words are', async () => {
  const path = await temporaryFile()
  const [db, byReading] = [connect(path), connect(path, 0)]
  const space = openWords(db)
  const word = fc.integer({ min: 0, max: 7 })
  const weight = fc.double({ min: 0.1, max: 3, noNaN: true })
  // Word 0 is in all documents, 1 in half of them, and so on.
  const weights = fc.sample(fc.array(weight, { minLength: 8, maxLength: 8 }), { numRuns: 500, seed: 7 })
  fillWords(db, space, 500, (i) =>
    Object.fromEntries((weights[i] as number[]).flatMap((each, j) => (i % 2 ** j === 0 ? [[`w${j}`, each]] : []))),
  )
  readyWords(db, space)
  const asked = fc.uniqueArray(fc.tuple(word, weight), { minLength: 1, maxLength: 4, selector: ([each]) => each })
  fc.assert(
    fc.property(asked, fc.integer({ min: 1, max: 20 }), (words, limit) => {
      const query = Object.fromEntries(words.map(([each, weight]) => [`w${each}`, weight]))
      expect(searchWords(db, space, query, { limit })).toEqual(searchWords(byReading, space, query, { limit }))
    }),
    { numRuns: 300 },
  )
})

test('an index that is too far behind for the log is made anew', async () => {
  const path = await temporaryFile()
  const [db, other] = [connect(path), connect(path)]
  const space = openWords(db)
  fillWords(db, space, 10, () => ({ word: 1 }))
  readyWords(db, space)
  other.transaction('write', () => {
    for (let i = 0; i < 5000; i += 1) logChange(other, space, [1])
  })
  fillWords(other, space, 10, () => ({ word: 1 }), 10)
  expect(searchWords(db, space, 'word', { limit: 100 }).matches).toHaveLength(20)
  readyWords(db, space)
  expect(searchWords(db, space, 'word', { limit: 100 }).matches).toHaveLength(20)
})

test('the index keeps to the limit of memory, and searches go on by reading', async () => {
  const path = await temporaryFile()
  const small = 1_000_000
  const [db, byReading] = [connect(path, small), connect(path, 0)]
  const space = openWords(db)
  const wordsOf = (i: number) => ({ all: 1, [`one${i}`]: 1, [`other${i}`]: 1 })
  fillWords(db, space, 100, wordsOf)
  readyWords(db, space)
  expect(db.copies.bytes).toBeGreaterThan(0)
  for (let i = 1; i < 15; i += 1) {
    fillWords(db, space, 1000, wordsOf, i * 1000)
    expect(db.copies.bytes).toBeLessThanOrEqual(small)
  }
  expect(searchWords(db, space, 'all one7000')).toEqual(searchWords(byReading, space, 'all one7000'))
  expect([db.copies.bytes, db.copies.busy]).toEqual([0, false])
  expect([byReading.copies.bytes, byReading.copies.busy]).toEqual([0, false])
})

test('the index of a space that was dropped is given up', async () => {
  const db = connect(await temporaryFile())
  const space = openWords(db)
  fillWords(db, space, 10, () => ({ word: 1 }))
  readyWords(db, space)
  db.transaction('write', () => vectorsSpaces.vectorsDrop.run(db, { space }))
  expect(db.copies.bytes).toBe(0)
  expect(() => searchWords(db, space, 'word')).toThrow('dropped')
})
