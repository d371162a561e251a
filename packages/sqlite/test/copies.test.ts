import type { Metric, VectorQuery } from '@tandemstore/core/adapter'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Database } from '../src/database.js'
import { logChange } from '../src/vectors/change-log.js'
import { vectorsDelete } from '../src/vectors/delete.js'
import { vectorsSpaces } from '../src/vectors/spaces.js'
import { termsOf } from '../src/vectors/terms.js'
import { vectorsWrite } from '../src/vectors/write.js'
import { asked, connect, DIMENSIONS, fill, finish, openSpace, readyCopy, search } from './copy-support.js'
import { temporaryFile, versionOf } from './support.js'

/*
 * A search by the copy finds what a search by SQL finds, to the bit, whoever wrote to the file. Two connections of
 * one process stand for two processes: for SQLite they are the same.
 */

const labels = fc.constantFrom('a', 'b', 'c')
const ref = fc.record({
  namespace: fc.array(labels, { minLength: 1, maxLength: 2 }),
  key: fc.constantFrom('k', 'l', 'm', 'n'),
})
const micros = fc.integer({ min: 1, max: 8 })
const number = fc.oneof(fc.constantFrom(-1, 0, 1), fc.float({ min: -2, max: 2, noNaN: true }))
const vector = fc.array(number, { minLength: DIMENSIONS, maxLength: DIMENSIONS })
const points = fc.uniqueArray(
  fc.record({
    part: fc.integer({ min: 0, max: 3 }),
    hash: fc.constantFrom('one', 'two'),
    vector: fc.option(vector, { nil: undefined, freq: 4 }),
  }),
  { maxLength: 4, selector: ({ part }) => part },
)
const document = fc.record({
  ref,
  micros,
  points,
  replaces: fc.option(micros, { nil: undefined, freq: 2 }),
  expiresAt: fc.option(fc.constantFrom(10, 20, 30), { nil: undefined, freq: 2 }),
  lang: fc.constantFrom('de', 'en'),
})
const write = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('replace' as const),
      documents: fc.array(document, { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('deletePrefix' as const),
      namespace: ref.map((each) => each.namespace),
      micros,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteExpired' as const), before: fc.constantFrom(10, 20) }) },
)
const query = fc.record({
  vector,
  prefix: fc.array(labels, { maxLength: 2 }),
  filter: fc.option(
    fc.constantFrom('de', 'en').map((lang) => ({ op: 'in' as const, path: 'lang', values: [lang] })),
    { nil: undefined },
  ),
  limit: fc.integer({ min: 1, max: 6 }),
  minScore: fc.option(fc.constantFrom(-0.5, 0, 0.9), { nil: undefined, freq: 1 }),
  exclude: fc.array(ref, { maxLength: 2 }),
})
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      by: fc.nat(1),
      writes: fc.array(write, { minLength: 1, maxLength: 3 }),
      rolledBack: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ by: fc.nat(1), query }) },
  { weight: 1, arbitrary: fc.record({ by: fc.nat(1), background: fc.constant(true) }) },
)

function apply(db: Database, space: number, each: typeof write extends fc.Arbitrary<infer T> ? T : never): void {
  if (each.do === 'deletePrefix') {
    vectorsDelete.vectorsDeletePrefix.run(db, { space, prefix: each.namespace, version: versionOf(each.micros) })
  } else if (each.do === 'deleteExpired') vectorsDelete.vectorsDeleteExpired.run(db, { space, before: each.before })
  else {
    const numbers: number[] = []
    const documents = each.documents.map(({ ref, micros, replaces, expiresAt, lang, points }) => ({
      ...ref,
      version: versionOf(micros),
      replaces: replaces === undefined ? undefined : versionOf(replaces),
      expiresAt,
      fingerprint: 'f',
      terms: termsOf({ lang: { strings: [lang] } }),
      points: points.map(({ part, hash, vector }) => {
        const point = { id: JSON.stringify([ref, part]), field: '$', part, hash }
        if (vector === undefined) return point
        numbers.push(...vector)
        return { ...point, at: numbers.length - vector.length, length: vector.length }
      }),
    }))
    const args = { space, documents: JSON.stringify(documents), vectors: Float32Array.from(numbers) }
    vectorsWrite.vectorsReplace.run(db, args)
  }
}

