import { aborted, type StoreError, type StoreErrorCode, toStoreError } from '@tandemstore/core/adapter'

/** What an error of the SDK carries; a subset, so that an error of another copy of it is read too. */
interface ApiError {
  readonly status?: number
  readonly code?: string | null
  readonly headers?: Headers
}

/** Any error of a call as a StoreError. */
export function toEmbedError(error: unknown, signal: AbortSignal | undefined): StoreError {
  if (signal?.aborted) return aborted(signal)
  const { status, code, headers } = (error ?? {}) as ApiError
  if (typeof status === 'number') {
    // Waiting does not fill an account.
    const retryable = code === 'insufficient_quota' ? false : undefined
    const retryAfterMs = status === 429 ? retryAfter(headers, Date.now()) : undefined
    return toStoreError(error, codeOf(status), 'The embedding server refused', { retryable, retryAfterMs })
  }
  if (isOf(error, 'APIConnectionTimeoutError'))
    return toStoreError(error, 'TIMEOUT', 'The embedding server did not answer in time')
  if (isOf(error, 'APIConnectionError'))
    return toStoreError(error, 'UNAVAILABLE', 'The embedding server could not be reached')
  // The answer broke off, or is no JSON.
  if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError)
    return toStoreError(error, 'UNAVAILABLE', 'The embedding server gave a broken answer')
  return toStoreError(error, 'EMBEDDING_FAILED', 'The embedding call failed')
}

function codeOf(status: number): StoreErrorCode {
  if (status === 401 || status === 403) return 'AUTHENTICATION'
  if (status === 400 || status === 413 || status === 422) return 'EMBEDDING_FAILED'
  if (status === 408) return 'TIMEOUT'
  if (status === 429) return 'RATE_LIMITED'
  return status === 409 || status >= 500 ? 'UNAVAILABLE' : 'CONFIGURATION'
}

/** Milliseconds to wait by `retry-after-ms`, or `retry-after` in seconds or as a date. */
function retryAfter(headers: Headers | undefined, now: number): number | undefined {
  const milliseconds = Number.parseFloat(headers?.get('retry-after-ms') ?? '')
  if (milliseconds >= 0) return Math.ceil(milliseconds)
  const given = headers?.get('retry-after')?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(given)) return Math.ceil(Number(given) * 1000)
  const date = Date.parse(given)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

function isOf(error: unknown, className: string): boolean {
  for (let each = error; typeof each === 'object' && each !== null; each = Object.getPrototypeOf(each)) {
    if (each.constructor?.name === className) return true
  }
  return false
}
