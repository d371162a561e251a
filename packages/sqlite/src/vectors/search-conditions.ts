import type { DocumentRef, Namespace, VectorQuery } from '@tandemstore/core/adapter'
import { namespaceBytes, prefixEnd, textBytes } from '../bytes.js'
import type { Database } from '../database.js'
import { filterToSql, inDocument, inIndex, type SqlCondition, type TermLookup } from './filter-sql.js'
import { POINTS_PER_DOCUMENT, type Space } from './spaces.js'

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
 * Which points a search compares. Which index is used is decided here, by counting as far as it matters, since SQLite has no statistics
 * to decide by. What passes does not depend on it.
 */
export function searchConditions(
  db: Database,
  space: Space,
  query: Omit<VectorQuery, 'vector' | 'limit' | 'minScore'>,
): SearchConditions {
  const { document, documentRef, point } = space.tables
  const { prefix, filter, now } = query
  const excluded = excludedIds(db, space, query.exclude ?? [])
  if (prefix.length === 0 && filter === undefined) {
    // Nearly every point passes: they are read alone, and the few documents that do not pass are looked up before.
    const expired = db.prepare(`SELECT id FROM ${document} WHERE expires_at <= ?`).all(now)
    const passedOver = [...excluded, ...expired.map((row) => row.id as number)]
    return passedOver.length === 0
      ? { from: `${point} p`, where: '1', params: [] }
      : {
          from: `${point} p`,
          where: `p.id / ${POINTS_PER_DOCUMENT} NOT IN (SELECT value FROM json_each(?))`,
          params: [JSON.stringify(passedOver)],
        }
  }
  const narrow = prefix.length > 0 && isFew(db, space, ...underPrefix(space, prefix))
  const conditions: SqlCondition[] = [{ sql: '(d.expires_at IS NULL OR d.expires_at > ?)', params: [now] }]
  if (prefix.length > 0) conditions.push({ sql: 'd.namespace >= ? AND d.namespace < ?', params: rangeOf(prefix) })
  if (filter !== undefined) conditions.push(filterToSql(filter, termLookup(db, space, narrow)))
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

function termLookup(db: Database, space: Space, narrow: boolean): TermLookup {
  const { term } = space.tables
  return (path, terms) => {
    // Where few documents are left anyhow, what they carry is read sooner than an index of all.
    const indexed = !narrow && space.declared.has(path) && isFew(db, space, `${term} WHERE ${terms.sql}`, terms.params)
    return (indexed ? inIndex(term) : inDocument)(path, terms)
  }
}

/** Whether so few rows come `from` somewhere that it is faster to get the documents by an index than to read all. */
function isFew(db: Database, space: Space, from: string, params: SqlCondition['params']): boolean {
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

function excludedIds(db: Database, space: Space, exclude: readonly DocumentRef[]): number[] {
  const statement = db.prepare(`SELECT id FROM ${space.tables.document} WHERE namespace = ? AND key = ?`)
  return exclude.flatMap(({ namespace, key }) =>
    statement.all(namespaceBytes(namespace), textBytes(key)).map((row) => row.id as number),
  )
}
