import { faultOf, type StoreError } from '../errors.js'
import type { Entry } from '../outbox/entry.js'
import type { Outbox } from '../outbox/outbox.js'
import type { Settlement } from '../outbox/settlement.js'
import type { RetryQueue } from './retry-queue.js'

export interface AttemptOptions {
  readonly spaceName: string
  readonly outbox: Outbox
  readonly settlement: Settlement
  readonly retries: RetryQueue
  /** Fires when the store closes. */
  readonly signal: AbortSignal
}

/**
 * Deleting points of entries in a space failed: it is left to recovery if the store closes, fails for good by its own
 * fault, and else is tried again.
 */
export function attemptFailed(
  entries: readonly Entry[],
  error: StoreError,
  retry: () => void,
  { spaceName, outbox, settlement, retries, signal }: AttemptOptions,
): void {
  const leave = (): void => settlement.left(entries)
  if (signal.aborted) {
    leave()
    return
  }
  if (faultOf(error) === 'document') {
    void settlement.failed(spaceName, { entries, fences: [] }, error)
    return
  }
  for (const entry of entries) {
    if (spaceName === entry.searched) outbox.delay(entry, error)
    else outbox.passElsewhere(entry)
  }
  const isAwaited = (): boolean => entries.some(({ searched, waiter }) => spaceName === searched && waiter.isAwaited)
  retries.add({ failedAt: 'databases', isDocument: false, isAwaited, retry, leave }, error)
}
