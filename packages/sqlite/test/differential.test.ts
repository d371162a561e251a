import {
  compareRefs,
  type DocumentPoints,
  type PointRecord,
  type SpaceDefinition,
  type VectorMatch,
} from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { sqlite } from '@tandemstore/sqlite'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rowOf, versionOf } from './support.js'

/*
 * Whatever is done to it, the adapter is in the state of the reference: few names and versions, so that everything
 * meets.
 */

const labels = fc.constantFrom('a', 'b', 'a!', '\u{1f600}', '\uffef')
const namespace = fc.array(labels, { minLength: 1, maxLength: 3 })
const ref = fc.record({ namespace, key: fc.constantFrom('k', 'k!', '\u00e9') })
const micros = fc.integer({ min: 1, max: 6 })
const moment = fc.constantFrom(10, 20, 30)
const expiresAt = fc.option(moment, { nil: undefined, freq: 2 })

const { kv, vectors } = sqlite({ path: ':memory:' })
let count = 0
let held: Awaited<ReturnType<typeof kv.open>> | undefined
// One handle stays open, or the worker would end with each collection.
beforeAll(async () => {
  held = await kv.open('held')
})
afterAll(() => held?.close())

describe('documents', () => {
  const condition = fc.option(
    fc.oneof(
      fc.record({ kind: fc.constant('absent' as const), now: moment }),
      fc.record({ kind: fc.constant('version' as const), version: micros.map(versionOf), now: moment }),
    ),
    { nil: undefined, freq: 1 },
  )
  const action = fc.oneof(
    fc.record({
      do: fc.constant('put' as const),
      writes: fc.array(fc.record({ ref, micros, expiresAt, condition }), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({
      do: fc.constant('delete' as const),
      deletes: fc.array(fc.record({ ref, micros, condition }), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ do: fc.constant('deletePrefix' as const), namespace, micros }),
    fc.record({ do: fc.constant('touch' as const), ref, micros, at: moment }),
    fc.record({ do: fc.constant('deleteExpired' as const), before: moment, limit: fc.constantFrom(1, 100) }),
  )

  test('a collection answers as the reference does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
        count += 1
        const ours = await kv.open(`c${count}`)
        const reference = await memoryKV().open('c')
        for (const each of actions) {
          const results = []
          for (const collection of [ours, reference]) {
            if (each.do === 'put') {
              const writes = each.writes.map(({ ref, micros, expiresAt, condition }) => ({
                row: rowOf(ref, micros, { expiresAt, createdAt: micros }),
                condition,
              }))
              results.push(await collection.put(writes))
            } else if (each.do === 'delete') {
              const deletes = each.deletes.map(({ ref, micros, condition }) => ({
                ...ref,
                version: versionOf(micros),
                condition,
              }))
              results.push(await collection.delete(deletes))
            } else if (each.do === 'deletePrefix') {
              results.push(await collection.deletePrefix(each.namespace, versionOf(each.micros)))
            } else if (each.do === 'touch') {
              const touch = { ...each.ref, version: versionOf(each.micros), expiresAt: each.at }
              results.push(await collection.touch([touch]))
            } else if (each.limit > 1) {
              // Which of several expired rows goes first is nobody's business.
              results.push(await collection.deleteExpired(each))
            }
          }
          expect(results[0]).toEqual(results[1])
        }
        const [mine, theirs] = await Promise.all([ours, reference].map((each) => readAll(each)))
        expect(mine).toEqual(theirs)
        await ours.close()
      }),
      { numRuns: 200 },
    )
  })

  async function readAll(collection: Awaited<ReturnType<typeof kv.open>>): Promise<unknown> {
    const pages = []
    for (const prefix of [[], ['a'], ['a', 'a'], ['b']]) {
      const { rows } = await collection.list({ prefix, limit: 100 })
      pages.push(rows)
      for (const after of rows) pages.push(await collection.list({ prefix, after, limit: 2 }))
      for (const maxDepth of [undefined, 1, 2]) {
        const all = await collection.namespaces({ prefix, maxDepth, limit: 100, now: 15 })
        pages.push(all)
        for (const after of all.namespaces) {
          pages.push(await collection.namespaces({ prefix, maxDepth, after, limit: 1, now: 15 }))
        }
      }
    }
    return [pages, (await collection.clock()).latest]
  }
})

