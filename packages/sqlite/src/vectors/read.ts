import { invalid, type Namespace, type PointRecord } from '@tandemstore/core/adapter'
import { bytesToNamespace, bytesToText, namespaceBytes, prefixEnd, textBytes } from '../bytes.js'
import type { Database } from '../database.js'
import { operation } from '../operation.js'
import { POINTS_PER_DOCUMENT } from './point-id.js'
import { readSpace, type Space, type SpaceTables } from './space.js'
import { bytesVector } from './vector-math.js'

/** A record as SQL gives it: arrays are made faster than objects. The columns are those of RECORD. */
type StoredRecord = readonly [
  document: number,
  point: number,
  namespace: Uint8Array,
  key: Uint8Array,
  version: string,
  fingerprint: string,
  expiresAt: number | null,
  uuid: string,
  field: string,
  part: number,
  hash: string,
  vectorBytes: number,
]

const RECORD = `d.id, p.id, d.namespace, d.key, d.version, d.fingerprint, d.expires_at, p.uuid, p.field, p.part, p.hash,
  length(p.vector)`

function toRecord(stored: StoredRecord, { dimensions }: Space): PointRecord {
  const [, , namespace, key, version, fingerprint, expiresAt, id, field, part, hash, vectorBytes] = stored
  return {
    id,
    namespace: bytesToNamespace(namespace),
    key: bytesToText(key),
    field,
    part,
    version,
    hash,
    fingerprint,
    ...(expiresAt !== null && { expiresAt }),
    ...(dimensions > 0 && vectorBytes === 0 && { lacksVector: true }),
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
  const space = readSpace(db, args.space)
  const prefix = namespaceBytes(args.prefix)
  const from: Place =
    args.cursor === undefined
      ? { namespace: prefix, key: new Uint8Array(0), document: 0, point: 0 }
      : fromCursor(args.cursor)
  const statement = db.prepare(scanSql(space.tables))
  statement.setReturnArrays(true)
  const rows = statement.all(
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
  const points = page.map((each) => toRecord(each, space))
  return rows.length > args.limit && last !== undefined ? { points, cursor: toCursor(last) } : { points }
}

function toCursor([document, point, namespace, key]: StoredRecord): string {
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
  vectorsGet: operation('read', (db, args: { space: number; ids: readonly string[] }) => {
    const space = readSpace(db, args.space)
    const { document, point } = space.tables
    const statement = db.prepare(
      `SELECT ${RECORD} FROM ${point} p CROSS JOIN ${document} d ON d.id = p.id / ${POINTS_PER_DOCUMENT} WHERE p.uuid = ?`,
    )
    statement.setReturnArrays(true)
    return args.ids.map((id) => {
      const stored: unknown = statement.get(id)
      return stored === undefined ? undefined : toRecord(stored as StoredRecord, space)
    })
  }),
  vectorsOf: operation('read', (db, { space, ids }: { space: number; ids: readonly string[] }) => {
    const { point } = readSpace(db, space).tables
    const statement = db.prepare(`SELECT vector FROM ${point} WHERE uuid = ?`)
    return ids.map((id) => {
      const bytes = statement.get(id)?.vector as Uint8Array | undefined
      // A copy, as a view would take all that it is a view of to the other thread.
      return bytes === undefined || bytes.length === 0 ? undefined : bytesVector(bytes).slice()
    })
  }),
  vectorsScan: operation('read', scan),
  vectorsCount: operation('read', (db, { space }: { space: number }): number => {
    const { point } = readSpace(db, space).tables
    return db.prepare(`SELECT count(*) AS count FROM ${point}`).get()?.count as number
  }),
}
