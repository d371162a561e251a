import { setImmediate } from 'node:timers/promises'

/** Waits for a promise that takes no signal, until the signal aborts; then it rejects with the signal's reason. */
export async function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

const BREATH_MS = 20

/**
 * For loops over calls that may never leave the run of microtasks, as those of a store in memory: lets timers and
 * Ctrl-C have their turn from time to time. Rejects with the signal's reason once it has aborted.
 */
export function createBreath(signal: AbortSignal): () => Promise<void> {
  let last = performance.now()
  return async () => {
    if (performance.now() - last > BREATH_MS) {
      await setImmediate()
      last = performance.now()
    }
    signal.throwIfAborted()
  }
}