describe('points', () => {
  const point = fc.record({
    part: fc.integer({ min: 0, max: 3 }),
    hash: fc.constantFrom('one', 'two'),
    vector: fc.option(fc.tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -2, max: 2 })), { nil: undefined }),
  })
  const document = fc.record({
    ref,
    micros,
    replaces: fc.option(micros, { nil: undefined }),
    expiresAt,
    lang: fc.option(fc.constantFrom('de', 'en'), { nil: undefined }),
    fingerprint: fc.constantFrom('f1', 'f2'),
    points: fc.uniqueArray(point, { maxLength: 4, selector: ({ part }) => part }),
  })
  const action = fc.oneof(
    { weight: 5, arbitrary: fc.array(document, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.record({ namespace, micros }) },
    { weight: 1, arbitrary: moment },
  )

  function toPoints({
    ref,
    micros,
    replaces,
    lang,
    points,
    ...rest
  }: typeof document extends fc.Arbitrary<infer T> ? T : never): DocumentPoints {
    return {
      ...ref,
      ...rest,
      version: versionOf(micros),
      replaces: replaces === undefined ? undefined : versionOf(replaces),
      values: lang === undefined ? {} : { lang: { strings: [lang] } },
      points: points.map(({ part, hash, vector }) => ({
        id: JSON.stringify([ref, part]),
        field: '$',
        part,
        hash,
        vector: vector && Float32Array.from(vector),
      })),
    }
  }

  test('a space answers as the reference does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 15 }), fc.boolean(), async (actions, indexed) => {
        count += 1
        const definition: SpaceDefinition = {
          name: `s${count}`,
          dimensions: 2,
          metric: 'dot',
          filterable: indexed ? { lang: 'keyword' } : {},
        }
        const ours = await vectors.open(definition)
        const reference = await memoryIndex().open(definition)
        for (const each of actions) {
          const results = []
          for (const space of [ours, reference]) {
            if (Array.isArray(each)) results.push(await space.replace(each.map(toPoints)))
            else if (typeof each === 'number') results.push(await space.deleteExpired(each))
            else results.push(await space.deletePrefix(each.namespace, versionOf(each.micros)))
          }
          expect(results[0]).toEqual(results[1])
        }
        for (const prefix of [[], ['a'], ['b', 'a']]) {
          expect(await scanAll(ours, prefix)).toEqual(await scanAll(reference, prefix))
          const filters = [
            undefined,
            { op: 'in', path: 'lang', values: ['de'] },
            { op: 'not', filter: { op: 'in', path: 'lang', values: ['de'] } },
          ] as const
          for (const filter of filters) {
            const query = { vector: Float32Array.of(1, 2), prefix, filter, now: 15, limit: 100 }
            const [mine, theirs] = await Promise.all([ours.query(query), reference.query(query)])
            expect(mine.more).toBe(theirs.more)
            expect(mine.matches.map(toScore)).toEqual(theirs.matches.map(toScore))
            const few = await ours.query({ ...query, limit: 2, exclude: mine.matches.slice(0, 1) })
            expect(few.matches.map(toScore)).toEqual(theirs.matches.slice(1, 3).map(toScore))
            expect(few.more).toBe(theirs.matches.length > 3)
          }
        }
        await ours.drop()
      }),
      { numRuns: 200 },
    )
  })

  /** Which of several points with one score stands for a document is left open. */
  function toScore({ namespace, key, score }: VectorMatch): unknown {
    return { namespace, key, score: score + 0 }
  }

  async function scanAll(space: Awaited<ReturnType<typeof vectors.open>>, prefix: string[]): Promise<PointRecord[]> {
    const all: PointRecord[] = []
    let cursor: string | undefined
    do {
      const page = await space.scan({ prefix, cursor, limit: 2 })
      expect(page.points.length).toBeLessThanOrEqual(2)
      all.push(...page.points)
      cursor = page.cursor
    } while (cursor !== undefined)
    return all.sort((a, b) => compareRefs(a, b) || a.part - b.part)
  }
})
