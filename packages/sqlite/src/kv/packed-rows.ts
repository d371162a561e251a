import { type DocumentRef, type DocumentRow, StoreError, type Version } from '@tandemstore/core/adapter'

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

/** `ref` is the document that the row is about, for the error of a damaged row (KV_FAILED). */
export function unpackRow(row: PackedRow, ref: DocumentRef): RowContent {
  const [version, createdAt, updatedAt, expiresAt, ttlMs, directive, value] = row
  return {
    version,
    value,
    createdAt,
    updatedAt,
    ...(expiresAt !== null && { expiresAt }),
    ...(ttlMs !== null && { ttlMs }),
    ...(directive !== null && { index: parseJson<false | string[]>(directive, 'index directive', ref) }),
  }
}

/**
 * Text that Tandem wrote as JSON. If it is none any more, the row is damaged: KV_FAILED, naming the document and not
 * the text.
 */
export function parseJson<T>(text: string, what: string, { namespace, key }: DocumentRef): T {
  try {
    return JSON.parse(text) as T
  } catch {
    const document = JSON.stringify([...namespace, key])
    throw new StoreError('KV_FAILED', `The row of document ${document} is damaged: its ${what} is not JSON`, {
      namespace,
      key,
    })
  }
}
