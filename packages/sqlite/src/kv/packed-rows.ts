import type { DocumentRow, Version } from '@tandemstore/core/adapter'

/** A row without its namespace and key, which the caller knows. */
export type RowContent = Omit<DocumentRow, 'namespace' | 'key'>

/** The columns of a PackedRow. */
export const CONTENT = 'version, created_at, updated_at, expires_at, ttl_ms, directive, value'

/** A row as SQL gives it and as it crosses to the main thread: arrays are made and cloned faster than objects. */
export type PackedRow = readonly [
  version: Version,
  createdAt: number,
  updatedAt: number,
  expiresAt: number | null,
  ttlMs: number | null,
  directive: string | null,
  value: string,
]

export function unpackRow([version, createdAt, updatedAt, expiresAt, ttlMs, directive, value]: PackedRow): RowContent {
  return {
    version,
    value,
    createdAt,
    updatedAt,
    ...(expiresAt !== null && { expiresAt }),
    ...(ttlMs !== null && { ttlMs }),
    ...(directive !== null && { index: JSON.parse(directive) as false | string[] }),
  }
}
