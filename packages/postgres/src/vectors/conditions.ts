import { hash } from 'node:crypto'
import { type DocumentRef, type Filter, type PointQuery, refId } from '@tandemstore/core/adapter'
import { encodeNamespace, prefixEnd } from '../names.js'
import { INDEXED_CHARACTERS } from '../schema/space-tables.js'
import { existsTerm, rangeTerms, scalarTerm } from './terms.js'

/** The values of a statement; `add` gives the name of one in it. */
export class Values {
  readonly all: unknown[] = []
  readonly #nameOf: (place: number) => string

  /** `nameOf`: how the statement names the value of a place, from 1. Default: `$1` and so on. */
  constructor(nameOf = (place: number) => `$${place}`) {
    this.#nameOf = nameOf
  }

  add(value: unknown): string {
    this.all.push(value)
    return this.#nameOf(this.all.length)
  }
}

/** One number for a document, in the form of a UUID: the first 16 bytes of the SHA-256 of namespace and key. */
export function documentId(ref: DocumentRef): string {
  const hex = hash('sha256', refId(ref))
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}

/** What a point `p` has to meet to be found, as conditions that are never NULL. */
export function conditionsOf({ prefix, filter, now, exclude = [] }: PointQuery, values: Values): string {
  const conditions = [`(p.expires_at IS NULL OR p.expires_at > ${values.add(now)}::bigint)`]
  if (prefix.length > 0) conditions.push(underPrefix(encodeNamespace(prefix), values))
  if (filter !== undefined) conditions.push(filterToSql(filter, values))
  if (exclude.length > 0) {
    const ids = values.add(JSON.stringify(exclude.map(documentId)))
    conditions.push(`p.document NOT IN (SELECT e.id::uuid FROM json_array_elements_text(${ids}::json) AS e(id))`)
  }
  return conditions.join(' AND ')
}

/** Whether the namespace of a point `p` begins with a prefix. The index has the first characters of it. */
export function underPrefix(prefix: string, values: Values): string {
  const [low, high] = [values.add(prefix), values.add(prefixEnd(prefix))]
  return (
    `(left(p.namespace, ${INDEXED_CHARACTERS}) >= left(${low}::text, ${INDEXED_CHARACTERS}) ` +
    `AND left(p.namespace, ${INDEXED_CHARACTERS}) <= left(${high}::text, ${INDEXED_CHARACTERS}) ` +
    `AND p.namespace >= ${low}::text AND p.namespace < ${high}::text)`
  )
}

/** A filter on a point `p` with the meaning of core's `matchesFilter`. Never NULL, so that NOT is its exact negation. */
export function filterToSql(filter: Filter, values: Values): string {
  switch (filter.op) {
    case 'and':
    case 'or': {
      if (filter.filters.length === 0) return filter.op === 'and' ? 'true' : 'false'
      const each = filter.filters.map((one) => filterToSql(one, values))
      return `(${each.join(filter.op === 'and' ? ' AND ' : ' OR ')})`
    }
    case 'not':
      return `(NOT ${filterToSql(filter.filter, values)})`
    case 'exists':
      return `(p.terms @> ARRAY[${values.add(existsTerm(filter.path))}::text])`
    case 'in': {
      const terms = filter.values.map((value) => scalarTerm(filter.path, value))
      const [only] = terms
      if (terms.length === 1) return `(p.terms @> ARRAY[${values.add(only)}::text])`
      return `(p.terms && ARRAY(SELECT json_array_elements_text(${values.add(JSON.stringify(terms))}::json)))`
    }
    case 'range': {
      const { low, high } = rangeTerms(filter.path, filter.on, filter.compare, filter.value)
      return `EXISTS (SELECT FROM unnest(p.terms) AS t
        WHERE t COLLATE "C" >= ${values.add(low)} AND t COLLATE "C" < ${values.add(high)})`
    }
  }
}
