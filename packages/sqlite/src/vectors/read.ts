import { invalid, type Namespace, type PointRecord } from '@tandemstore/core/adapter'
import { bytesToNamespace, bytesToText, namespaceBytes, prefixEnd, textBytes } from '../bytes.js'
import type { Database } from '../database.js'
import { operation } from '../operation.js'
import { POINTS_PER_DOCUMENT } from './point-id.js'
import { readSpace, type SpaceTables } from './space.js'

interface StoredRecord {
  readonly document: number
  readonly point: number
  readonly namespace: Uint8Array
  readonly key: Uint8Array
  readonly version: string
  readonly fingerprint: string
  readonly expires_at: number | null
  readonly uuid: string
  readonly field: string
  readonly part: number
  readonly hash: string
}

const RECORD = `d.id AS document, p.id AS point, d.namespace, d.key, d.version, d.fingerprint, d.expires_at,
  p.uuid, p.field, p.part, p.hash`

function toRecord(stored: StoredRecord): PointRecord {
  const { uuid: id, field, part, version, hash, fingerprint, expires_at: expiresAt } = stored
  return {
    id,
    namespace: bytesToNamespace(stored.namespace),
    key: bytesToText(stored.key),
    field,
    part,
    version,
    hash,
    fingerprint,
    ...(expiresAt !== null && { expiresAt }),
  }
}

/** Points under a prefix in order of namespace, key, row and point, from a place on. */
export function scanSql({ document, documentRef, point }: SpaceTables): string {
  return `SELECT ${RECORD}
    FROM ${document} d INDEXED BY ${documentRef} CROSS JOIN ${point} p
      ON p.id >= d.id * ${POINTS_PER_DOCUMENT} AND p.id < (d.id + 1) * ${POINTS_PER_DOCUMENT}
    WHERE (d.namespace, d.key, d.id) >= (?, ?, ?) AND d.namespace < ? AND NOT (d.id = ? AND p.id <= ?)
    ORDER BY d.namespace, d.key, d.id, p.id LIMIT ?`
}

/** Where a page ended. */
interface Place {
  readonly namespace: Uint8Array
  readonly key: Uint8Array
  readonly document: number
  readonly point: number
}

function scan(
  db: Database,
  args: { space: number; prefix: Namespace; cursor?: string | undefined; limit: number },
): { points: PointRecord[]; cursor?: string | undefined } {
  const { tables } = readSpace(db, args.space)
  const prefix = namespaceBytes(args.prefix)
  const from: Place =
    args.cursor === undefined
      ? { namespace: prefix, key: new Uint8Array(0), document: 0, point: 0 }
      : fromCursor(args.cursor)
  const rows = db
    .prepare(scanSql(tables))
    .all(
      from.namespace,
      from.key,
      from.document,
      prefixEnd(prefix),
      from.document,
      from.point,
      args.limit + 1,
    ) as unknown as StoredRecord[]
  const page = rows.slice(0, args.limit)
  const last = page.at(-1)
  const points = page.map(toRecord)
  return rows.length > args.limit && last !== undefined ? { points, cursor: toCursor(last) } : { points }
}

function toCursor({ namespace, key, document, point }: StoredRecord): string {
  return JSON.stringify([bytesToNamespace(namespace), bytesToText(key), document, point])
}

function fromCursor(cursor: string): Place {
  try {
    const [namespace, key, document, point] = JSON.parse(cursor)
    return { namespace: namespaceBytes(namespace), key: textBytes(key), document, point }
  } catch {
    throw invalid('cursor', 'a cursor that scan gave')
  }
}

export const vectorsRead = {
  vectorsGet: operation('read', (db, { space, ids }: { space: number; ids: readonly string[] }) => {
    const { document, point } = readSpace(db, space).tables
    const statement = db.prepare(
      `SELECT ${RECORD} FROM ${point} p CROSS JOIN ${document} d ON d.id = p.id / ${POINTS_PER_DOCUMENT} WHERE p.uuid = ?`,
    )
    return ids.map((id) => {
      const stored = statement.get(id)
      return stored && toRecord(stored as unknown as StoredRecord)
    })
  }),
  vectorsScan: operation('read', scan),
  vectorsCount: operation('read', (db, { space }: { space: number }): number => {
    const { point } = readSpace(db, space).tables
    return db.prepare(`SELECT count(*) AS count FROM ${point}`).get()?.count as number
  }),
}
