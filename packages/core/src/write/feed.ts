import { invalid } from '../errors.js'
import type { MaybePromise } from '../ports/common.js'
import { raceAbort } from '../resilience/abort.js'
import { MAX_BATCH } from './write-stage.js'

/** How long items are taken without a break, milliseconds: others wait for as long. */
const MAX_TURN_MS = 20

/** Anything that can be iterated over. INVALID_ARGUMENT names `field`. */
export function checkIterable(items: unknown, field: string): void {
  if (typeof items === 'object' && items !== null && (Symbol.iterator in items || Symbol.asyncIterator in items)) return
  throw invalid(field, 'an iterable or async iterable of documents')
}

/**
 * Gives every item to `add`, in order. What need not wait goes on in the same run of code, so that it makes full
 * batches; after each of these, or after 20 ms, others get their turn. `checkGoesOn` throws what ends it early.
 */
export async function feed<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  add: (item: Item) => MaybePromise<void>,
  checkGoesOn: () => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (Symbol.asyncIterator in items) {
    await feedAsync(items[Symbol.asyncIterator](), add, checkGoesOn, signal)
    return
  }
  let untilTurn = MAX_BATCH
  let turnEnds = performance.now() + MAX_TURN_MS
  const startTurn = (): void => {
    untilTurn = MAX_BATCH
    turnEnds = performance.now() + MAX_TURN_MS
  }
  for (const item of items) {
    checkGoesOn()
    const waiting = add(item)
    if (waiting instanceof Promise) {
      await waiting
      // Waiting for room was a turn for others, so the next documents make a batch together.
      startTurn()
      continue
    }
    untilTurn -= 1
    if (untilTurn > 0 && performance.now() < turnEnds) continue
    await new Promise((resolve) => setImmediate(resolve))
    startTurn()
  }
}

/** As `for await` would, but an abort ends the wait for a source that gives nothing. */
async function feedAsync<Item>(
  source: AsyncIterator<Item>,
  add: (item: Item) => MaybePromise<void>,
  checkGoesOn: () => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  let ended = false
  try {
    for (;;) {
      checkGoesOn()
      const next = await raceAbort(source.next(), signal)
      ended = next.done === true
      if (ended) return
      checkGoesOn()
      await add(next.value)
    }
  } catch (error) {
    // The source is told that nobody reads on; whether it answers is its own matter.
    if (!ended) void Promise.resolve(source.return?.()).catch(() => {})
    throw error
  }
}
