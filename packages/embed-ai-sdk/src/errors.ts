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
  explainConnectionError,
  foreignAnswer,
  innerReason,
  isNoJson,
  redirectedTo,
  retryAfterMs,
  StoreError,
  type StoreErrorCode,
  type StoreErrorOptions,
  serverWords,
} from '@tandemstore/core/adapter'

const settings = [LoadAPIKeyError, LoadSettingError, NoSuchModelError, UnsupportedFunctionalityError]
const brokenAnswers = [EmptyResponseBodyError, InvalidResponseDataError, JSONParseError, TypeValidationError]

/** What a failed call was about. */
export interface ModelCall {
  readonly provider: string
  /** As they were sent. */
  readonly texts: readonly string[]
  readonly signal: AbortSignal | undefined
  /** What it is when the texts are refused. Default: EMBEDDING_FAILED. */
  readonly refused?: 'EMBEDDING_FAILED' | 'RERANK_FAILED'
}

/**
 * Any error of a call as a StoreError, without the texts in what a server says. Errors of the AI SDK are known by their
 * marks, so those of its other versions are too.
 */
export async function toModelError(
  error: unknown,
  { provider, texts, signal, refused = 'EMBEDDING_FAILED' }: ModelCall,
): Promise<StoreError> {
  if (signal?.aborted) return aborted(signal)
  if (StoreError.isInstance(error)) return error
  const as = (code: StoreErrorCode, options: StoreErrorOptions = {}, more = '') => {
    const words = serverWords(error instanceof Error ? error.message : String(error), texts)
    return new StoreError(code, `The call of ${provider} failed: ${words}${more}`, { cause: error, ...options })
  }
  if (APICallError.isInstance(error)) {
    const { statusCode, responseHeaders, responseBody = '', url } = error
    // Without a status there was no answer.
    if (statusCode === undefined) return (await explainConnectionError(error, provider, url)) ?? as('UNAVAILABLE')
    if (statusCode >= 300) {
      // Waiting does not fill an account.
      const setup = /"insufficient_quota"/.test(responseBody)
      const options = { retryAfterMs: retryAfterMs(responseHeaders), setup }
      const code = embeddingCodeOf(statusCode)
      return as(code === 'EMBEDDING_FAILED' ? refused : code, options, redirectedTo(responseHeaders))
    }
    return isForeign(error) ? foreignAnswer(provider, responseBody, { url, texts, cause: error }) : as('UNAVAILABLE')
  }
  if (settings.some((type) => type.isInstance(error))) return as('CONFIGURATION')
  if (brokenAnswers.some((type) => type.isInstance(error))) return as('UNAVAILABLE', { setup: isForeign(error) })
  if (TooManyEmbeddingValuesForCallError.isInstance(error)) return as(refused)
  const { name } = (error ?? {}) as { name?: string }
  // Nobody here ended it, so a time limit of the provider's did.
  if (name === 'AbortError' || name === 'TimeoutError')
    return new StoreError('TIMEOUT', `${provider} did not answer in time: ${innerReason(error)}`, { cause: error })
  return (await explainConnectionError(error, provider)) ?? as(refused)
}

/** Whether an answer was whole, and not of the protocol: no JSON, or JSON of another form. */
function isForeign(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (isNoJson(each) || TypeValidationError.isInstance(each) || InvalidResponseDataError.isInstance(each)) return true
  }
  return false
}
