import type { Document } from '../api/documents.js'
import { StoreError, type StoreErrorCode } from '../errors.js'
import type { DocumentRow } from '../ports/kv-records.js'
import type { Json } from './paths.js'
import { parseValue } from './value.js'

/** The row, unless it has expired by `now` (milliseconds). */
export function liveRow(row: DocumentRow | undefined, now: number): DocumentRow | undefined {
  return row?.expiresAt !== undefined && row.expiresAt <= now ? undefined : row
}

/** The value of a stored row; `undefined` if something damaged the row, so that its text is not a JSON object. */
export function readValue({ value }: DocumentRow): { readonly [name: string]: Json } | undefined {
  try {
    const parsed: unknown = parseValue(value)
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    return isObject ? (parsed as { readonly [name: string]: Json }) : undefined
  } catch {
    // The parser's error quotes the text.
    return undefined
  }
}

/**
 * The value of a stored row.
 *
 * @param code of the error; default KV_FAILED
 * @throws StoreError that names the document and never quotes it, if the row is damaged
 */
export function storedValue(row: DocumentRow, code: StoreErrorCode = 'KV_FAILED'): { readonly [name: string]: Json } {
  const value = readValue(row)
  if (value !== undefined) return value
  const { namespace, key } = row
  throw new StoreError(code, 'The stored value of this document is damaged: it is not a JSON object', {
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
