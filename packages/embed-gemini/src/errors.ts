import {
  aborted,
  embeddingCodeOf,
  isNetworkError,
  isOfClass,
  StoreError,
  toStoreError,
} from '@tandemstore/core/adapter'

/** A part of an error's details: `google.rpc.ErrorInfo` has a reason, `google.rpc.RetryInfo` a delay such as `34.5s`. */
interface Detail {
  readonly reason?: string
  readonly retryDelay?: string
}

/** Any error of a call, by either client, as a StoreError. */
export function toEmbedError(error: unknown, signal: AbortSignal | undefined): StoreError {
  if (signal?.aborted) return aborted(signal)
  const { status, name } = (error ?? {}) as { status?: unknown; name?: string }
  if (typeof status === 'number') {
    const details = detailsOf(error)
    // A wrong key is a 400, as is a text that is refused.
    const isKey = details.some(({ reason }) => reason === 'API_KEY_INVALID' || reason === 'API_KEY_EXPIRED')
    const code = isKey ? 'AUTHENTICATION' : embeddingCodeOf(status)
    const retryAfterMs = code === 'RATE_LIMITED' ? retryDelay(details) : undefined
    return toStoreError(error, code, 'Gemini refused', { retryAfterMs })
  }
  // Both clients end a call that took too long for them as if it had been aborted.
  if (name === 'AbortError' || isOfClass(error, 'GoogleGenerativeAIAbortError'))
    return new StoreError('TIMEOUT', 'Gemini did not answer in time', { cause: error })
  if (isNetworkError(error)) return toStoreError(error, 'UNAVAILABLE', 'Gemini could not be reached')
  if (error instanceof SyntaxError) return toStoreError(error, 'UNAVAILABLE', 'Gemini gave a broken answer')
  return toStoreError(error, 'EMBEDDING_FAILED', 'The embedding call failed')
}

/** The legacy client gives the details as a field, the present one the whole answer as its message. Neither gives headers. */
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
