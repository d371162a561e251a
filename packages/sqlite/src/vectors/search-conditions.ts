import type { DocumentRef, Filter, Namespace, VectorQuery } from '@tandemstore/core/adapter'
import { namespaceBytes, prefixEnd, textBytes } from '../bytes.js'
import type { Statements } from '../statements.js'
import { filterToSql, inDocument, inIndex, type SqlCondition, type TermLookup } from './filter-sql.js'
import { POINTS_PER_DOCUMENT } from './point-id.js'
import type { Space } from './space.js'

/** The part of all documents that is reached faster through an index than by reading all. */
const SELECTIVE_PART = 1 / 8
/** So few documents are always reached through an index. */
const FEW_DOCUMENTS = 1000

export interface SearchConditions {
  /** What follows FROM: the points `p` and, if they are needed, their documents `d`. */
  readonly from: string
  readonly where: string
  /** What is bound to the question marks of `where`. */
  readonly params: readonly (string | number | Uint8Array)[]
}

/**
 * Which points a search compares. Which index is used is decided here, by counting as far as it matters, since SQLite
 * has no statistics to decide by. What passes does not depend on it.
 */
export function searchConditions(
  db: Statements,
  space: Space,
  query: Omit<VectorQuery, 'vector' | 'limit' | 'minScore'>,
): SearchConditions {
  const { document, documentRef, point } = space.tables
  const { prefix, filter, now } = query
  if (prefix.length === 0 && filter === undefined) {
    // Nearly every point passes: they are read alone, and the few documents that do not pass are looked up before.
    const hidden = hiddenDocuments(db, space, query)
    return hidden.length === 0
      ? { from: `${point} p`, where: '1', params: [] }
      : {
          from: `${point} p`,
          where: `p.id / ${POINTS_PER_DOCUMENT} NOT IN (SELECT value FROM json_each(?))`,
          params: [JSON.stringify(hidden)],
        }
  }
  const excluded = excludedDocuments(db, space, query.exclude ?? [])
  const narrow = isNarrow(db, space, prefix)
  const conditions: SqlCondition[] = [
    { sql: '(d.expires_at IS NULL OR d.expires_at > ?)', params: [now] },
    ...scopeConditions(db, space, query, narrow),
  ]
  if (excluded.length > 0) {
    conditions.push({ sql: 'd.id NOT IN (SELECT value FROM json_each(?))', params: [JSON.stringify(excluded)] })
  }
  return {
    from: `${document} d ${narrow ? `INDEXED BY ${documentRef}` : 'NOT INDEXED'} CROSS JOIN ${point} p
      ON p.id >= d.id * ${POINTS_PER_DOCUMENT} AND p.id < (d.id + 1) * ${POINTS_PER_DOCUMENT}`,
    where: conditions.map(({ sql }) => sql).join(' AND '),
    params: conditions.flatMap(({ params }) => params),
  }
}

/** Documents that a search passes over, wherever they are: those that have expired, and those that are excluded. */
export function hiddenDocuments(
  db: Statements,
  space: Space,
  { now, exclude = [] }: Pick<VectorQuery, 'now' | 'exclude'>,
): number[] {
  const expired = db.prepare(`SELECT id FROM ${space.tables.document} WHERE expires_at <= ?`).all(now)
  return [...excludedDocuments(db, space, exclude), ...expired.map((row) => row.id as number)]
}

/** Documents under a prefix that pass a filter, also those that have expired; undefined for all there are. */
export function passingDocuments(
  db: Statements,
  space: Space,
  { prefix, filter }: Pick<VectorQuery, 'prefix' | 'filter'>,
): number[] | undefined {
  const { document, documentRef } = space.tables
  if (filter === undefined && holdsAll(db, space, prefix)) return undefined
  const indexed = prefix.length === 0 && filter !== undefined ? indexedDocuments(db, space, filter) : undefined
  if (indexed !== undefined) return indexed
  // A prefix alone is read from its index, however many documents are under it.
  const narrow = prefix.length > 0 && (filter === undefined || isNarrow(db, space, prefix))
  const conditions = scopeConditions(db, space, { prefix, filter }, narrow)
  const row = db
    .prepare(
      `SELECT json_group_array(d.id) AS ids FROM ${document} d ${narrow ? `INDEXED BY ${documentRef}` : 'NOT INDEXED'}
       WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`,
    )
    .get(...conditions.flatMap(({ params }) => params))
  return JSON.parse(row?.ids as string)
}

