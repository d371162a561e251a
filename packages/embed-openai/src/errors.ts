import {
  aborted,
  embeddingCodeOf,
  explainConnectionError,
  foreignAnswer,
  type HttpHeaders,
  innerReason,
  isNoJson,
  isOfClass,
  plainAddress,
  redirectedTo,
  retryAfterMs,
  StoreError,
  serverWords,
} from '@tandemstore/core/adapter'

/** What an error of the SDK carries; a subset, so that an error of another copy of it is read too. */
interface ApiError {
  readonly status?: number
  readonly code?: string | null
  readonly type?: string
  readonly headers?: HttpHeaders
}

/** What a failed call was about. */
export interface EmbedCall {
  /** As they were sent. */
  readonly texts: readonly string[]
  /** Where the client sends to, if it says so. */
  readonly url: string | undefined
  readonly signal: AbortSignal | undefined
}

const SERVER = 'The embedding server'

/** Any error of a call as a StoreError, without the texts in what the server says. */
export async function toEmbedError(error: unknown, { texts, url, signal }: EmbedCall): Promise<StoreError> {
  if (signal?.aborted) return aborted(signal)
  if (StoreError.isInstance(error)) return error
  const place = url === undefined ? '' : ` at ${plainAddress(url)}`
  const words = serverWords(innerReason(error), texts)
  const { status, code, type, headers } = (error ?? {}) as ApiError
  if (typeof status === 'number') {
    // Waiting does not fill an account.
    const setup = code === 'insufficient_quota' || type === 'insufficient_quota'
    const message = `${SERVER}${place} refused: ${words}${redirectedTo(headers)}`
    const options = { cause: error, setup, retryAfterMs: retryAfterMs(headers) }
    return new StoreError(embeddingCodeOf(status), message, options)
  }
  if (isOfClass(error, 'APIConnectionTimeoutError'))
    return new StoreError('TIMEOUT', `${SERVER}${place} did not answer in time`, { cause: error })
  const connection = await explainConnectionError(error, SERVER, url)
  if (connection !== undefined) return connection
  if (isOfClass(error, 'APIConnectionError'))
    return new StoreError('UNAVAILABLE', `${SERVER} could not be reached${place}: ${words}`, { cause: error })
  if (isNoJson(error)) return foreignAnswer(SERVER, innerReason(error), { url, texts, cause: error })
  // The answer broke off.
  if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError)
    return new StoreError('UNAVAILABLE', `${SERVER}${place} gave a broken answer: ${words}`, { cause: error })
  return new StoreError('EMBEDDING_FAILED', `The embedding call failed: ${words}`, { cause: error })
}
