import { faultOf, toStoreError } from '../errors.js'
import type { Entry } from '../outbox/entry.js'
import type { Outbox } from '../outbox/outbox.js'
import type { Settlement } from '../outbox/settlement.js'
import type { VectorSpace } from '../ports/vector-index.js'
import type { RetryQueue } from './retry-queue.js'

export interface PrefixDeletionsOptions {
  readonly space: VectorSpace
  readonly spaceName: string
  readonly outbox: Outbox
  readonly settlement: Settlement
  readonly retries: RetryQueue
  /** Fires when the store closes. */
  readonly signal: AbortSignal
}

/** Deletes the points of deleted namespaces, again and again until it succeeds or the store closes. */
export class PrefixDeletions {
  readonly #options: PrefixDeletionsOptions

  constructor(options: PrefixDeletionsOptions) {
    this.#options = options
  }

  /**
   * Begins: the entry's namespace is the prefix, and what is deleted is at or below its version. Its waiter is told
   * what comes of it.
   */
  project(entry: Entry): void {
    void this.#attempt(entry)
  }

  async #attempt(entry: Entry, isRetry = false): Promise<void> {
    const { space, spaceName, outbox, settlement, retries, signal } = this.#options
    entry.state = 'projecting'
    try {
      await space.deletePrefix(entry.ref.namespace, entry.version)
    } catch (cause) {
      const error = toStoreError(cause, 'INDEX_FAILED', 'Deleting the points of a namespace failed')
      const leave = (): void => settlement.left([entry])
      if (signal.aborted) leave()
      else if (faultOf(error) !== 'document') {
        if (spaceName === entry.searched) outbox.delay(entry, error)
        else outbox.passElsewhere(entry)
        const isAwaited = (): boolean => entry.waiter.isAwaited
        retries.add({ isDocument: false, isAwaited, retry: () => void this.#attempt(entry, true), leave }, error)
      } else await settlement.failed(spaceName, { entries: [entry], fences: [] }, error)
      return
    }
    if (isRetry) retries.succeeded()
    // Deleting is bounded by the version, so it is right whatever the KV holds.
    const settled = { entries: [entry], fences: [], seen: entry.version, lacksText: false }
    await settlement.projected(spaceName, [settled], Date.now())
  }
}
