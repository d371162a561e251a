import {
  aborted,
  embeddingCodeOf,
  explainConnectionError,
  foreignAnswer,
  innerReason,
  isNoJson,
  isOfClass,
  plainAddress,
  StoreError,
  serverWords,
} from '@tandemstore/core/adapter'

/**
 * A part of an error's details: `google.rpc.ErrorInfo` has a reason, `google.rpc.RetryInfo` a delay such as `34.5s`.
 */
interface Detail {
  readonly reason?: string
  readonly retryDelay?: string
}

/** What a failed call was about. */
export interface EmbedCall {
  /** As they were sent. */
  readonly texts: readonly string[]
  /** Where the client sends to, if that is known. */
  readonly url: string | undefined
  readonly signal: AbortSignal | undefined
}

const settings = /API_KEY_(INVALID|EXPIRED)/

/** Any error of a call, by either client, as a StoreError, without the texts in what the server says. */
export async function toEmbedError(error: unknown, { texts, url, signal }: EmbedCall): Promise<StoreError> {
  if (signal?.aborted) return aborted(signal)
  if (StoreError.isInstance(error)) return error
  const place = url === undefined ? '' : ` at ${plainAddress(url)}`
  const words = serverWords(innerReason(error), texts)
  const { status, name } = (error ?? {}) as { status?: unknown; name?: string }
  if (typeof status === 'number') {
    const details = detailsOf(error)
    // A wrong key is a 400, as is a text that is refused.
    const isKey = details.some(({ reason }) => reason !== undefined && settings.test(reason))
    const code = isKey ? 'AUTHENTICATION' : embeddingCodeOf(status)
    const retryAfterMs = code === 'RATE_LIMITED' ? retryDelay(details) : undefined
    return new StoreError(code, `Gemini${place} refused: ${words}`, { cause: error, retryAfterMs })
  }
  // Both clients end a call that took too long for them as if it had been aborted.
  if (name === 'AbortError' || isOfClass(error, 'GoogleGenerativeAIAbortError'))
    return new StoreError('TIMEOUT', `Gemini${place} did not answer in time`, { cause: error })
  const connection = await explainConnectionError(error, 'Gemini', url)
  if (connection !== undefined) return connection
  if (isNoJson(error)) return foreignAnswer('Gemini', innerReason(error), { url, texts, cause: error })
  if (error instanceof SyntaxError)
    return new StoreError('UNAVAILABLE', `Gemini${place} gave a broken answer: ${words}`, { cause: error })
  return new StoreError('EMBEDDING_FAILED', `The embedding call failed: ${words}`, { cause: error })
}

/**
 * The legacy client gives the details as a field, the present one the whole answer as its message. Neither gives
 * headers.
 */
function detailsOf(error: unknown): readonly Detail[] {
  const { errorDetails, message } = error as { errorDetails?: readonly Detail[]; message?: string }
  if (Array.isArray(errorDetails)) return errorDetails
  try {
    const details: unknown = JSON.parse(message ?? '')?.error?.details
    return Array.isArray(details) ? details : []
  } catch {
    // The message of a proxy, say: words, without details.
    return []
  }
}

function retryDelay(details: readonly Detail[]): number | undefined {
  const seconds = Number.parseFloat(details.find(({ retryDelay }) => retryDelay !== undefined)?.retryDelay ?? '')
  return seconds >= 0 ? Math.ceil(seconds * 1000) : undefined
}
