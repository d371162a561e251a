import { type DocumentPoints, type Filter, type FilterValues, matchesFilter } from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { temporaryFile, versionOf } from './support.js'

const paths = ['lang', 'year', 'x', 'x.y', 'a\\.b', '"quoted"', '1:x', '__proto__', 'constructor', '日本']
const path = fc.constantFrom(...paths)
const text = fc.oneof(
  fc.constantFrom('', 'a', '1', 'true', "it's", '"', '\\', '$.a', '\u00e9', 'e\u0301', 'x'.repeat(64), 'x'.repeat(65)),
  fc.string({ unit: 'grapheme', maxLength: 80 }).filter((each) => !each.includes('\0')),
)
const number = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    -1,
    2 ** 53 - 1,
    2 ** 53,
    2 ** 53 + 2,
    1e19,
    1e300,
    5e-324,
    -5e-324,
    0.1,
    0.30000000000000004,
  ),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
)
const scalar = fc.oneof(text, number, fc.boolean())

/** Property names such as __proto__ have to arrive as plain properties. */
function record<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  const made: Record<string, T> = Object.create(null)
  for (const [name, value] of entries) made[name] = value
  return made
}

const values: fc.Arbitrary<FilterValues> = fc
  .uniqueArray(
    fc.tuple(
      path,
      fc.record(
        {
          strings: fc.array(text, { maxLength: 3 }),
          numbers: fc.array(number, { maxLength: 3 }),
          booleans: fc.array(fc.boolean(), { maxLength: 2 }),
          instants: fc.array(fc.integer(), { maxLength: 2 }),
        },
        { requiredKeys: [] },
      ),
    ),
    { selector: ([name]) => name, maxLength: 5 },
  )
  .map(record)

const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ op: fc.constant('exists' as const), path }),
    fc.record({ op: fc.constant('in' as const), path, values: fc.array(scalar, { minLength: 1, maxLength: 4 }) }),
    fc.record({
      op: fc.constant('range' as const),
      path,
      on: fc.constantFrom('numbers' as const, 'instants' as const),
      compare: fc.constantFrom('gt' as const, 'gte' as const, 'lt' as const, 'lte' as const),
      value: fc.oneof(number, fc.integer()),
    }),
    fc.record({ op: fc.constant('not' as const), filter: tie('filter') }),
    fc.record({
      op: fc.constantFrom('and' as const, 'or' as const),
      filters: fc.array(tie('filter'), { maxLength: 3 }),
    }),
  ),
}))

function documents(all: readonly FilterValues[]): DocumentPoints[] {
  return all.map((each, i) => ({
    namespace: ['n'],
    key: `k${i}`,
    version: versionOf(1),
    values: each,
    fingerprint: 'f',
    points: [{ id: `p${i}`, field: '$', part: 0, hash: 'h', vector: Float32Array.of(1) }],
  }))
}

/** Takes values out of the corpus, so that equality is met. */
function likeOf(all: readonly FilterValues[]): Filter[] {
  return all.flatMap((each) =>
    Object.entries(each).flatMap(([path, { strings = [], numbers = [], booleans = [], instants = [] }]): Filter[] => [
      ...[...strings, ...numbers, ...booleans].map((value): Filter => ({ op: 'in', path, values: [value] })),
      ...numbers.map((value): Filter => ({ op: 'range', path, on: 'numbers', compare: 'lte', value })),
      ...instants.map((value): Filter => ({ op: 'range', path, on: 'instants', compare: 'gt', value })),
    ]),
  )
}

