import type { Filter } from '@tandemstore/core/adapter'
import { existsTerm, rangeTerms, scalarTerm } from './terms.js'

/** A condition and what is bound to its question marks, in order. */
export interface SqlCondition {
  readonly sql: string
  readonly params: readonly (string | number | Uint8Array)[]
}

/** How a condition on the terms of a document is asked. `terms` is a condition on the column `term`. */
export type TermLookup = (path: string, terms: SqlCondition) => SqlCondition

/**
 * A filter as a condition, with the meaning of core's `matchesFilter`. It is never NULL, so that NOT is its exact
 * negation.
 */
export function filterToSql(filter: Filter, lookup: TermLookup): SqlCondition {
  switch (filter.op) {
    case 'and':
    case 'or':
      return join(
        filter.filters.map((each) => filterToSql(each, lookup)),
        filter.op,
      )
    case 'not': {
      const { sql, params } = filterToSql(filter.filter, lookup)
      return { sql: `NOT ${sql}`, params }
    }
    case 'exists':
      return lookup(filter.path, { sql: 'term = ?', params: [existsTerm(filter.path)] })
    case 'in': {
      const terms = filter.values.map((value) => scalarTerm(filter.path, value))
      // One parameter for a list of any length.
      return lookup(
        filter.path,
        terms.length === 1
          ? { sql: 'term = ?', params: terms }
          : { sql: 'term IN (SELECT value FROM json_each(?))', params: [JSON.stringify(terms)] },
      )
    }
    case 'range': {
      const { low, high } = rangeTerms(filter.path, filter.on, filter.compare, filter.value)
      return lookup(filter.path, { sql: 'term >= ? AND term < ?', params: [low, high] })
    }
  }
}

/** Joins conditions as a balanced tree: SQLite refuses expressions deeper than 1,000. */
function join(conditions: readonly SqlCondition[], op: 'and' | 'or'): SqlCondition {
  const [first] = conditions
  if (first === undefined) return { sql: op === 'and' ? '(1)' : '(0)', params: [] }
  if (conditions.length === 1) return first
  const middle = conditions.length >>> 1
  const left = join(conditions.slice(0, middle), op)
  const right = join(conditions.slice(middle), op)
  return {
    sql: `(${left.sql} ${op === 'and' ? 'AND' : 'OR'} ${right.sql})`,
    params: [...left.params, ...right.params],
  }
}

/** Looks at the terms that each document carries (the column `terms`, a JSON array of texts). */
export const inDocument: TermLookup = (_path, { sql, params }) => ({
  sql: `(EXISTS (SELECT 1 FROM (SELECT value AS term FROM json_each(d.terms)) WHERE ${sql}))`,
  params,
})

/** Looks in the index of terms. */
export function inIndex(termTable: string): TermLookup {
  return (_path, { sql, params }) => ({ sql: `(d.id IN (SELECT document FROM ${termTable} WHERE ${sql}))`, params })
}
