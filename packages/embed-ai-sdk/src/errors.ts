import {
  APICallError,
  EmptyResponseBodyError,
  InvalidResponseDataError,
  JSONParseError,
  LoadAPIKeyError,
  LoadSettingError,
  NoSuchModelError,
  TooManyEmbeddingValuesForCallError,
  TypeValidationError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider'
import {
  aborted,
  embeddingCodeOf,
  isNetworkError,
  retryAfterMs,
  StoreError,
  type StoreErrorCode,
  toStoreError,
} from '@tandemstore/core/adapter'

const settings = [LoadAPIKeyError, LoadSettingError, NoSuchModelError, UnsupportedFunctionalityError]
const brokenAnswers = [EmptyResponseBodyError, InvalidResponseDataError, JSONParseError, TypeValidationError]

/** Any error of a call as a StoreError. Errors of the AI SDK are known by their marks, so those of its other versions are too. */
export function toEmbedError(error: unknown, provider: string, signal: AbortSignal | undefined): StoreError {
  if (signal?.aborted) return aborted(signal)
  const as = (code: StoreErrorCode, waitMs?: number) =>
    toStoreError(error, code, `The call of ${provider} failed`, { retryAfterMs: waitMs })
  if (APICallError.isInstance(error)) {
    const { statusCode, responseHeaders } = error
    // Without a status there was no answer; with a good one, the answer could not be read.
    if (statusCode === undefined || statusCode < 300) return as('UNAVAILABLE')
    return as(embeddingCodeOf(statusCode), retryAfterMs(responseHeaders))
  }
  if (settings.some((type) => type.isInstance(error))) return as('CONFIGURATION')
  if (brokenAnswers.some((type) => type.isInstance(error))) return as('UNAVAILABLE')
  if (TooManyEmbeddingValuesForCallError.isInstance(error)) return as('EMBEDDING_FAILED')
  const { name } = (error ?? {}) as { name?: string }
  // Nobody here ended it, so a time limit of the provider's did.
  if (name === 'AbortError' || name === 'TimeoutError')
    return new StoreError('TIMEOUT', `${provider} did not answer in time`, { cause: error })
  if (isNetworkError(error)) return as('UNAVAILABLE')
  return as('EMBEDDING_FAILED')
}
