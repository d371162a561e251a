import { StoreError } from '../errors.js'
import { sleep } from './abort.js'
import { backoffMs } from './backoff.js'

const ATTEMPTS = 4
const BASE_MS = 100
const MAX_MS = 400

/** Calls a database, and up to three times again while it says that this may help, after up to 100, 200, 400 ms (full jitter). */
export async function retrying<T>(call: () => Promise<T>, signal: AbortSignal, attempts = ATTEMPTS): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call()
    } catch (error) {
      if (attempt >= attempts || signal.aborted || !StoreError.isInstance(error) || !error.retryable) throw error
      // An abort during the pause ends it, with the error there was.
      await sleep(backoffMs(attempt, { baseMs: BASE_MS, maxMs: MAX_MS }), signal).catch(() => {
        throw error
      })
    }
  }
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
