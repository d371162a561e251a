import {
  aborted,
  connectionError,
  embeddingCodeOf,
  type HttpHeaders,
  innerReason,
  isOfClass,
  redirectedTo,
  retryAfterMs,
  StoreError,
  type StoreErrorCode,
  serverWords,
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

/** What a failed call was about. */
export interface EmbedCall {
  readonly model: string
  /** As they were sent. */
  readonly texts: readonly string[]
  readonly signal: AbortSignal | undefined
}

/**
 * Any error of a call as a StoreError, without the texts in what a server says: an outage is told from a text that is
 * refused.
 */
export function toEmbedError(error: unknown, { model, texts, signal }: EmbedCall): StoreError {
  if (StoreError.isInstance(error)) return error
  if (signal?.aborted) return aborted(signal)
  const given = (typeof error === 'object' && error !== null ? error : {}) as ClientError
  const { name = '', response, headers = response?.headers } = given
  const as = (code: StoreErrorCode): StoreError => {
    const words = `${serverWords(innerReason(error), texts)}${redirectedTo(headers)}`
    // Waiting does not fill an account.
    const setup = given.code === 'insufficient_quota' || /Quota/.test(name)
    const options = { cause: error, setup, retryAfterMs: waitOf(headers, given) }
    return new StoreError(code, `Embedding with ${model} failed: ${words}`, options)
  }
  const status = statusOf(given)
  if (status !== undefined) return as(embeddingCodeOf(status))
  if (/Quota/.test(name)) return as('RATE_LIMITED')
  const known = typeof given.lc_error_code === 'string' ? byLangChainCode[given.lc_error_code] : undefined
  if (known !== undefined) return as(known)
  // Nobody here ended it, so a time limit did.
  if (name === 'AbortError' || name === 'TimeoutError') return as('TIMEOUT')
  const connection = connectionError(error, `The server of ${model}`)
  if (connection !== undefined) return connection
  return as(isOfClass(error, 'APIConnectionError') ? 'UNAVAILABLE' : 'EMBEDDING_FAILED')
}

function statusOf({ status, statusCode, status_code, response, $metadata }: ClientError): number | undefined {
  const found = [status, statusCode, status_code, response?.status, $metadata?.httpStatusCode]
  return found.find((each): each is number => typeof each === 'number' && each >= 300 && each < 600)
}

function waitOf(headers: HttpHeaders | undefined, { retryAfterMs: told }: ClientError): number | undefined {
  return retryAfterMs(headers) ?? (typeof told === 'number' ? told : undefined)
}
