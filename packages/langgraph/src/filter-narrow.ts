import type { Json } from '@tandemstore/core/adapter'
import { comparable, type Dates, isOperators, isPlainObject } from './filter-match.js'

type Condition = Readonly<Record<string, unknown>>

const opposite: Readonly<Record<string, string>> = { $gt: '$lte', $gte: '$lt', $lt: '$gte', $lte: '$gt' }
/** A filter of Tandem that nothing passes: no path has and has not a value. */
const nothing: Condition = { $and: [{ none: { $exists: true } }, { none: { $exists: false } }] }
const unusable: ReadonlySet<string> = new Set(['', '__proto__', 'prototype', 'constructor'])

/**
 * The conditions as a filter of Tandem, which looks into lists and never mixes types, while LangGraph looks at the
 * value itself and compares by `Number()`. So that no result is lost, each becomes one that lets through at least as
 * much. Two lose what is rare, and the README names them: `$ne` and `$nin` also leave out a list that holds the
 * value, and a range a null and an empty list.
 */
export function narrow(
  conditions: readonly (readonly [name: string, operand: Json | undefined])[],
  dates: Dates,
): Condition | undefined {
  const parts = conditions.flatMap(([name, operand]) => operandParts([name], operand, dates))
  if (parts.length === 0) return undefined
  return parts.length === 1 ? parts[0] : { $and: parts }
}

function operandParts(names: readonly string[], operand: Json | undefined, dates: Dates): Condition[] {
  if (!isOperators(operand)) return equalParts(names, operand, dates)
  const path = pathOf(names)
  if (path === undefined) return []
  const isDate = dates.has(names.join('.'))
  return Object.entries(operand).flatMap(([operator, bound]) => operatorParts(path, operator, bound, isDate))
}

function equalParts(names: readonly string[], operand: Json | undefined, dates: Dates): Condition[] {
  // Of a list every element has to be there; objects in it share its path.
  if (Array.isArray(operand)) return operand.flatMap((each) => (isScalar(each) ? scalarParts(names, each) : []))
  if (isPlainObject(operand))
    return Object.entries(operand).flatMap(([name, inner]) => operandParts([...names, name], inner as Json, dates))
  return scalarParts(names, operand)
}

function scalarParts(names: readonly string[], operand: Json | undefined): Condition[] {
  if (typeof operand === 'number' && !Number.isFinite(operand)) return [nothing]
  const path = pathOf(names)
  return path === undefined ? [] : [{ [path]: operand ?? null }]
}

function operatorParts(path: string, operator: string, bound: Json, isDate: boolean): Condition[] {
  switch (operator) {
    case '$eq':
      if (bound === null) return [{ [path]: null }]
      return isScalar(bound) ? [{ [path]: { $eq: bound } }] : []
    case '$ne':
      return isScalar(bound) ? [{ [path]: { $ne: bound } }] : []
    case '$in': {
      const values = bound as readonly Json[]
      if (values.length === 0) return [nothing]
      return values.every(isScalar) ? [{ [path]: { $in: values } }] : []
    }
    case '$nin': {
      const values = (bound as readonly Json[]).filter(isScalar)
      return values.length > 0 ? [{ [path]: { $nin: values } }] : []
    }
    case '$exists':
      return [{ [path]: { $exists: bound } }]
    default:
      return rangeParts(path, operator, bound, isDate)
  }
}

/** Not on the other side of the bound: so a number that is a text passes too. */
function rangeParts(path: string, operator: string, bound: Json, isDate: boolean): Condition[] {
  const limit = comparable(bound, isDate)
  if (Number.isNaN(limit)) return [nothing]
  if (isDate && typeof bound === 'string') return [{ [path]: { [operator]: new Date(limit).toISOString() } }]
  const exists = { [path]: { $exists: true } }
  if (!Number.isFinite(limit)) return [exists]
  return [exists, { $not: { [path]: { [opposite[operator] as string]: limit } } }]
}

/**
 * Names as a path of Tandem, or `undefined` where it has none; then the index does not help, and the results are
 * looked through.
 */
function pathOf(names: readonly string[]): string | undefined {
  if (names.some((name) => unusable.has(name) || !name.isWellFormed() || name.includes('\0'))) return undefined
  const path = names.map((name) => name.replace(/[.[\]\\]/g, '\\$&')).join('.')
  return path.length > 1024 || path.startsWith('$') ? undefined : path
}

function isScalar(value: Json): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}
