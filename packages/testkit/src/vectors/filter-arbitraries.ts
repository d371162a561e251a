import type { Filter, FilterValues, PathValues, Scalar } from '@tandemstore/core/adapter'
import fc from 'fast-check'
import { declared } from './context.js'

/** Strings that a type, a collation, a normalisation or a length limit could confuse. */
const strings = [
  '',
  'a',
  'A',
  'a ',
  'ab',
  '1',
  '1.0',
  'true',
  'null',
  '%',
  '_',
  "it's",
  '"',
  '\\',
  '\n',
  '\u00e9',
  'e\u0301',
  '\u{1f600}',
  '2024-01-31',
  '2024-01-31T12:00:00Z',
  `${'long '.repeat(1000)}a`,
  `${'long '.repeat(1000)}b`,
]

const numbers = [
  0,
  1,
  -1,
  2,
  0.5,
  0.1,
  0.30000000000000004,
  0.3,
  -2.5,
  2024,
  1e300,
  -1e300,
  1e-300,
  5e-324,
  1.7976931348623157e308,
  2 ** 31,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  1e19,
  123456789.125,
]

const instants = [
  0, -1, 1, 1_706_659_200_000, 1_706_702_400_000, 1_706_702_400_001, -62_135_596_800_000, 253_402_300_799_999,
]

/** Each declared path, and others that are like none of them. */
const paths = [...Object.keys(declared), 'x', 'x.y', 'x\\.y', 'Lang', 'tags', "a'b", 'a b', '日本']
const rangePaths = ['year', 'price', 'lang', 'x', 'tags']

const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constantFrom<Scalar>(...strings),
  fc.constantFrom<Scalar>(...numbers),
  fc.boolean(),
  fc.constantFrom<Scalar>(1, '1', true, 'true', 0, false),
)

const list = <T>(values: fc.Arbitrary<T>) => fc.array(values, { minLength: 1, maxLength: 4 })

/** Lists of one type or of several, some of them empty, but never all: such a path would not be there. */
function arbitraryPath(path: string): fc.Arbitrary<PathValues> {
  return fc
    .record(
      {
        strings: fc.oneof(list(fc.constantFrom(...strings)), fc.constant([])),
        numbers: list(fc.constantFrom(...numbers)),
        booleans: list(fc.boolean()),
        ...(path === 'at' ? { instants: list(fc.constantFrom(...instants)) } : {}),
      },
      { requiredKeys: [] },
    )
    .filter((lists) => Object.values(lists).some((values) => values !== undefined && values.length > 0))
}

export const arbitraryValues: fc.Arbitrary<FilterValues> = fc
  .record(Object.fromEntries(paths.map((path) => [path, arbitraryPath(path)])), { requiredKeys: [] })
  // Keys that are not required are left out, never undefined.
  .map((values) => values as FilterValues)

/** Documents with one value each, so that a wrong match cannot hide behind another, and one with none. */
export const lonelyValues: readonly FilterValues[] = [
  {},
  ...['lang', 'x'].flatMap((path) => strings.map((each) => ({ [path]: { strings: [each] } }))),
  ...['year', 'price', 'x'].flatMap((path) => numbers.map((each) => ({ [path]: { numbers: [each] } }))),
  ...['open', 'x', 'lang', 'year'].flatMap((path) => [true, false].map((each) => ({ [path]: { booleans: [each] } }))),
  ...instants.map((each) => ({ at: { strings: [`date ${each}`], instants: [each] } })),
]

const compares = ['gt', 'gte', 'lt', 'lte'] as const

const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ op: fc.constant('in' as const), path: fc.constantFrom(...paths), values: list(scalar) }),
    fc.record({ op: fc.constant('exists' as const), path: fc.constantFrom(...paths, 'nowhere') }),
    fc.record({
      op: fc.constant('range' as const),
      path: fc.constantFrom(...rangePaths),
      on: fc.constant('numbers' as const),
      compare: fc.constantFrom(...compares),
      value: fc.constantFrom(...numbers),
    }),
    fc.record({
      op: fc.constant('range' as const),
      path: fc.constant('at'),
      on: fc.constant('instants' as const),
      compare: fc.constantFrom(...compares),
      value: fc.constantFrom(...instants),
    }),
    fc.record({ op: fc.constant('not' as const), filter: tie('filter') }),
    // An empty `and` holds for everything; it stands where a user wrote {}.
    fc.record({ op: fc.constant('and' as const), filters: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ op: fc.constant('or' as const), filters: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
  ),
}))

export const arbitraryFilter: fc.Arbitrary<Filter> = filter

/** Conditions one by one: the plain cases, before chance combines them. */
export const oneByOne: readonly Filter[] = [
  ...['lang', 'x', 'year', 'open'].flatMap((path): Filter[] => [
    ...([1, '1', true, 'true', 0, false, ''] as const).map((value): Filter => ({ op: 'in', path, values: [value] })),
    { op: 'in', path, values: ['a', 1, true] },
    { op: 'exists', path },
    { op: 'not', filter: { op: 'exists', path } },
    { op: 'not', filter: { op: 'in', path, values: ['a', 1, true] } },
  ]),
  ...strings.flatMap((value) => ['lang', 'x'].map((path): Filter => ({ op: 'in', path, values: [value] }))),
  ...numbers.flatMap((value): Filter[] => [
    { op: 'in', path: 'year', values: [value] },
    { op: 'in', path: 'x', values: [value] },
  ]),
  ...compares.flatMap((compare): Filter[] => [
    { op: 'range', path: 'year', on: 'numbers', compare, value: 1 },
    { op: 'range', path: 'price', on: 'numbers', compare, value: 0.1 },
    { op: 'range', path: 'x', on: 'numbers', compare, value: 1e300 },
    { op: 'range', path: 'at', on: 'instants', compare, value: 1_706_702_400_000 },
    { op: 'range', path: 'at', on: 'instants', compare, value: -1 },
  ]),
  // Each side of a range may be met by another value of a list.
  {
    op: 'and',
    filters: [
      { op: 'range', path: 'x', on: 'numbers', compare: 'gt', value: 2000 },
      { op: 'range', path: 'x', on: 'numbers', compare: 'lt', value: 0 },
    ],
  },
  { op: 'and', filters: [] },
  { op: 'not', filter: { op: 'and', filters: [] } },
  { op: 'not', filter: { op: 'not', filter: { op: 'in', path: 'lang', values: ['a'] } } },
]