function transact(db: Database, rolledBack: boolean, body: () => void): void {
  try {
    db.transaction('write', () => {
      body()
      if (rolledBack) throw new Error('rolled back')
    })
  } catch (error) {
    if (!rolledBack) throw error
  }
}

test('a search by the copy finds what a search by SQL finds, to the bit, whoever wrote', async () => {
  const paths = await Promise.all(Array.from({ length: 150 }, () => temporaryFile()))
  let round = 0
  fc.assert(
    fc.property(
      fc.constantFrom<Metric>('cosine', 'dot', 'euclidean'),
      fc.array(step, { minLength: 1, maxLength: 25 }),
      (metric, steps) => {
        const path = paths[round % paths.length] as string
        round += 1
        const bySql = connect(path, 0)
        const writers = [connect(path), connect(path)]
        const space = openSpace(bySql, metric)
        for (const each of steps) {
          const db = writers[each.by] as Database
          if ('writes' in each) {
            transact(db, each.rolledBack, () => {
              for (const one of each.writes) apply(db, space, one)
            })
          } else if ('background' in each) {
            // One step of many, so that searches and writes come in between.
            if (db.copies.busy) db.transaction('read', () => db.copies.step(db))
          } else {
            readyCopy(db, space)
            const asked = { ...each.query, vector: Float32Array.from(each.query.vector), now: 15 }
            const pick = ({ matches, more }: ReturnType<typeof search>) => ({
              more,
              // Which of several points with one score stands for a document is left open.
              matches: matches.map(({ namespace, key, version, score }) => ({ namespace, key, version, score })),
            })
            expect(pick(search(db, space, asked))).toEqual(pick(search(bySql, space, asked)))
          }
        }
        bySql.transaction('write', () => vectorsSpaces.vectorsDrop.run(bySql, { space }))
        for (const db of [bySql, ...writers]) db.disconnect()
      },
    ),
    { numRuns: 150 },
  )
}, 120_000)

test('a copy that is being made takes in what is written meanwhile', async () => {
  const path = await temporaryFile()
  const [db, other, bySql] = [connect(path), connect(path), connect(path, 0)]
  const space = openSpace(db)
  fill(db, space, 5000)
  search(db, space, asked)
  expect(db.copies.busy).toBe(true)
  let count = 5000
  for (; db.copies.busy; db.transaction('read', () => db.copies.step(db))) {
    if (count === 8000) continue
    fill(count % 200 === 0 ? db : other, space, 100, count)
    count += 100
  }
  expect(count).toBeGreaterThan(5200)
  readyCopy(db, space)
  const all = { ...asked, limit: 10_000 }
  const found = search(db, space, all)
  expect(found.matches).toHaveLength(count)
  expect(found).toEqual(search(bySql, space, all))
})

test('the rows of a prefix or a filter are found again after every change, whoever made it', async () => {
  const path = await temporaryFile()
  const [db, other] = [connect(path), connect(path)]
  const space = openSpace(db)
  fill(db, space, 10)
  readyCopy(db, space)
  const count = () => search(db, space, { ...asked, prefix: ['n'], limit: 100 }).matches.length
  // Another namespace, so that the prefix does not stand for all.
  const elsewhere = { namespace: ['a' as const], key: 'k' as const }
  const points = [{ part: 0, hash: 'one' as const, vector: [1, 1, 1, 1] }]
  const documents = [
    { ref: elsewhere, micros: 1, points, lang: 'de' as const, replaces: undefined, expiresAt: undefined },
  ]
  db.transaction('write', () => apply(db, space, { do: 'replace', documents }))
  expect(count()).toBe(10)
  fill(db, space, 5, 10)
  expect(count()).toBe(15)
  fill(other, space, 5, 15)
  expect(count()).toBe(20)
  other.transaction('write', () =>
    vectorsDelete.vectorsDeletePrefix.run(other, { space, prefix: ['n'], version: versionOf(1) }),
  )
  expect(count()).toBe(0)
})

