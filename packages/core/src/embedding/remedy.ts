import { faultOf, type StoreError } from '../errors.js'
import { toModelError } from '../resilience/model-error.js'

/** What an embedder threw for these texts; see `toModelError`. */
export function toEmbeddingError(thrown: unknown, texts: readonly string[]): StoreError {
  return toModelError(thrown, texts, 'The embedder', 'EMBEDDING_FAILED')
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

/** Whether something else than the provider answered. */
export function isForeign(error: StoreError): boolean {
  return error.code === 'UNAVAILABLE' && error.setup === true
}
