import { StoreError } from '../errors.js'
import type { MaybePromise } from '../ports/common.js'

/** A synchronous model that took longer than this lets the event loop turn before it is called again. */
const YIELD_AFTER_MS = 1
/** How long a call that was aborted keeps its slot at most, while the model has not let go. */
const LET_GO_MS = 5000

/** How one call of a model ended. `given-up`: nobody waits for it any more. */
export type Call<Result> =
  | { readonly kind: 'answered'; readonly result: Result; readonly letGo?: undefined }
  | { readonly kind: 'failed'; readonly error: StoreError; readonly letGo?: Promise<void> }
  /** `letGo`: where the model was aborted. Resolves when it has ended, or after a while. */
  | { readonly kind: 'given-up'; readonly letGo: Promise<void> }

export interface ModelCall<Result> {
  /** How errors name it, such as `The embedder`. */
  readonly who: string
  call(signal: AbortSignal): MaybePromise<Result>
  toError(thrown: unknown): StoreError
  /** What ends the call is put here while it is under way. */
  readonly stoppable: { stop: (() => void) | undefined }
  readonly timeoutMs: number
  readonly now: () => number
}

/** Calls a model once, within a time limit. Never rejects. */
export async function callModel<Result>(args: ModelCall<Result>): Promise<Call<Result>> {
  const { who, toError, stoppable, timeoutMs, now } = args
  const controller = new AbortController()
  const startedAt = now()
  let answer: MaybePromise<Result>
  try {
    answer = args.call(controller.signal)
  } catch (error) {
    return { kind: 'failed', error: toError(error) }
  }
  if (typeof (answer as Promise<Result> | undefined)?.then !== 'function') {
    if (now() - startedAt > YIELD_AFTER_MS) await new Promise((resolve) => setImmediate(resolve))
    return { kind: 'answered', result: answer as Result }
  }
  const ended = Promise.resolve(answer).then(
    (result): Call<Result> => ({ kind: 'answered', result }),
    (error: unknown): Call<Result> => ({ kind: 'failed', error: toError(error) }),
  )
  const call = await new Promise<Call<Result>>((resolve) => {
    // Decided before the model hears of the abort, so that its own words for it are not taken for a failure.
    const timer = setTimeout(() => {
      const error = new StoreError('TIMEOUT', `${who} did not answer within ${timeoutMs} ms`)
      resolve({ kind: 'failed', error, letGo: letGo(ended) })
      controller.abort(error)
    }, timeoutMs)
    stoppable.stop = () => {
      clearTimeout(timer)
      resolve({ kind: 'given-up', letGo: letGo(ended) })
      controller.abort(new StoreError('ABORTED', 'Nobody waits for these texts any more'))
    }
    void ended.then((given) => {
      clearTimeout(timer)
      resolve(given)
    })
  })
  stoppable.stop = undefined
  return call
}

function letGo(ended: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LET_GO_MS)
    // Nobody waits for this call any more, so it is no reason for the process to go on.
    timer.unref()
    void ended.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
