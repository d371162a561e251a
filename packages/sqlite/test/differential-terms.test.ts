import {
  compareRefs,
  type DocumentPoints,
  type DocumentRef,
  type PointRecord,
  refId,
  type SpaceDefinition,
  type TermQuery,
  type VectorMatch,
  type VectorSpace,
} from '@tandemstore/core/adapter'
import { memoryIndex } from '@tandemstore/core/memory'
import { sqlite } from '@tandemstore/sqlite'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { versionOf } from './support.js'

/*
 * Whatever is done to it, a space with terms is in the state of the reference, and finds what that finds, with the
 * same scores but for rounding: the weights are numbers of single precision, as which they are kept.
 */

const labels = fc.constantFrom('a', 'b', '\u{1f600}')
const namespace = fc.array(labels, { minLength: 1, maxLength: 2 })
const ref = fc.record({ namespace, key: fc.constantFrom('k', 'k!', 'é') })
const micros = fc.integer({ min: 1, max: 6 })
const moment = fc.constantFrom(10, 20, 30)
const term = fc.constantFrom('tea', 'green', 'c++', '東京', '10.0.0.1', 'é', 'e')
const weight = fc.float({ min: 0.0625, max: 4, noNaN: true })
const terms = (range: { minLength: number; maxLength: number }) =>
  fc
    .uniqueArray(fc.tuple(term, weight), { ...range, selector: ([each]) => each })
    .map((pairs) => ({ terms: pairs.map(([each]) => each), weights: pairs.map(([, each]) => each) }))
const vector = fc.oneof(
  fc.constant(undefined),
  fc.constant(null),
  fc.tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -2, max: 2 })),
)
const point = fc.record({
  part: fc.integer({ min: 0, max: 3 }),
  hash: fc.constantFrom('one', 'two'),
  vector,
  terms: fc.option(terms({ minLength: 0, maxLength: 4 }), { nil: undefined, freq: 3 }),
})
const document = fc.record({
  ref,
  micros,
  replaces: fc.option(micros, { nil: undefined }),
  expiresAt: fc.option(moment, { nil: undefined, freq: 2 }),
  lang: fc.option(fc.constantFrom('de', 'en'), { nil: undefined }),
  fingerprint: fc.constantFrom('f1', 'f2'),
  points: fc.uniqueArray(point, { maxLength: 4, selector: ({ part }) => part }),
})
const action = fc.oneof(
  { weight: 6, arbitrary: fc.array(document, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.record({ namespace, micros }) },
  { weight: 1, arbitrary: moment },
)
const query = fc.record({
  terms: terms({ minLength: 1, maxLength: 4 }),
  prefix: fc.array(labels, { maxLength: 2 }),
  filter: fc.constantFrom(
    undefined,
    { op: 'in', path: 'lang', values: ['de'] } as const,
    { op: 'not', filter: { op: 'in', path: 'lang', values: ['de'] } } as const,
  ),
  exclude: fc.array(ref, { maxLength: 2 }),
  now: fc.constantFrom(5, 15, 25),
})

// One handle of each stays open, or the worker would end with each space. Searches of the second go by reading only.
const held: VectorSpace[] = []
const indexes = [sqlite({ path: ':memory:' }).vectors, sqlite({ path: ':memory:', memory: { maxBytes: 0 } }).vectors]
beforeAll(async () => {
  const definition = { name: 'held', metric: 'dot', filterable: {} } as const
  for (const index of indexes) held.push(await index.open(definition))
})
afterAll(async () => {
  for (const space of held) await space.close()
})

function toPoints(
  { ref, micros, replaces, lang, points, ...rest }: typeof document extends fc.Arbitrary<infer T> ? T : never,
  dimensions: number | undefined,
): DocumentPoints {
  return {
    ...ref,
    ...rest,
    version: versionOf(micros),
    replaces: replaces === undefined ? undefined : versionOf(replaces),
    values: lang === undefined ? {} : { lang: { strings: [lang] } },
    points: points.map(({ vector, ...point }) => ({
      ...point,
      id: JSON.stringify([ref, point.part]),
      field: '$',
      vector: vector && (dimensions === undefined ? null : Float32Array.from(vector)),
    })),
  }
}

let count = 0
test('a space with terms answers as the reference does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 12 }),
      fc.array(query, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(2, undefined),
      fc.boolean(),
      async (actions, queries, dimensions, indexed) => {
        count += 1
        const definition: SpaceDefinition = {
          name: `s${count}`,
          dimensions,
          metric: 'dot',
          filterable: indexed ? { lang: 'keyword' } : {},
          terms: true,
        }
        const reference = await memoryIndex().open(definition)
        const ours = await Promise.all(indexes.map((index) => index.open(definition)))
        for (const [i, each] of actions.entries()) {
          const [expected, ...results] = await Promise.all(
            [reference, ...ours].map(async (space) => {
              if (Array.isArray(each)) return space.replace(each.map((one) => toPoints(one, dimensions)))
              if (typeof each === 'number') return space.deleteExpired(each)
              return space.deletePrefix(each.namespace, versionOf(each.micros))
            }),
          )
          for (const result of results) expect(result).toEqual(expected)
          // Searches in between, so that the index in memory is there early, and follows.
          if (i % 3 === 0) await compare(reference, ours, { ...queries[0], limit: 3 } as TermQuery)
        }
        for (const space of ours) expect(await recordsOf(space)).toEqual(await recordsOf(reference))
        for (const each of queries) await compare(reference, ours, { ...each, limit: 100 })
        for (const each of queries) for (const space of ours) await comparePages(reference, space, each)
        if (dimensions !== undefined) {
          const asked = { vector: Float32Array.of(1, 2), prefix: [], now: 15, limit: 100 }
          const expected = (await reference.query(asked)).matches.map(toScore)
          for (const space of ours) expect((await space.query(asked)).matches.map(toScore)).toEqual(expected)
        }
        for (const space of ours) await space.drop()
      },
    ),
    { numRuns: 200 },
  )
}, 120_000)

