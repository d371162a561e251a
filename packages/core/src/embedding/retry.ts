import { isNetworkError } from '../adapter/http-errors.js'
import { StoreError, toStoreError } from '../errors.js'

const BASE_MS = 500
const MAX_MS = 30_000

/** Milliseconds to wait before the next attempt after `attempts` made: exponential backoff with full jitter (AWS Architecture Blog, 2015). */
export function backoffMs(attempts: number, random: () => number): number {
  return Math.ceil(random() * Math.min(MAX_MS, BASE_MS * 2 ** (attempts - 1)))
}

/**
 * What an embedder threw, as a StoreError. One of its own stays; a failed connection is UNAVAILABLE and a time-out TIMEOUT, both worth another
 * attempt; so is a call that it aborted without being asked to. Anything else is EMBEDDING_FAILED, and may be the texts' fault.
 */
export function toEmbeddingError(error: unknown): StoreError {
  if (StoreError.isInstance(error) && error.code !== 'ABORTED') return error
  const name = error instanceof Error ? error.name : ''
  if (StoreError.isInstance(error) || name === 'AbortError')
    return new StoreError('UNAVAILABLE', 'The embedder ended the call by itself', { cause: error })
  if (name === 'TimeoutError') return toStoreError(error, 'TIMEOUT', 'The embedder timed out')
  if (isNetworkError(error)) return toStoreError(error, 'UNAVAILABLE', 'The embedder could not be reached')
  return toStoreError(error, 'EMBEDDING_FAILED', 'The embedder failed')
}

/** What to do about an error: make the call again, look for the text that it is about, or give it to all the texts of the call. */
export function remedy(error: StoreError): 'retry' | 'halve' | 'fail' {
  if (error.retryable) return 'retry'
  return error.code === 'EMBEDDING_FAILED' ? 'halve' : 'fail'
}
