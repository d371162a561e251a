import { StoreError, type StoreErrorCode } from '@tandemstore/core/adapter'

interface ClientError extends Error {
  /** The client's ApiError: the status and the body of the answer. */
  readonly status?: number
  readonly data?: { readonly status?: { readonly error?: string } } | string
  /** Its QdrantClientResourceExhaustedError. Seconds, but 1.19.0 keeps only the first digit: no less is asked for, maybe more. */
  readonly retry_after?: number
}

/**
 * Waits for one call of the client. The client takes no signal: on abort the wait ends with the signal's reason, and the
 * outcome of the call is unknown.
 */
export async function call<T>(what: string, signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted()
  try {
    return await (signal === undefined ? run() : untilAborted(run(), signal))
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw error
    throw toQdrantError(error, what)
  }
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** Any error of the client as a StoreError. Errors are told apart by name and status, as the client may be another copy. */
export function toQdrantError(error: unknown, what: string): StoreError {
  if (StoreError.isInstance(error)) return error
  const cause: ClientError = error instanceof Error ? error : new Error(String(error))
  const make = (code: StoreErrorCode, detail: string, more: { retryable?: boolean; retryAfterMs?: number } = {}) =>
    new StoreError(code, `Qdrant could not ${what}: ${detail}`, { cause: error, ...more })

  if (cause.name === 'QdrantClientTimeoutError') return make('TIMEOUT', 'no answer in time')
  if (cause.name === 'QdrantClientResourceExhaustedError') {
    const { retry_after: seconds } = cause
    return make('RATE_LIMITED', 'too many requests', seconds === undefined ? {} : { retryAfterMs: seconds * 1000 })
  }
  // What the client makes of a 429 whose Retry-After is a date.
  if (cause.message.startsWith('Invalid retryAfter value')) return make('RATE_LIMITED', 'too many requests')
  if (typeof cause.status === 'number') return fromStatus(cause.status, detailOf(cause), make)
  // What fetch throws when there is no answer.
  if (cause instanceof TypeError) return make('UNAVAILABLE', reasonOf(cause))
  return make('INDEX_FAILED', cause.message)
}

function fromStatus(
  status: number,
  detail: string,
  make: (code: StoreErrorCode, detail: string, more?: { retryable?: boolean }) => StoreError,
): StoreError {
  const text = `${status} ${detail}`.trim()
  if (status === 401 || status === 403) return make('AUTHENTICATION', text)
  if (status === 429) return make('RATE_LIMITED', text)
  if (status === 408 || status === 504) return make('TIMEOUT', text)
  if (status === 502 || status === 503) return make('UNAVAILABLE', text)
  return make('INDEX_FAILED', text, { retryable: status >= 500 })
}

function detailOf({ data, message }: ClientError): string {
  const text = typeof data === 'string' ? data : (data?.status?.error ?? message)
  return text.length > 500 ? `${text.slice(0, 500)}…` : text
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: Error): string {
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  return cause.message || (cause as NodeJS.ErrnoException).code || error.message
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
