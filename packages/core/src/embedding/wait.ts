import { aborted, StoreError } from '../errors.js'
import type { createAbortWatch } from './abort-watch.js'
import type { TextInFlight } from './in-flight.js'
import type { SingleFlight } from './single-flight.js'

/**
 * How long an impatient request waits at most, milliseconds: a hosted model embeds a query in less than a second, and
 * who has something else to show does better with that than with a page that hangs.
 */
const MAX_IMPATIENT_MS = 5000

/** Waits for the vectors of single texts. */
export function createWait(args: {
  readonly flight: SingleFlight
  readonly abortWatch: ReturnType<typeof createAbortWatch>
  readonly attemptTimeoutMs: number
}): (text: TextInFlight, request: WaitRequest) => Promise<Float32Array> {
  const { flight, abortWatch } = args
  const impatientMs = Math.min(MAX_IMPATIENT_MS, args.attemptTimeoutMs)

  return (text, { signal, isImpatient = false }) =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer)
        if (signal !== undefined) abortWatch.unwatch(signal, waiter)
      }
      const leave = (error: StoreError): void => {
        end()
        flight.leave(text, waiter)
        reject(error)
      }
      const waiter = {
        delayed: isImpatient ? leave : undefined,
        settle(_: number, vector: Float32Array | undefined, error: StoreError | undefined) {
          end()
          if (vector === undefined) reject(error)
          else resolve(vector)
        },
        abort: (by: AbortSignal) => leave(aborted(by)),
      }
      const late = (): void => {
        const error = new StoreError('TIMEOUT', `The embedder did not answer within ${impatientMs} ms`)
        // If nobody else waits, the call ends as one that took too long.
        if (text.batch !== undefined) text.batch.tooLate = error
        leave(error)
      }
      const timer = isImpatient ? setTimeout(late, impatientMs) : undefined
      flight.join(text, waiter, 0)
      if (signal !== undefined) abortWatch.watch(signal, waiter)
    })
}

interface WaitRequest {
  readonly signal?: AbortSignal | undefined
  readonly isImpatient?: boolean | undefined
}
