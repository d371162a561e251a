import {
  aborted,
  embeddingCodeOf,
  type HttpHeaders,
  isOfClass,
  retryAfterMs,
  type StoreError,
  toStoreError,
} from '@tandemstore/core/adapter'

/** What an error of the SDK carries; a subset, so that an error of another copy of it is read too. */
interface ApiError {
  readonly status?: number
  readonly code?: string | null
  readonly headers?: HttpHeaders
}

/** Any error of a call as a StoreError. */
export function toEmbedError(error: unknown, signal: AbortSignal | undefined): StoreError {
  if (signal?.aborted) return aborted(signal)
  const { status, code, headers } = (error ?? {}) as ApiError
  if (typeof status === 'number') {
    // Waiting does not fill an account.
    const retryable = code === 'insufficient_quota' ? false : undefined
    const options = { retryable, retryAfterMs: retryAfterMs(headers) }
    return toStoreError(error, embeddingCodeOf(status), 'The embedding server refused', options)
  }
  if (isOfClass(error, 'APIConnectionTimeoutError'))
    return toStoreError(error, 'TIMEOUT', 'The embedding server did not answer in time')
  if (isOfClass(error, 'APIConnectionError'))
    return toStoreError(error, 'UNAVAILABLE', 'The embedding server could not be reached')
  // The answer broke off, or is no JSON.
  if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError)
    return toStoreError(error, 'UNAVAILABLE', 'The embedding server gave a broken answer')
  return toStoreError(error, 'EMBEDDING_FAILED', 'The embedding call failed')
}
