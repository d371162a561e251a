import { StoreError } from '../errors.js'
import { sleep } from './abort.js'
import { backoffMs } from './backoff.js'

/** Attempts of a call of a database, the first included. */
export const ATTEMPTS = 4
const BASE_MS = 100
const MAX_MS = 400
/** The longest that a caller is made to wait because a server asks for it, milliseconds. */
export const LONGEST_WAIT_MS = 10_000

export interface RetryOptions {
  /** The first included. Default: 4. */
  readonly attempts?: number | undefined
  /** Whether a call that fails with UNAVAILABLE has waited by itself, so that it is not made again. */
  readonly waits?: boolean | undefined
}

/**
 * Calls a database, and up to three times again while it says that this may help: after up to 100, 200, 400 ms (full
 * jitter), or after the time that it asks for, if that is ten seconds at most.
 */
export async function retrying<T>(
  call: () => Promise<T>,
  signal: AbortSignal,
  { attempts = ATTEMPTS, waits }: RetryOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call()
    } catch (error) {
      if (attempt >= attempts || !(await pauseBefore(error, attempt, signal, waits))) throw error
    }
  }
}

/**
 * Opens a database. One that does not answer is not asked again: whoever opens a store learns of it within one
 * time-out.
 */
export async function opening<T>(open: () => Promise<T>, signal: AbortSignal, waits?: boolean): Promise<T> {
  const answer = await retrying(
    () =>
      open().then(
        (opened) => ({ opened }),
        (error: unknown) => {
          if (StoreError.isInstance(error) && error.code === 'TIMEOUT') return { error }
          throw error
        },
      ),
    signal,
    { waits },
  )
  if ('error' in answer) throw answer.error
  return answer.opened
}

/**
 * Waits for the next attempt. Returns whether there is to be one: `error` may pass soon, and the signal has not
 * fired.
 */
export async function pauseBefore(
  error: unknown,
  attempt: number,
  signal: AbortSignal,
  waits?: boolean,
): Promise<boolean> {
  if (signal.aborted || !StoreError.isInstance(error) || !error.retryable) return false
  if (waits && error.code === 'UNAVAILABLE') return false
  const askedMs = error.retryAfterMs
  if (askedMs !== undefined && askedMs > LONGEST_WAIT_MS) return false
  const pause = sleep(backoffMs(attempt, { baseMs: BASE_MS, maxMs: MAX_MS, askedMs }), signal)
  return pause.then(
    () => true,
    () => false,
  )
}

/** Calls with at most `size` items at a time, one call after the other, and joins the results. No item, no call. */
export async function inChunks<Item, Result>(
  items: readonly Item[],
  size: number,
  call: (items: readonly Item[]) => Promise<Result[]>,
): Promise<Result[]> {
  if (items.length === 0) return []
  if (items.length <= size) return call(items)
  const results: Result[] = []
  for (let from = 0; from < items.length; from += size) results.push(...(await call(items.slice(from, from + size))))
  return results
}