/**
 * The documents for which one condition holds, from the index of terms alone; undefined if that is not enough to
 * tell, or not faster.
 */
function indexedDocuments(db: Statements, space: Space, filter: Filter): number[] | undefined {
  if (filter.op === 'and' || filter.op === 'or' || filter.op === 'not') return undefined
  const { term } = space.tables
  let terms: SqlCondition | undefined
  filterToSql(filter, (path, condition) => {
    if (isIndexed(db, space, path, condition)) terms = condition
    return condition
  })
  if (terms === undefined) return undefined
  const sql = `SELECT json_group_array(document) AS ids FROM (SELECT DISTINCT document FROM ${term} WHERE ${terms.sql})`
  return JSON.parse(db.prepare(sql).get(...terms.params)?.ids as string)
}

function scopeConditions(
  db: Statements,
  space: Space,
  { prefix, filter }: Pick<VectorQuery, 'prefix' | 'filter'>,
  narrow: boolean,
): SqlCondition[] {
  const conditions: SqlCondition[] = []
  if (prefix.length > 0) conditions.push({ sql: 'd.namespace >= ? AND d.namespace < ?', params: rangeOf(prefix) })
  if (filter !== undefined) conditions.push(filterToSql(filter, termLookup(db, space, narrow)))
  return conditions
}

/** Whether every document is under a prefix. */
function holdsAll(db: Statements, space: Space, prefix: Namespace): boolean {
  if (prefix.length === 0) return true
  const { document } = space.tables
  const sql = `SELECT EXISTS (SELECT 1 FROM ${document} WHERE namespace < ?)
    OR EXISTS (SELECT 1 FROM ${document} WHERE namespace >= ?) AS others`
  return db.prepare(sql).get(...rangeOf(prefix))?.others === 0
}

/** Whether so few documents are under a prefix that they are reached by the index of namespaces. */
function isNarrow(db: Statements, space: Space, prefix: Namespace): boolean {
  return prefix.length > 0 && isFew(db, space, ...underPrefix(space, prefix))
}

function termLookup(db: Statements, space: Space, narrow: boolean): TermLookup {
  const { term } = space.tables
  return (path, terms) => {
    // Where few documents are left anyhow, what they carry is read sooner than an index of all.
    const indexed = !narrow && isIndexed(db, space, path, terms)
    return (indexed ? inIndex(term) : inDocument)(path, terms)
  }
}

/** Whether the index of terms is the faster way to the documents that a condition holds for. */
function isIndexed(db: Statements, space: Space, path: string, { sql, params }: SqlCondition): boolean {
  return space.declared.has(path) && isFew(db, space, `${space.tables.term} WHERE ${sql}`, params)
}

/** Whether so few rows come `from` somewhere that it is faster to get the documents by an index than to read all. */
function isFew(db: Statements, space: Space, from: string, params: SqlCondition['params']): boolean {
  const most = db.prepare(`SELECT max(id) AS most FROM ${space.tables.document}`).get()?.most as number | null
  const few = Math.max(FEW_DOCUMENTS, Math.floor((most ?? 0) * SELECTIVE_PART))
  const sql = `SELECT count(*) AS count FROM (SELECT 1 FROM ${from} LIMIT ?)`
  return (db.prepare(sql).get(...params, few)?.count as number) < few
}

function underPrefix(space: Space, prefix: Namespace): [from: string, params: SqlCondition['params']] {
  const { document, documentRef } = space.tables
  return [`${document} INDEXED BY ${documentRef} WHERE namespace >= ? AND namespace < ?`, rangeOf(prefix)]
}

function rangeOf(prefix: Namespace): Uint8Array[] {
  const begin = namespaceBytes(prefix)
  return [begin, prefixEnd(begin)]
}

function excludedDocuments(db: Statements, space: Space, exclude: readonly DocumentRef[]): number[] {
  const statement = db.prepare(`SELECT id FROM ${space.tables.document} WHERE namespace = ? AND key = ?`)
  return exclude.flatMap(({ namespace, key }) =>
    statement.all(namespaceBytes(namespace), textBytes(key)).map((row) => row.id as number),
  )
}
