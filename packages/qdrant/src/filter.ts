import type { Filter } from '@tandemstore/core/adapter'
import { allOf, anyOf, type Condition, equals } from './conditions.js'
import { toOrdered } from './ordered-number.js'
import { KEYS, pathName, scalarName } from './payload.js'

/** The key of what one path reaches: `is` (all scalars, by name), `numbers.min`, `instants.maxLow` and so on. */
export function valueKey(path: string, rest: string): string {
  return `${KEYS.values}.${pathName(path)}.${rest}`
}

/** A filter in Qdrant's terms, with the meaning of `matchesFilter`. */
export function compileFilter(filter: Filter): Condition {
  switch (filter.op) {
    case 'and':
      return allOf(filter.filters.map(compileFilter))
    case 'or':
      return anyOf(filter.filters.map(compileFilter))
    case 'not':
      return { must_not: [compileFilter(filter.filter)] }
    case 'exists':
      return { key: KEYS.paths, match: { value: pathName(filter.path) } }
    case 'in': {
      const names = [...new Set(filter.values.map(scalarName))]
      return anyOf(names.length === 0 ? [] : [{ key: valueKey(filter.path, 'is'), match: { any: names } }])
    }
    case 'range':
      return compileRange(filter)
  }
}

/** Some value lies above a bound if the greatest does, and below one if the least does. */
function compileRange({ path, on, compare, value }: Extract<Filter, { op: 'range' }>): Condition {
  const end = compare.startsWith('gt') ? 'max' : 'min'
  const strict = compare.startsWith('gt') ? 'gt' : 'lt'
  const { high, low } = toOrdered(value)
  const highKey = valueKey(path, `${on}.${end}`)
  return anyOf([
    { key: highKey, range: { [strict]: high } },
    allOf([equals(highKey, high), { key: valueKey(path, `${on}.${end}Low`), range: { [compare]: low } }]),
  ])
}
