import { setTimeout } from 'node:timers/promises'
import { aborted } from '../errors.js'

/** Throws ABORTED if the signal has fired. */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal)
}

const listening = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls a listener when a signal fires; gives what ends that. However many listen to a signal, it has one listener:
 * adding and removing one takes time in proportion to those there are, and thousands of calls may share a signal.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const others = listening.get(signal)
  const listeners = others ?? new Set<() => void>()
  listeners.add(listener)
  if (others === undefined) {
    listening.set(signal, listeners)
    signal.addEventListener('abort', tellAll, { once: true })
  }
  return () => {
    if (!listeners.delete(listener) || listeners.size > 0) return
    listening.delete(signal)
    signal.removeEventListener('abort', tellAll)
  }
}

function tellAll(this: AbortSignal): void {
  const listeners = listening.get(this)
  listening.delete(this)
  for (const listener of listeners ?? []) listener()
}

/** Waits for a promise, at most until the signal fires: then ABORTED. What was waited for goes on. */
export function raceAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  if (signal.aborted) {
    promise.catch(() => {})
    return Promise.reject(aborted(signal))
  }
  return new Promise<T>((resolve, reject) => {
    const stop = onAbort(signal, () => reject(aborted(signal)))
    promise.then(resolve, reject).finally(stop)
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

/**
 * Waits so many milliseconds. Rejects with the reason of `closing` if that fires, and with ABORTED if `signal` does.
 */
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

/**
 * Gives, for a signal of a call, one that fires with it or with `own`; the same each time, as making one costs as
 * much as a read.
 */
export function joinedWith(own: AbortSignal): (signal: AbortSignal | undefined) => AbortSignal {
  const joined = new WeakMap<AbortSignal, AbortSignal>()
  return (signal) => {
    if (signal === undefined) return own
    let both = joined.get(signal)
    if (both === undefined) {
      both = AbortSignal.any([own, signal])
      joined.set(signal, both)
    }
    return both
  }
}
