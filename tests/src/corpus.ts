import type { JsonObject } from '@tandemstore/core'
import fc from 'fast-check'

/** Labels that are one another's neighbours, or that a query language could mistake for something else. */
export const labels = [
  'a',
  'A',
  'ab',
  'a/b',
  'a.b',
  'a%',
  'a_',
  '%',
  '_',
  '"a"',
  "'a'",
  'a\\',
  'a\u0001',
  '\u00e9',
  'e\u0301',
  '\u{1f600}',
  '\u{1f600}\u{1f3fd}',
  '日本',
] as const

/** What the documents of the corpus hold beside their texts. */
export interface Facts {
  readonly lang?: string
  readonly year?: number
  readonly tags?: readonly (string | number | boolean | null)[]
  readonly deep?: { readonly ok?: boolean }
}

export interface CorpusDocument {
  readonly namespace: readonly string[]
  readonly key: string
  readonly value: JsonObject & Facts & { readonly title: string; readonly body?: string }
}

const words = ['sea', 'land', 'sky', 'fire', 'stone', 'tree', 'wind']
export const sentence: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...words), { minLength: 1, maxLength: 5 })
  .map((each) => each.join(' '))

export const prefix: fc.Arbitrary<string[]> = fc.array(fc.constantFrom(...labels), { maxLength: 2 })

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined })

export const document: fc.Arbitrary<CorpusDocument> = fc
  .record({
    namespace: fc.array(fc.constantFrom(...labels), { minLength: 1, maxLength: 3 }),
    key: fc.constantFrom('1', '2', '3', '%', "'"),
    title: sentence,
    body: optional(sentence),
    lang: optional(fc.constantFrom('en', 'de', "l'été", '%')),
    year: optional(fc.constantFrom(1999, 2020, 2020.5, -1)),
    tags: optional(fc.array(fc.constantFrom('x', 'y', 2020, true, null, '2020'), { maxLength: 3 })),
    ok: optional(fc.boolean()),
  })
  .map(({ namespace, key, ok, ...value }) => ({
    namespace,
    key,
    // Without the names that hold nothing, as JSON has no undefined.
    value: JSON.parse(
      JSON.stringify({ ...value, deep: ok === undefined ? undefined : { ok } }),
    ) as CorpusDocument['value'],
  }))

/** A filter with its plain meaning. */
export interface FilterCase {
  readonly filter: Record<string, unknown>
  holds(value: Facts): boolean
}

const scalar = fc.constantFrom('en', 'de', "l'été", '%', 'x', 'y', '2020', 1999, 2020, -1, true, false)
const path = fc.constantFrom('lang', 'year', 'tags', 'deep.ok', 'absent')

function valuesAt(value: Facts, at: string): unknown[] {
  const found: Record<string, unknown> = {
    lang: value.lang,
    year: value.year,
    tags: value.tags,
    'deep.ok': value.deep?.ok,
  }
  return [found[at]].flat().filter((each) => each !== undefined && each !== null)
}

const comparison: fc.Arbitrary<FilterCase> = fc.oneof(
  fc
    .tuple(path, scalar)
    .map(([at, to]) => ({ filter: { [at]: to }, holds: (value: Facts) => valuesAt(value, at).includes(to) })),
  fc.tuple(path, scalar).map(([at, to]) => ({
    filter: { [at]: { $ne: to } },
    holds: (value: Facts) => !valuesAt(value, at).includes(to),
  })),
  fc.tuple(path, fc.array(scalar, { minLength: 1, maxLength: 3 })).map(([at, to]) => ({
    filter: { [at]: { $in: to } },
    holds: (value: Facts) => valuesAt(value, at).some((each) => to.includes(each as string)),
  })),
  fc.tuple(path, fc.boolean()).map(([at, is]) => ({
    filter: { [at]: { $exists: is } },
    holds: (value: Facts) => valuesAt(value, at).length > 0 === is,
  })),
  path.map((at) => ({ filter: { [at]: null }, holds: (value: Facts) => valuesAt(value, at).length === 0 })),
  fc.tuple(path, fc.constantFrom(1999, 2020, 2021)).map(([at, than]) => ({
    filter: { [at]: { $gte: than, $lt: than + 1 } },
    // Each operator on its own: two values may satisfy one each.
    holds: (value: Facts) => {
      const numbers = valuesAt(value, at).filter((each) => typeof each === 'number')
      return numbers.some((each) => each >= than) && numbers.some((each) => each < than + 1)
    },
  })),
)

export const filterCase: fc.Arbitrary<FilterCase> = fc.letrec<{ filter: FilterCase }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: comparison },
    {
      weight: 1,
      arbitrary: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }).map((all) => ({
        filter: { $and: all.map(({ filter }) => filter) },
        holds: (value: Facts) => all.every((each) => each.holds(value)),
      })),
    },
    {
      weight: 1,
      arbitrary: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }).map((all) => ({
        filter: { $or: all.map(({ filter }) => filter) },
        holds: (value: Facts) => all.some((each) => each.holds(value)),
      })),
    },
    {
      weight: 1,
      arbitrary: tie('filter').map(({ filter, holds }) => ({
        filter: { $not: filter },
        holds: (value: Facts) => !holds(value),
      })),
    },
  ),
})).filter
