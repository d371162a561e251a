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
import { aborted, StoreError, type StoreErrorCode, toStoreError } from '@tandemstore/core/adapter'

const settings = [LoadAPIKeyError, LoadSettingError, NoSuchModelError, UnsupportedFunctionalityError]
const brokenAnswers = [EmptyResponseBodyError, InvalidResponseDataError, JSONParseError, TypeValidationError]

/** Any error of a call as a StoreError. Errors of the AI SDK are known by their marks, so those of its other versions are too. */
export function toEmbedError(error: unknown, provider: string, signal: AbortSignal | undefined): StoreError {
  if (signal?.aborted) return aborted(signal)
  const as = (code: StoreErrorCode, retryAfterMs?: number) =>
    toStoreError(error, code, `The call of ${provider} failed`, { retryAfterMs })
  if (APICallError.isInstance(error)) {
    const { statusCode, responseHeaders } = error
    // Without a status there was no answer; with a good one, the answer could not be read.
    if (statusCode === undefined || statusCode < 300) return as('UNAVAILABLE')
    return as(codeOf(statusCode), statusCode === 429 ? retryAfter(responseHeaders, Date.now()) : undefined)
  }
  if (settings.some((type) => type.isInstance(error))) return as('CONFIGURATION')
  if (brokenAnswers.some((type) => type.isInstance(error))) return as('UNAVAILABLE')
  if (TooManyEmbeddingValuesForCallError.isInstance(error)) return as('EMBEDDING_FAILED')
  const { name, message } = (error ?? {}) as { name?: string; message?: string }
  // Nobody here ended it, so a time limit of the provider's did.
  if (name === 'AbortError' || name === 'TimeoutError')
    return new StoreError('TIMEOUT', `${provider} did not answer in time`, { cause: error })
  if (/fetch failed|terminated/.test(message ?? '')) return as('UNAVAILABLE')
  return as('EMBEDDING_FAILED')
}

function codeOf(status: number): StoreErrorCode {
  if (status === 401 || status === 403) return 'AUTHENTICATION'
  if (status === 400 || status === 413 || status === 422) return 'EMBEDDING_FAILED'
  if (status === 408) return 'TIMEOUT'
  if (status === 429) return 'RATE_LIMITED'
  return status === 409 || status >= 500 ? 'UNAVAILABLE' : 'CONFIGURATION'
}

/** Milliseconds to wait by `retry-after-ms`, or `retry-after` in seconds or as a date. */
function retryAfter(headers: Readonly<Record<string, string>> = {}, now: number): number | undefined {
  const milliseconds = Number.parseFloat(headers['retry-after-ms'] ?? '')
  if (milliseconds >= 0) return Math.ceil(milliseconds)
  const given = headers['retry-after']?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(given)) return Math.ceil(Number(given) * 1000)
  const date = Date.parse(given)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
