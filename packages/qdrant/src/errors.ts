import {
  explainConnectionError,
  foreignAnswer,
  innerReason,
  isNoJson,
  onAbort,
  redirectedTo,
  StoreError,
  type StoreErrorCode,
  type StoreErrorOptions,
  serverWords,
} from '@tandemstore/core/adapter'
import type { QdrantServer } from './client.js'

interface ClientError extends Error {
  /** The client's ApiError: the status, the headers and the body of the answer. */
  readonly status?: number
  readonly headers?: Headers
  readonly data?: { readonly status?: { readonly error?: string } } | string
  /**
   * Its QdrantClientResourceExhaustedError. Seconds, but 1.19.0 keeps only the first digit: no less is asked for, maybe
   * more.
   */
  readonly retry_after?: number
}

/** What a call is about. */
export interface CallAbout {
  readonly server: Omit<QdrantServer, 'client'>
  /** What Qdrant is asked to do, for messages. */
  readonly what: string
  /** What was sent, whose texts are removed from what the server says. */
  readonly sent?: unknown
}

/**
 * Waits for one call of the client. The client takes no signal: on abort the wait ends with the signal's reason, and
 * the outcome of the call is unknown.
 */
export async function call<T>(about: CallAbout, signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted()
  try {
    return await (signal === undefined ? run() : untilAborted(run(), signal))
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw error
    throw await toQdrantError(error, about)
  }
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stopListening = onAbort(signal, () => reject(signal.reason))
    promise.then(resolve, reject).finally(stopListening)
  })
}

/** What the client throws where an answer has no result, as a web page has none. */
const NO_RESULT = 'Result came uninitialized'
/** Somebody has to make room, whatever the document. */
const FULL_DISK = /no space left|disk (is )?full|not enough (disk )?space|insufficient (disk|storage)|out of disk/i

/**
 * Any error of the client as a StoreError. Errors are told apart by name and status, as the client may be another copy.
 */
async function toQdrantError(error: unknown, { server, what, sent }: CallAbout): Promise<StoreError> {
  if (StoreError.isInstance(error)) return error
  const { address, timeoutMs } = server
  const whom = address === undefined ? 'Qdrant' : `Qdrant at ${address}`
  const cause: ClientError = error instanceof Error ? error : new Error(String(error))
  const make: Make = (code, detail, more = {}) =>
    new StoreError(code, `${whom} could not ${what}: ${detail}`, { cause: error, ...more })

  if (cause.name === 'QdrantClientTimeoutError')
    return make('TIMEOUT', timeoutMs === undefined ? 'no answer in time' : `no answer within ${timeoutMs} ms`)
  if (cause.name === 'QdrantClientResourceExhaustedError') {
    const { retry_after: seconds } = cause
    return make('RATE_LIMITED', 'too many requests', seconds === undefined ? {} : { retryAfterMs: seconds * 1000 })
  }
  // What the client makes of a 429 whose Retry-After is a date.
  if (cause.message.startsWith('Invalid retryAfter value')) return make('RATE_LIMITED', 'too many requests')
  if (typeof cause.status === 'number') return fromStatus(cause.status, cause, textsOf(sent), make)
  const connection = await explainConnectionError(error, `Qdrant, to ${what},`, address)
  if (connection !== undefined) return connection
  if (cause.message === NO_RESULT || isNoJson(error))
    return foreignAnswer(whom, `no result, when asked to ${what}`, { cause: error, code: 'INDEX_FAILED' })
  // The answer broke off, or fetch gave none.
  if (cause instanceof SyntaxError || cause instanceof TypeError) return make('UNAVAILABLE', innerReason(error))
  return make('INDEX_FAILED', serverWords(cause.message, textsOf(sent)))
}

type Make = (code: StoreErrorCode, detail: string, more?: StoreErrorOptions) => StoreError

function fromStatus(status: number, error: ClientError, texts: readonly string[], make: Make): StoreError {
  const { data, message, headers } = error
  const detail = typeof data === 'string' ? data : (data?.status?.error ?? message)
  const text = `${status} ${serverWords(detail, texts)}`.trim()
  if (status >= 300 && status < 400) return make('CONFIGURATION', `${status}${redirectedTo(headers)}`)
  if (status === 401 || status === 403) return make('AUTHENTICATION', text)
  if (status === 429) return make('RATE_LIMITED', text)
  if (status === 408 || status === 504) return make('TIMEOUT', text)
  if (status === 502 || status === 503) return make('UNAVAILABLE', text)
  // A collection that is gone, and a disk that is full, are no document's fault, and do not come back by themselves.
  if (status === 404 || status === 507 || FULL_DISK.test(detail))
    return make('INDEX_FAILED', text, { setup: true, retryable: false })
  return make('INDEX_FAILED', text, { retryable: status >= 500 })
}

/** Texts looked for in what a server says, at most. */
const MAX_TEXTS = 10_000

/** Every text in a request. */
function textsOf(sent: unknown): string[] {
  const texts = new Set<string>()
  const waiting = [sent]
  for (let each = waiting.pop(); each !== undefined && texts.size < MAX_TEXTS; each = waiting.pop()) {
    if (typeof each === 'string') texts.add(each)
    // Not the numbers of a vector.
    else if (Array.isArray(each) && typeof each[0] !== 'number') for (const item of each) waiting.push(item ?? null)
    else if (typeof each === 'object' && each !== null && !Array.isArray(each))
      for (const item of Object.values(each)) waiting.push(item ?? null)
  }
  return [...texts]
}

/** Only `completed` means that an update has taken effect. */
export function checkCompleted(results: readonly { readonly status: string }[], what: string): void {
  const other = results.find(({ status }) => status !== 'completed')
  if (other === undefined) return
  throw new StoreError(
    'TIMEOUT',
    `Qdrant took the request to ${what}, but did not say that it is done: ${other.status}`,
  )
}
