import { StoreError } from '../errors.js'
import type { Embedder, EmbedResult } from '../ports/embedder.js'
import type { Batch } from './in-flight.js'
import { toEmbeddingError } from './remedy.js'

/** A synchronous embedder that took longer than this lets the event loop turn before it is called again. */
const YIELD_AFTER_MS = 1
/** How long a call that was aborted keeps its slot at most, while the embedder has not let go. */
const LET_GO_MS = 5000

/** How one call of the embedder ended. `given-up`: nobody waits for it any more. */
export type Call =
  | { readonly kind: 'answered'; readonly result: EmbedResult; readonly letGo?: undefined }
  | { readonly kind: 'failed'; readonly error: StoreError; readonly letGo?: Promise<void> }
  /** `letGo`: where the embedder was aborted. Resolves when it has ended, or after a while. */
  | { readonly kind: 'given-up'; readonly letGo: Promise<void> }

/** Calls the embedder once, within a time limit. Never rejects. */
export async function callEmbedder(
  embedder: Embedder,
  batch: Batch,
  texts: readonly string[],
  timeoutMs: number,
  now: () => number,
): Promise<Call> {
  const controller = new AbortController()
  const startedAt = now()
  let answer: ReturnType<Embedder['embed']>
  try {
    answer = embedder.embed(texts, { purpose: batch.purpose, signal: controller.signal })
  } catch (error) {
    return { kind: 'failed', error: toEmbeddingError(error, texts) }
  }
  if (typeof (answer as Promise<EmbedResult> | undefined)?.then !== 'function') {
    if (now() - startedAt > YIELD_AFTER_MS) await new Promise((resolve) => setImmediate(resolve))
    return { kind: 'answered', result: answer as EmbedResult }
  }
  const ended = Promise.resolve(answer).then(
    (result): Call => ({ kind: 'answered', result }),
    (error: unknown): Call => ({ kind: 'failed', error: toEmbeddingError(error, texts) }),
  )
  const call = await new Promise<Call>((resolve) => {
    // Decided before the embedder hears of the abort, so that its own words for it are not taken for a failure.
    const timer = setTimeout(() => {
      const error = new StoreError('TIMEOUT', `The embedder did not answer within ${timeoutMs} ms`)
      resolve({ kind: 'failed', error, letGo: letGo(ended) })
      controller.abort(error)
    }, timeoutMs)
    batch.stop = () => {
      clearTimeout(timer)
      resolve({ kind: 'given-up', letGo: letGo(ended) })
      controller.abort(new StoreError('ABORTED', 'Nobody waits for these texts any more'))
    }
    void ended.then((given) => {
      clearTimeout(timer)
      resolve(given)
    })
  })
  batch.stop = undefined
  return call
}

function letGo(ended: Promise<Call>): Promise<void> {
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
