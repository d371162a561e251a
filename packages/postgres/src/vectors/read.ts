import { invalid, type Namespace, type PointRecord } from '@tandemstore/core/adapter'
import type { Row } from '../connection.js'
import { decodeNamespace, encodeNamespace } from '../names.js'
import { INDEXED_CHARACTERS } from '../schema/space-tables.js'
import { underPrefix, Values } from './conditions.js'
import type { Space } from './space.js'

const RECORD = `p.id, p.namespace, p.key, p.field, p.part, p.version, p.hash, p.fingerprint, p.expires_at,
  p.embedding IS NULL AS bare`

export function toRecord(row: Row, { dimensions }: Space): PointRecord {
  const { expires_at: expiresAt } = row
  return {
    id: row.id as string,
    namespace: decodeNamespace(row.namespace as string),
    key: row.key as string,
    field: row.field as string,
    part: Number(row.part),
    version: row.version as string,
    hash: row.hash as string,
    fingerprint: row.fingerprint as string,
    ...(expiresAt !== null && { expiresAt: Number(expiresAt) }),
    ...(dimensions > 0 && row.bare === true && { lacksVector: true }),
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Ids as a value of the statements below. What is no UUID is the id of no point. */
export function packIds(ids: readonly string[]): string {
  return JSON.stringify(ids.flatMap((id, place) => (UUID.test(id) ? [{ id, place }] : [])))
}

const BY_IDS = 'JOIN json_to_recordset($1::json) AS r(id uuid, place integer) ON r.id = p.id'

export function recordsSql({ point }: Space): string {
  return `SELECT r.place, ${RECORD} FROM ${point} p ${BY_IDS}`
}

export function vectorsSql({ point }: Space): string {
  return `SELECT r.place, p.embedding::text AS embedding FROM ${point} p ${BY_IDS} WHERE p.embedding IS NOT NULL`
}

const PLACE = `left(p.namespace, ${INDEXED_CHARACTERS})`

/** Points under a prefix in the order of an index, one more than asked for if there are more. */
export function scanSql(
  { point }: Space,
  { prefix, cursor, limit }: { prefix: Namespace; cursor?: string | undefined; limit: number },
): { readonly sql: string; readonly values: readonly unknown[] } {
  const values = new Values()
  const conditions = [
    ...(prefix.length === 0 ? [] : [underPrefix(encodeNamespace(prefix), values)]),
    ...(cursor === undefined ? [] : [afterCursor(cursor, values)]),
  ]
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  const sql = `SELECT ${RECORD}, ${PLACE} AS place FROM ${point} p ${where}
    ORDER BY ${PLACE}, p.id LIMIT ${values.add(limit + 1)}`
  return { sql, values: values.all }
}

export function toCursor({ place, id }: Row): string {
  return JSON.stringify([place, id])
}

function afterCursor(cursor: string, values: Values): string {
  try {
    const [place, id, ...rest] = JSON.parse(cursor) as unknown[]
    if (typeof place === 'string' && typeof id === 'string' && UUID.test(id) && rest.length === 0)
      return `(${PLACE}, p.id) > (${values.add(place)}::text, ${values.add(id)}::uuid)`
  } catch {
    // Told below.
  }
  throw invalid('cursor', 'a cursor that scan gave')
}
