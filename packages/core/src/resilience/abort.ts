import { setTimeout as wait } from 'node:timers/promises'
import { aborted } from '../errors.js'

/** Throws ABORTED if the signal has fired. */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal)
}

/** Waits for a promise, at most until the signal fires: then ABORTED. What was waited for goes on. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(aborted(signal))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** Waits so many milliseconds. Rejects with the reason of `closing` if that fires, and with ABORTED if `signal` does. */
export async function sleepOrAbort(ms: number, closing: AbortSignal, signal: AbortSignal | undefined): Promise<void> {
  const ends = signal === undefined ? closing : AbortSignal.any([closing, signal])
  await wait(ms, undefined, { signal: ends }).catch(() => {
    throw closing.aborted ? closing.reason : aborted(ends)
  })
}
