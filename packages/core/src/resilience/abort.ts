import { setTimeout } from 'node:timers/promises'
import { aborted } from '../errors.js'

/** Throws ABORTED if the signal has fired. */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal)
}

/** Waits for a promise, at most until the signal fires: then ABORTED. What was waited for goes on. */
export function raceAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(aborted(signal))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/**
 * Resolves after a time, or rejects with ABORTED when the signal fires.
 * @param options.ref whether the wait keeps the process alive. Default true.
 */
export async function sleep(ms: number, signal?: AbortSignal, options: { readonly ref?: boolean } = {}): Promise<void> {
  try {
    await setTimeout(ms, undefined, { ...options, ...(signal === undefined ? {} : { signal }) })
  } catch (error) {
    checkAborted(signal)
    throw error
  }
}

/** Waits so many milliseconds. Rejects with the reason of `closing` if that fires, and with ABORTED if `signal` does. */
export async function sleepWhileOpen(ms: number, closing: AbortSignal, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, signal === undefined ? closing : AbortSignal.any([closing, signal])).catch((error: unknown) => {
    throw closing.aborted ? closing.reason : error
  })
}

/** Resolves when a promise settles or the time is over. Returns whether it settled in time. */
export async function withinTime(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const patience = new AbortController()
  const late = sleep(ms, patience.signal).then(
    () => false,
    () => false,
  )
  const settled = promise.then(
    () => true,
    () => true,
  )
  const inTime = await Promise.race([late, settled])
  patience.abort()
  return inTime
}
