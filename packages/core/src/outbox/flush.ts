import { toStoreError } from '../errors.js'
import type { StoreContext } from '../open/context.js'
import { checkAborted, raceAbort } from '../resilience/abort.js'
import { type EntryFailure, flushError } from './barrier.js'

/**
 * Waits until every write accepted by now is searchable, those of mode `manual` included. Throws which are not, each
 * failure once; when it is aborted, the next flush tells.
 */
export async function flush({ outbox, index }: StoreContext, signal: AbortSignal | undefined): Promise<void> {
  index?.retries.retryNow()
  const background = outbox.barrier(signal)
  outbox.drain()
  const first = await background
  const failures: EntryFailure[] = [...first.delayed]
  let count = failures.length + first.withoutRoom
  const waiting = outbox.manual.waiting
  if (index !== undefined && waiting !== undefined) {
    try {
      await raceAbort(index.recovery.projectOwn(waiting.upTo, signal), signal)
      outbox.manual.flushed(waiting)
      outbox.drain()
      const second = await outbox.barrierOfActive(signal)
      failures.push(...second.delayed)
      count += second.delayed.length + second.withoutRoom
    } catch (cause) {
      checkAborted(signal)
      const error = toStoreError(cause, 'INDEX_FAILED', 'Flushing failed')
      if (error.code === 'CLOSED') throw error
      failures.push({ ref: { namespace: error.namespace ?? [], key: error.key ?? '' }, error })
      count += 1
    }
  }
  const untold = outbox.takeUntold()
  failures.unshift(...untold.failures)
  count += untold.count
  const [only] = failures
  if (count === 1 && only !== undefined && only.ref.namespace.length === 0) throw only.error
  if (count > 0) throw flushError(failures, count)
}
