import { mayPass, type StoreError, toStoreError } from '../errors.js'
import type { Events } from '../observe/events.js'
import type { Namespace, Version } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { Intent } from '../ports/kv-records.js'
import type { VectorSpace } from '../ports/vector-index.js'
import { recordFailure } from './intents.js'
import type { Pending, PendingWrites } from './pending.js'

const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 30_000

export interface PrefixDeletion extends Pending {
  readonly prefix: Namespace
  readonly version: Version
  readonly intents: readonly Intent[]
}

/** Deletes the points of deleted namespaces, again and again until it succeeds or the store closes. */
export class PrefixDeletions {
  readonly #options: {
    readonly kv: KVCollection
    readonly space: VectorSpace
    readonly pending: PendingWrites
    readonly events: Events
    readonly signal: AbortSignal
  }
  readonly #wakers = new Set<() => void>()

  constructor(options: {
    readonly kv: KVCollection
    readonly space: VectorSpace
    readonly pending: PendingWrites
    readonly events: Events
    readonly signal: AbortSignal
  }) {
    this.#options = options
  }

  /** Ends every pause between two attempts. */
  retryNow(): void {
    for (const wake of this.#wakers) wake()
  }

  /** Resolves when the points are gone and so are the intents. Rejects when the store closes first, or with what no repetition mends; `delayed` is told of each attempt that failed. */
  async project(deletion: PrefixDeletion, delayed?: (error: StoreError) => void): Promise<void> {
    const { kv, space, pending, events, signal } = this.#options
    for (let attempt = 0; ; attempt += 1) {
      try {
        await space.deletePrefix(deletion.prefix, deletion.version)
        await kv.removeIntents(deletion.intents)
        pending.close(deletion)
        return
      } catch (cause) {
        const error = toStoreError(cause, 'INDEX_FAILED', 'Deleting the points of a namespace failed')
        if (!mayPass(error) || signal.aborted) {
          if (!signal.aborted) await recordFailure(deletion.intents, error, this.#options)
          pending.close(deletion, signal.aborted ? undefined : error)
          throw error
        }
        const retryInMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt)
        events.emit('indexDelayed', { documents: 0, error, retryInMs })
        pending.delay(deletion, error)
        delayed?.(error)
        await this.#pause(retryInMs, error)
      }
    }
  }

  async #pause(ms: number, error: StoreError): Promise<void> {
    const { signal } = this.#options
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        this.#wakers.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      signal.addEventListener('abort', wake, { once: true })
      this.#wakers.add(wake)
    })
    if (signal.aborted) throw error
  }
}
