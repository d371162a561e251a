import { invalid } from '../errors.js'
import type { Scalar } from '../ports/common.js'
import type { Filter, Filterable, FilterValues, PathValues } from '../ports/vector-records.js'
import { parseFilterPath } from './filter-paths.js'
import { parseInstant } from './instant.js'

const MAX_FILTER_DEPTH = 16
const MAX_FILTER_NODES = 1000
const operators = 'one of $eq $ne $gt $gte $lt $lte $in $nin $exists'

interface Context {
  readonly filterable: Filterable
  nodes: number
}

/**
 * Checks a filter as a user writes it and gives its normal form; `undefined` when it holds for everything.
 * `filterable` has normalised paths.
 */
export function parseFilter(filter: unknown, filterable: Filterable): Filter | undefined {
  if (filter === undefined) return undefined
  return parseObject(filter, 'filter', 1, { filterable, nodes: 0 })
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

function count(field: string, depth: number, context: Context): void {
  context.nodes += 1
  if (depth > MAX_FILTER_DEPTH) throw invalid(field, `a filter of at most ${MAX_FILTER_DEPTH} levels`)
  if (context.nodes > MAX_FILTER_NODES) throw invalid(field, `a filter of at most ${MAX_FILTER_NODES} conditions`)
}

function parseObject(value: unknown, field: string, depth: number, context: Context): Filter | undefined {
  if (!isPlainObject(value)) throw invalid(field, 'an object of paths and conditions')
  count(field, depth, context)
  const filters: Filter[] = []
  for (const [name, operand] of Object.entries(value)) {
    const at = `${field}.${name}`
    if (name === '$and' || name === '$or') {
      if (!Array.isArray(operand) || operand.length === 0) throw invalid(at, 'an array of at least one filter')
      const parsed = operand.map((each, i) => parseObject(each, `${at}[${i}]`, depth + 1, context))
      filters.push({
        op: name === '$and' ? 'and' : 'or',
        filters: parsed.map((each) => each ?? { op: 'and', filters: [] }),
      })
    } else if (name === '$not') {
      filters.push({ op: 'not', filter: parseObject(operand, at, depth + 1, context) ?? { op: 'and', filters: [] } })
    } else if (name.startsWith('$')) {
      throw invalid(at, 'a path, $and, $or or $not')
    } else {
      filters.push(...parseCondition(parseFilterPath(name, at), operand, at, depth + 1, context))
    }
  }
  if (filters.length === 0) return undefined
  return filters.length === 1 ? filters[0] : { op: 'and', filters }
}

/** A condition on what any of some paths reaches. */
function parseCondition(
  paths: readonly string[],
  operand: unknown,
  field: string,
  depth: number,
  context: Context,
): Filter[] {
  context.nodes += paths.length - 1
  if (!isPlainObject(operand)) {
    count(field, depth, context)
    return [equal(paths, operand, field)]
  }
  const entries = Object.entries(operand)
  if (entries.length === 0) throw invalid(field, 'a scalar, null, or an object with an operator')
  return entries.map(([operator, value]) => {
    const at = `${field}.${operator}`
    count(at, depth, context)
    return parseOperator(paths, operator, value, at, context.filterable)
  })
}

function parseOperator(
  paths: readonly string[],
  operator: string,
  value: unknown,
  field: string,
  filterable: Filterable,
): Filter {
  switch (operator) {
    case '$eq':
      return equal(paths, value, field)
    case '$ne':
      return negate(equal(paths, value, field))
    case '$in':
    case '$nin': {
      if (!Array.isArray(value) || value.length === 0) throw invalid(field, 'an array of at least one scalar')
      const values = value.map((each, i) => checkScalar(each, `${field}[${i}]`))
      const filter = anyOf(paths, (path) => ({ op: 'in', path, values }))
      return operator === '$in' ? filter : negate(filter)
    }
    case '$exists':
      if (typeof value !== 'boolean') throw invalid(field, 'true or false')
      return value ? exists(paths) : negate(exists(paths))
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return anyOf(paths, (path) => ({
        op: 'range',
        path,
        compare: operator.slice(1) as 'gt' | 'gte' | 'lt' | 'lte',
        ...bound(path, value, field, filterable),
      }))
    default:
      throw invalid(
        field,
        operator.startsWith('$')
          ? operators
          : `${operators} (a path into an object is written '${paths[0]}.${operator}')`,
      )
  }
}

function negate(filter: Filter): Filter {
  return filter.op === 'not' ? filter.filter : { op: 'not', filter }
}

function equal(paths: readonly string[], value: unknown, field: string): Filter {
  if (value === null) return negate(exists(paths))
  const values = [checkScalar(value, field, 'a string, a finite number, a boolean or null')]
  return anyOf(paths, (path) => ({ op: 'in', path, values }))
}

function exists(paths: readonly string[]): Filter {
  return anyOf(paths, (path) => ({ op: 'exists', path }))
}

function anyOf(paths: readonly string[], condition: (path: string) => Filter): Filter {
  const filters = paths.map(condition)
  return filters.length === 1 ? (filters[0] as Filter) : { op: 'or', filters }
}

function checkScalar(value: unknown, field: string, expected = 'a string, a finite number or a boolean'): Scalar {
  if (typeof value === 'string') {
    if (value.isWellFormed() && !value.includes('\0')) return value
    throw invalid(field, 'well-formed Unicode without NUL')
  }
  if (typeof value === 'boolean') return value
  // -0 is 0 in JSON.
  if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : value
  throw invalid(field, value instanceof Date ? `${expected}, not Date` : expected)
}

function bound(
  path: string,
  value: unknown,
  field: string,
  filterable: Filterable,
): { on: 'numbers' | 'instants'; value: number } {
  if (typeof value === 'number' && Number.isFinite(value)) return { on: 'numbers', value: value === 0 ? 0 : value }
  if (value instanceof Date) throw invalid(field, 'a date as RFC 3339 text (toISOString() gives it)')
  if (typeof value !== 'string')
    throw invalid(field, 'a finite number, or an RFC 3339 date on a path declared datetime')
  if (filterable[path] !== 'datetime')
    throw invalid(field, `a finite number (for a range of dates declare index.filterable: { '${path}': 'datetime' })`)
  const instant = parseInstant(value)
  if (instant === undefined) throw invalid(field, 'an RFC 3339 date such as 2026-01-31T12:00:00Z')
  return { on: 'instants', value: instant }
}

/** Whether a document's values satisfy a filter: the meaning that every index has to have. */
export function matchesFilter(filter: Filter, values: FilterValues): boolean {
  switch (filter.op) {
    case 'and':
      return filter.filters.every((each) => matchesFilter(each, values))
    case 'or':
      return filter.filters.some((each) => matchesFilter(each, values))
    case 'not':
      return !matchesFilter(filter.filter, values)
    case 'exists':
      return valuesAt(values, filter.path) !== undefined
    case 'in': {
      const at = valuesAt(values, filter.path)
      return at !== undefined && holdsOneOf(at, filter.values)
    }
    case 'range': {
      const { compare, value } = filter
      const numbers = valuesAt(values, filter.path)?.[filter.on] ?? []
      if (compare === 'gt') return numbers.some((each) => each > value)
      if (compare === 'gte') return numbers.some((each) => each >= value)
      if (compare === 'lt') return numbers.some((each) => each < value)
      return numbers.some((each) => each <= value)
    }
  }
}

function valuesAt(values: FilterValues, path: string): PathValues | undefined {
  return Object.hasOwn(values, path) ? values[path] : undefined
}

/** Few values are looked for one by one; many by a set, so that long lists on both sides do not cost their product. */
function holdsOneOf(at: PathValues, wanted: readonly Scalar[]): boolean {
  const { strings = [], numbers = [], booleans = [] } = at
  if (wanted.length <= 8) return wanted.some((value) => listFor(value, at).includes(value as never))
  const among = new Set(wanted)
  return [strings, numbers, booleans].some((list) => list.some((value) => among.has(value)))
}

function listFor(value: Scalar, { strings = [], numbers = [], booleans = [] }: PathValues): readonly Scalar[] {
  if (typeof value === 'string') return strings
  return typeof value === 'number' ? numbers : booleans
}
