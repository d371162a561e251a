import { connectionError } from '../adapter/connection-error.js'
import { serverWords } from '../adapter/server-words.js'
import { faultOf, StoreError, toStoreError } from '../errors.js'

/** Letters of an adapter's message that are kept. Adapters keep fewer of what a server says. */
const MAX_MESSAGE = 600

/**
 * What an embedder threw for these texts, as a StoreError whose message shows none of them. A StoreError stays what it
 * is; a failed connection is UNAVAILABLE (or CONFIGURATION, where no waiting mends it) and a time-out TIMEOUT; a call
 * that it aborted without being asked to is UNAVAILABLE. Anything else is EMBEDDING_FAILED, and may be the texts'
 * fault.
 */
export function toEmbeddingError(thrown: unknown, texts: readonly string[]): StoreError {
  const error = typed(thrown)
  const message = serverWords(error.message, texts, MAX_MESSAGE)
  if (message === error.message) return error
  const { code, cause, retryable, setup, retryAfterMs, field, namespace, key } = error
  return new StoreError(code, message, { cause, retryable, setup, retryAfterMs, field, namespace, key })
}

function typed(error: unknown): StoreError {
  if (StoreError.isInstance(error) && error.code !== 'ABORTED') return error
  const name = error instanceof Error ? error.name : ''
  if (StoreError.isInstance(error) || name === 'AbortError')
    return new StoreError('UNAVAILABLE', 'The embedder ended the call by itself', { cause: error })
  if (name === 'TimeoutError') return toStoreError(error, 'TIMEOUT', 'The embedder timed out')
  return connectionError(error, 'The embedder') ?? toStoreError(error, 'EMBEDDING_FAILED', 'The embedder failed')
}

/**
 * What to do about an error: make the call again, look for the text that it is about, or give it to all the texts of
 * the call.
 */
export function remedy(error: StoreError): 'retry' | 'halve' | 'fail' {
  const fault = faultOf(error)
  if (fault === 'transient') return 'retry'
  return fault === 'document' ? 'halve' : 'fail'
}
