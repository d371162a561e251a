import type { Json } from '@tandemstore/core/adapter'

/** Paths whose texts are dates (RFC 3339), which may be compared with dates. */
export type Dates = ReadonlySet<string>

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

/** Whether an operand is an object of operators; one without any entry passes everything. */
export function isOperators(operand: unknown): operand is Readonly<Record<string, Json>> {
  return isPlainObject(operand) && Object.keys(operand).every((name) => name.startsWith('$'))
}

/** Whether a value, `undefined` where there is none, satisfies an operand as LangGraph means it. */
export function matchesOperand(
  value: Json | undefined,
  operand: Json | undefined,
  path: string,
  dates: Dates,
): boolean {
  if (isOperators(operand))
    return Object.entries(operand).every(([name, bound]) => holds(name, value, bound, dates.has(path)))
  return contains(value, operand, path, dates)
}

/** Equal by content: an object has to hold what the operand holds, and may hold more; a list has to be the same. */
function contains(value: Json | undefined, operand: Json | undefined, path: string, dates: Dates): boolean {
  if (Array.isArray(operand)) {
    return Array.isArray(value) && value.length === operand.length && operand.every((each, i) => equal(value[i], each))
  }
  if (!isPlainObject(operand)) return value === operand
  if (!isPlainObject(value)) return false
  return Object.entries(operand).every(([name, inner]) =>
    matchesOperand(
      Object.hasOwn(value, name) ? (value[name] as Json) : undefined,
      inner as Json,
      `${path}.${name}`,
      dates,
    ),
  )
}

/** Equal by content, and nothing more. */
function equal(value: Json | undefined, other: Json | undefined): boolean {
  if (Array.isArray(other)) {
    return Array.isArray(value) && value.length === other.length && other.every((each, i) => equal(value[i], each))
  }
  if (!isPlainObject(other)) return value === other
  if (!isPlainObject(value)) return false
  const names = Object.keys(other)
  return (
    names.length === Object.keys(value).length &&
    names.every((name) => Object.hasOwn(value, name) && equal(value[name] as Json, other[name] as Json))
  )
}

function holds(operator: string, value: Json | undefined, bound: Json, isDate: boolean): boolean {
  switch (operator) {
    case '$eq':
      return equal(value, bound)
    case '$ne':
      return !equal(value, bound)
    case '$in':
      return (bound as readonly Json[]).some((each) => equal(value, each))
    case '$nin':
      return !(bound as readonly Json[]).some((each) => equal(value, each))
    case '$exists':
      return hasScalar(value) === bound
    default: {
      const [a, b] = [comparable(value, isDate), comparable(bound, isDate)]
      if (operator === '$gt') return a > b
      if (operator === '$gte') return a >= b
      return operator === '$lt' ? a < b : a <= b
    }
  }
}

/** As LangGraph compares: by `Number()`, whatever it is. Dates are compared on paths that are declared as such. */
export function comparable(value: Json | undefined, isDate: boolean): number {
  if (isDate && typeof value === 'string') return rfc3339.test(value) ? Date.parse(value) : Number.NaN
  if (Array.isArray(value)) return numberOfList(value)
  // `Number()` would throw for an object with a property of its own that is named toString.
  return typeof value === 'object' && value !== null ? Number.NaN : Number(value)
}

/** JavaScript makes a text of a list first: of [] the empty one, of [5] "5", of [1, 2] "1,2". */
function numberOfList(list: readonly Json[]): number {
  const [only] = list
  if (list.length > 1) return Number.NaN
  if (only === undefined || only === null) return 0
  if (Array.isArray(only)) return numberOfList(only)
  return typeof only === 'object' ? Number.NaN : Number(String(only))
}

function hasScalar(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(hasScalar)
  return value !== undefined && value !== null && typeof value !== 'object'
}
