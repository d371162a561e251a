import type { Document } from '../api/documents.js'
import type { DocumentRow } from '../ports/kv-records.js'
import { parseValue } from './value.js'

/** The row, unless it has expired by `now` (milliseconds). */
export function liveRow(row: DocumentRow | undefined, now: number): DocumentRow | undefined {
  return row?.expiresAt !== undefined && row.expiresAt <= now ? undefined : row
}

/** A row as the user gets it. Its value has been checked on write. */
export function toDocument<T extends object>(row: DocumentRow): Document<T> {
  return {
    namespace: row.namespace,
    key: row.key,
    value: parseValue(row.value) as object as T,
    version: row.version,
    createdAt: new Date(row.createdAt),
    updatedAt: new Date(row.updatedAt),
    ...(row.expiresAt === undefined ? {} : { expiresAt: new Date(row.expiresAt) }),
  }
}