async function compare(reference: VectorSpace, ours: readonly VectorSpace[], query: TermQuery): Promise<void> {
  const all = await reference.queryTerms?.({ ...query, limit: 1000 })
  const expected = await reference.queryTerms?.(query)
  for (const space of ours) {
    const found = await space.queryTerms?.(query)
    expectAmong(found?.matches, all?.matches)
    expect(found?.matches.length).toBe(expected?.matches.length)
    expect(found?.more).toBe(expected?.more)
  }
}

async function comparePages(
  reference: VectorSpace,
  space: VectorSpace,
  query: Omit<TermQuery, 'limit'>,
): Promise<void> {
  const expected = await reference.queryTerms?.({ ...query, limit: 1000 })
  const all: VectorMatch[] = []
  for (let more = true; more; ) {
    const exclude: DocumentRef[] = [...(query.exclude ?? []), ...all]
    const page = await space.queryTerms?.({ ...query, exclude, limit: 2 })
    all.push(...(page?.matches ?? []))
    more = page?.more === true
  }
  expectAmong(all, expected?.matches)
  expect(all.length).toBe(expected?.matches.length)
}

/**
 * Expects matches to be the best of all that the reference finds, with its scores. Words are added up in another order,
 * so that a score may differ in its last digits, and with it the order of two that are as good as equal.
 */
function expectAmong(found: readonly VectorMatch[] = [], all: readonly VectorMatch[] = []): void {
  const scores = new Map(all.map((match) => [refId(match), match.score]))
  expect(new Set(found.map(refId)).size).toBe(found.length)
  for (const [i, match] of found.entries()) {
    expect(match.score / (scores.get(refId(match)) ?? Number.NaN)).toBeCloseTo(1, 12)
    expect(match.score / (all[i]?.score ?? Number.NaN)).toBeCloseTo(1, 12)
    const next = found[i + 1]
    if (next !== undefined) expect(next.score - match.score || compareRefs(match, next)).toBeLessThan(0)
  }
}

/** Which of several points with one score stands for a document is left open. */
function toScore({ namespace, key, score }: VectorMatch): unknown {
  return { namespace, key, score: score + 0 }
}

async function recordsOf(space: VectorSpace): Promise<PointRecord[]> {
  const { points } = await space.scan({ prefix: [], limit: 1000 })
  expect(await space.get(points.map(({ id }) => id))).toEqual(points)
  return points.sort((a, b) => compareRefs(a, b) || a.part - b.part)
}
