import type { Filter, Namespace } from '@tandemstore/core/adapter'
import { namespaceBytes, prefixEnd } from './bytes.js'
import type { Database } from './database.js'
import { filterToSql, inDocument, inIndex, type SqlCondition, type TermLookup } from './filter-sql.js'
import type { Space } from './vectors-spaces.js'

/** The part of all documents that is reached faster through an index than by reading all. */
const SELECTIVE_PART = 1 / 8
/** So few documents are always reached through an index. */
const FEW_DOCUMENTS = 1000

export interface SearchConditions {
  /** Where the rows of documents come from, after the name of the table. */
  readonly source: string
  /** Conditions, each after an AND. */
  readonly sql: string
  readonly params: readonly (string | Uint8Array)[]
}

/**
 * Prefix and filter as conditions on the documents `d` of a search. Which index is used is decided here, by counting as far as it
 * matters, since SQLite has no statistics to decide by. The answer does not depend on it.
 */
export function searchConditions(
  db: Database,
  space: Space,
  { prefix, filter }: { readonly prefix: Namespace; readonly filter?: Filter | undefined },
): SearchConditions {
  const { document, documentRef, term } = space.tables
  const most = db.prepare(`SELECT max(id) AS most FROM ${document}`).get()?.most as number | null
  const few = Math.max(FEW_DOCUMENTS, Math.floor((most ?? 0) * SELECTIVE_PART))
  const counts = (from: string, params: readonly (string | Uint8Array)[]): boolean => {
    const sql = `SELECT count(*) AS count FROM (SELECT 1 FROM ${from} LIMIT ?)`
    return (db.prepare(sql).get(...params, few)?.count as number) < few
  }
  const begin = namespaceBytes(prefix)
  const range = [begin, prefixEnd(begin)]
  const narrow =
    prefix.length > 0 && counts(`${document} INDEXED BY ${documentRef} WHERE namespace >= ? AND namespace < ?`, range)
  const lookup: TermLookup = (path, terms) => {
    // Where few documents are left anyhow, what they carry is read sooner than an index of all.
    const indexed = !narrow && space.declared.has(path) && counts(`${term} WHERE ${terms.sql}`, terms.params)
    return (indexed ? inIndex(term) : inDocument)(path, terms)
  }
  const condition: SqlCondition = filter === undefined ? { sql: '', params: [] } : filterToSql(filter, lookup)
  return {
    source: narrow ? `INDEXED BY ${documentRef}` : 'NOT INDEXED',
    sql: [
      prefix.length > 0 ? 'AND d.namespace >= ? AND d.namespace < ?' : '',
      filter === undefined ? '' : `AND ${condition.sql}`,
    ].join(' '),
    params: [...(prefix.length > 0 ? range : []), ...condition.params],
  }
}
