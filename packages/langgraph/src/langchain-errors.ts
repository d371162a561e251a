import {
  aborted,
  embeddingCodeOf,
  type HttpHeaders,
  isNetworkError,
  isOfClass,
  retryAfterMs,
  StoreError,
  type StoreErrorCode,
  toStoreError,
} from '@tandemstore/core/adapter'

/** Where the clients below LangChain put what the server said; a subset of each. */
interface ClientError {
  readonly name?: string
  readonly code?: unknown
  readonly status?: unknown
  readonly statusCode?: unknown
  readonly status_code?: unknown
  readonly headers?: HttpHeaders
  readonly response?: { readonly status?: unknown; readonly headers?: HttpHeaders }
  readonly $metadata?: { readonly httpStatusCode?: unknown }
  /** By LangChain, of a wait that a message asks for. */
  readonly retryAfterMs?: unknown
  readonly lc_error_code?: unknown
}

/** Errors of LangChain's that have lost the status. */
const byLangChainCode: Readonly<Record<string, StoreErrorCode>> = {
  MODEL_RATE_LIMIT: 'RATE_LIMITED',
  MODEL_AUTHENTICATION: 'AUTHENTICATION',
  MODEL_NOT_FOUND: 'CONFIGURATION',
}

/** Any error of a call as a StoreError: an outage is told from a text that is refused. */
export function toEmbedError(error: unknown, model: string, signal: AbortSignal | undefined): StoreError {
  if (StoreError.isInstance(error)) return error
  if (signal?.aborted) return aborted(signal)
  const given = (typeof error === 'object' && error !== null ? error : {}) as ClientError
  const as = (code: StoreErrorCode, retryable?: boolean): StoreError =>
    toStoreError(error, code, `Embedding with ${model} failed`, { retryable, retryAfterMs: waitOf(given) })
  // Waiting does not fill an account.
  if (given.code === 'insufficient_quota' || /Quota/.test(given.name ?? '')) return as('RATE_LIMITED', false)
  const status = statusOf(given)
  if (status !== undefined) return as(embeddingCodeOf(status))
  const known = typeof given.lc_error_code === 'string' ? byLangChainCode[given.lc_error_code] : undefined
  if (known !== undefined) return as(known)
  // Nobody here ended it, so a time limit did.
  if (given.name === 'AbortError' || given.name === 'TimeoutError')
    return new StoreError('TIMEOUT', `Embedding with ${model} was not answered in time`, { cause: error })
  if (isNetworkError(error) || isOfClass(error, 'APIConnectionError')) return as('UNAVAILABLE')
  return as('EMBEDDING_FAILED')
}

function statusOf({ status, statusCode, status_code, response, $metadata }: ClientError): number | undefined {
  const found = [status, statusCode, status_code, response?.status, $metadata?.httpStatusCode]
  return found.find((each): each is number => typeof each === 'number' && each >= 400 && each < 600)
}

function waitOf({ headers, response, retryAfterMs: told }: ClientError): number | undefined {
  return retryAfterMs(headers ?? response?.headers) ?? (typeof told === 'number' ? told : undefined)
}
