import { toStoreError } from '../errors.js'
import type { Entry } from '../outbox/entry.js'
import type { VectorSpace } from '../ports/vector-index.js'
import { type AttemptOptions, attemptFailed } from './failed-attempt.js'

export interface PrefixDeletionsOptions extends AttemptOptions {
  readonly space: VectorSpace
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
    const { space, spaceName, settlement, retries } = this.#options
    entry.state = 'projecting'
    try {
      await space.deletePrefix(entry.ref.namespace, entry.version)
    } catch (cause) {
      const error = toStoreError(cause, 'INDEX_FAILED', 'Deleting the points of a namespace failed')
      attemptFailed([entry], error, () => void this.#attempt(entry, true), this.#options)
      return
    }
    retries.succeeded('databases', isRetry)
    // Deleting is bounded by the version, so it is right whatever the KV holds.
    const settled = { entries: [entry], fences: [], seen: entry.version, lacksText: false }
    await settlement.projected(spaceName, [settled], Date.now())
  }
}