test('SQL finds what matchesFilter holds for, whatever is declared and by whatever way it searches', async () => {
  const { vectors } = sqlite({ path: await temporaryFile() })
  const filterable = {
    lang: 'keyword',
    x: 'integer',
    '"quoted"': 'float',
    __proto: 'boolean',
    'a\\.b': 'datetime',
  } as const
  const all = fc.sample(values, 150)
  const spaces = [
    await vectors.open({ name: 'declared', dimensions: 1, metric: 'cosine', filterable }),
    await vectors.open({ name: 'undeclared', dimensions: 1, metric: 'cosine', filterable: {} }),
  ]
  // So many others that a condition can hold for more than is worth an index.
  const many = await vectors.open({ name: 'many', dimensions: 1, metric: 'cosine', filterable })
  const filler = Array.from(
    { length: 1500 },
    (_, i): FilterValues => ({ lang: { strings: [`l${i % 2}`] }, x: { numbers: [i] } }),
  )
  for (let i = 0; i < filler.length; i += 500) {
    await many.replace(
      documents(filler.slice(i, i + 500)).map((each, at) => ({
        ...each,
        namespace: ['filler'],
        key: `k${i + at}`,
        points: each.points.map((point) => ({ ...point, id: `f${i + at}` })),
      })),
    )
  }
  for (const space of [...spaces, many]) await space.replace(documents(all))

  const check = async (filter: Filter): Promise<void> => {
    const expected = all.flatMap((each, i) => (matchesFilter(filter, each) ? [`k${i}`] : []))
    const query = { vector: Float32Array.of(1), filter, now: 0, limit: 2000 }
    for (const space of [...spaces, many]) {
      for (const prefix of space === many ? [['n']] : [[], ['n']]) {
        const { matches } = await space.query({ ...query, prefix })
        expect(matches.map(({ key }) => key)).toEqual([...expected].sort())
      }
    }
    const { matches } = await many.query({ ...query, prefix: [] })
    const inFiller = filler.filter((each) => matchesFilter(filter, each)).length
    expect(matches).toHaveLength(expected.length + inFiller)
  }
  for (const each of likeOf(all.slice(0, 20))) await check(each)
  await fc.assert(fc.asyncProperty(filter, check), { numRuns: 150 })
  for (const space of [...spaces, many]) await space.close()
}, 60_000)

test('a filter of a thousand conditions and a list of a hundred thousand values', async () => {
  const { vectors } = sqlite({ path: ':memory:' })
  const space = await vectors.open({ name: 's', dimensions: 1, metric: 'cosine', filterable: { x: 'integer' } })
  await space.replace(documents([{ x: { numbers: [999] }, y: { numbers: [99_999] } }, { x: { numbers: [-1] } }]))
  const find = async (filter: Filter): Promise<string[]> => {
    const { matches } = await space.query({ vector: Float32Array.of(1), filter, prefix: [], now: 0, limit: 10 })
    return matches.map(({ key }) => key)
  }
  for (const path of ['x', 'y']) {
    const thousand = Array.from({ length: 1000 }, (_, i): Filter => ({ op: 'in', path, values: [i] }))
    expect(await find({ op: 'or', filters: thousand })).toEqual(path === 'x' ? ['k0'] : [])
    const values = Array.from({ length: 100_000 }, (_, i) => i)
    expect(await find({ op: 'in', path, values })).toEqual(['k0'])
    expect(await find({ op: 'not', filter: { op: 'in', path, values } })).toEqual(['k1'])
  }
  await space.close()
})

test('a space that is opened with other declared paths finds the same', async () => {
  const path = await temporaryFile()
  const open = (filterable: Record<string, 'keyword'>) =>
    sqlite({ path }).vectors.open({ name: 's', dimensions: 1, metric: 'cosine', filterable })
  const find = async (space: Awaited<ReturnType<typeof open>>, lang: string): Promise<number> => {
    const filter: Filter = { op: 'in', path: 'lang', values: [lang] }
    const { matches } = await space.query({ vector: Float32Array.of(1), filter, prefix: [], now: 0, limit: 10 })
    return matches.length
  }
  const first = await open({})
  await first.replace(documents([{ lang: { strings: ['de'] } }]))
  const second = await open({ lang: 'keyword' })
  expect([await find(first, 'de'), await find(second, 'de')]).toEqual([1, 1])
  // The handle that knows nothing of the declaration keeps the index right all the same.
  await first.replace(documents([{ lang: { strings: ['en'] } }]))
  expect([await find(second, 'de'), await find(second, 'en')]).toEqual([0, 1])
  const third = await open({ year: 'keyword' })
  await third.replace(documents([{ lang: { strings: ['fr'] } }]))
  expect([await find(second, 'en'), await find(second, 'fr')]).toEqual([0, 1])
  for (const space of [first, second, third]) await space.close()
})
