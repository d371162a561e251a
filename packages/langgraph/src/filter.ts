import type { JsonObject } from '@tandemstore/core'
import { invalid, type Json } from '@tandemstore/core/adapter'
import { type Dates, isOperators, isPlainObject, matchesOperand } from './filter-match.js'
import { narrow } from './filter-narrow.js'
import { normaliseJson } from './value.js'

const operatorNames = ['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin', '$exists']

/** A filter of LangGraph in two forms. */
export interface CompiledFilter {
  /** Whether everything passes. */
  readonly isEmpty: boolean
  /** LangGraph's meaning. */
  readonly matches: (value: JsonObject) => boolean
  /**
   * What the index filters by while it searches. It lets through what `matches` does, and as little else as can be
   * said in it.
   */
  readonly narrowed: Readonly<Record<string, unknown>> | undefined
}

/** Compiles a filter. @throws StoreError INVALID_ARGUMENT for an unknown operator or an operand that is none. */
export function compileFilter(filter: unknown, dates: Dates = new Set()): CompiledFilter {
  if (filter === undefined || filter === null) return { isEmpty: true, matches: () => true, narrowed: undefined }
  if (!isPlainObject(filter)) throw invalid('filter', 'an object of names and conditions')
  const conditions = Object.entries(filter).map(
    ([name, operand]) => [name, normaliseOperand(operand, `filter.${name}`)] as const,
  )
  return {
    isEmpty: conditions.length === 0,
    matches: (value) => conditions.every(([name, operand]) => matchesOperand(ownOf(value, name), operand, name, dates)),
    narrowed: narrow(conditions, dates),
  }
}

function ownOf(value: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined
}

/** An operand as the values are: what JSON makes of it. `undefined` stays, as it matches what is not there. */
function normaliseOperand(operand: unknown, field: string): Json | undefined {
  if (operand === undefined) return undefined
  // JSON would make null of them, and no value equals them.
  if (typeof operand === 'number') return operand
  if (typeof operand === 'bigint') throw invalid(field, 'a number, not a bigint')
  if (Array.isArray(operand)) return operand.map((each, i) => normaliseOperand(each, `${field}[${i}]`) as Json)
  if (!isPlainObject(operand)) return normaliseJson(operand, field)
  const entries = Object.entries(operand)
  if (entries.some(([name]) => name.startsWith('$'))) {
    const unknown = entries.find(([name]) => !operatorNames.includes(name))
    if (unknown !== undefined) throw invalid(`${field}.${unknown[0]}`, `one of ${operatorNames.join(' ')}`)
  }
  const normalised = Object.fromEntries(
    entries.map(([name, inner]) => [name, normaliseOperand(inner, `${field}.${name}`)]),
  )
  if (isOperators(normalised)) checkOperands(normalised, field)
  return normalised as Json
}

function checkOperands(operators: Readonly<Record<string, unknown>>, field: string): void {
  for (const name of ['$in', '$nin']) {
    if (name in operators && !Array.isArray(operators[name])) throw invalid(`${field}.${name}`, 'an array')
  }
  if ('$exists' in operators && typeof operators.$exists !== 'boolean')
    throw invalid(`${field}.$exists`, 'true or false')
}