test('a copy that is too far behind for the log is made anew', async () => {
  const path = await temporaryFile()
  const [db, other] = [connect(path), connect(path)]
  const space = openSpace(db)
  fill(db, space, 10)
  readyCopy(db, space)
  other.transaction('write', () => {
    for (let i = 0; i < 5000; i += 1) logChange(other, space, [1])
  })
  fill(other, space, 10, 10)
  const kept = other.prepare('SELECT count(*) AS count FROM change').get()?.count as number
  expect(kept).toBeLessThan(4096 + 256)
  expect(search(db, space, { ...asked, limit: 100 }).matches).toHaveLength(20)
  readyCopy(db, space)
  expect(search(db, space, { ...asked, limit: 100 }).matches).toHaveLength(20)
})

test('copies keep to their limit, and searches go on by SQL', async () => {
  const path = await temporaryFile()
  const small = 400_000
  const [db, bySql] = [connect(path, small), connect(path, 0)]
  const space = openSpace(db)
  fill(db, space, 1000)
  readyCopy(db, space)
  expect(db.copies.bytes).toBeGreaterThan(0)
  for (let i = 1; i < 20; i += 1) {
    fill(db, space, 1000, i * 1000)
    expect(db.copies.bytes).toBeLessThanOrEqual(small)
  }
  expect(search(db, space, asked)).toEqual(search(bySql, space, asked))
  expect([db.copies.bytes, db.copies.busy]).toEqual([0, false])
  expect([bySql.copies.bytes, bySql.copies.busy]).toEqual([0, false])
})

test('the copy of a space that was dropped is given up', async () => {
  const db = connect(await temporaryFile())
  const space = openSpace(db)
  fill(db, space, 10)
  readyCopy(db, space)
  db.transaction('write', () => vectorsSpaces.vectorsDrop.run(db, { space }))
  expect(db.copies.bytes).toBe(0)
  expect(() => search(db, space, asked)).toThrow('dropped')
})

test('an approximate search finds nearly what an exact one does, shows nothing that was deleted, and is exact under a prefix', async () => {
  const path = await temporaryFile()
  const [db, exact] = [connect(path, Number.POSITIVE_INFINITY, 'approximate'), connect(path)]
  const space = openSpace(db)
  for (let i = 0; i < 21; i += 1) fill(db, space, 1000, i * 1000)
  readyCopy(db, space)
  readyCopy(exact, space)
  finish(db)
  const keysOf = (from: Database, query: VectorQuery): string[] =>
    search(from, space, query).matches.map(({ key }) => key)
  let found = 0
  for (let i = 0; i < 50; i += 1) {
    const query = { ...asked, vector: Float32Array.of(Math.sin(i), Math.cos(i), Math.sin(2 * i), 1) }
    const nearest = new Set(keysOf(exact, query))
    found += keysOf(db, query).filter((key) => nearest.has(key)).length
    expect(
      keysOf(db, { ...query, prefix: ['n'], filter: { op: 'not', filter: { op: 'exists', path: 'lang' } } }),
    ).toEqual([...nearest])
  }
  expect(found).toBeGreaterThan(475)
  // More than are looked at: found all the same.
  expect(keysOf(db, { ...asked, limit: 9000 })).toHaveLength(9000)
  expect(keysOf(db, { ...asked, prefix: ['nowhere'] })).toEqual([])
  exact.transaction('write', () =>
    vectorsDelete.vectorsDeletePrefix.run(exact, { space, prefix: ['n'], version: versionOf(1) }),
  )
  // One step of the deletion: a thousand of the documents.
  const left = new Set(
    exact
      .prepare('SELECT CAST(key AS TEXT) AS key FROM space_1_document')
      .all()
      .map(({ key }) => key),
  )
  for (const key of keysOf(db, { ...asked, limit: 5000 })) expect(left).toContain(key)
}, 120_000)
