import type { Document } from '../api/documents.js'
import { StoreError } from '../errors.js'
import type { DocumentRow } from '../ports/kv-records.js'
import type { Json } from './paths.js'
import { parseValue } from './value.js'

/** The row, unless it has expired by `now` (milliseconds). */
export function liveRow(row: DocumentRow | undefined, now: number): DocumentRow | undefined {
  return row?.expiresAt !== undefined && row.expiresAt <= now ? undefined : row
}

/**
 * The value of a stored row.
 *
 * @throws StoreError KV_FAILED, naming the document, for a text that is not a JSON object: something damaged the row.
 * Without
 *   the parser's error as its cause, which quotes the text.
 */
export function storedValue({ namespace, key, value }: DocumentRow): { readonly [name: string]: Json } {
  let parsed: unknown
  try {
    parsed = parseValue(value)
  } catch {
    // Refused below, like a text that is JSON and no object.
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
    return parsed as { readonly [name: string]: Json }
  throw new StoreError('KV_FAILED', 'The stored value of this document is damaged: it is not a JSON object', {
    namespace,
    key,
    retryable: false,
  })
}

/** A row as the user gets it, with its parsed value. */
export function toDocument<T extends object>(row: DocumentRow, value: object): Document<T> {
  return {
    namespace: row.namespace,
    key: row.key,
    value: value as T,
    version: row.version,
    createdAt: new Date(row.createdAt),
    updatedAt: new Date(row.updatedAt),
    ...(row.expiresAt === undefined ? {} : { expiresAt: new Date(row.expiresAt) }),
  }
}
