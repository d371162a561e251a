import type { Store } from '@tandemstore/core'
import { faultOf, StoreError } from '@tandemstore/core/adapter'
import type { Settings } from './options.js'

/** Lets searches wait for the vectors of the writes before them, where puts do not wait. */
export class UnsettledWrites {
  readonly #store: Store
  readonly #settings: Settings
  /** Whether something was written that no flush has covered. */
  #written = false
  #flushing: Promise<void> = Promise.resolve()

  constructor(store: Store, settings: Settings) {
    this.#store = store
    this.#settings = settings
  }

  /** Notes what is being written; also where it fails, as a part of it may be stored. */
  async track(writing: Promise<void>): Promise<void> {
    try {
      await writing
    } finally {
      this.#written = !this.#settings.waitInPut
    }
  }

  /** @throws StoreError of what keeps something from being searchable yet. */
  async settle(): Promise<void> {
    if (this.#written) {
      this.#written = false
      this.#flushing = this.#flush()
      // It is told to those who wait for it.
      this.#flushing.catch(() => {})
    }
    await this.#flushing
  }

  async #flush(): Promise<void> {
    try {
      await this.#store.flush()
    } catch (error) {
      if (!StoreError.isInstance(error)) throw error
      const causes: unknown[] = error.cause instanceof AggregateError ? error.cause.errors : [error]
      // What is a document's own fault will never be found, which `indexFailed` tells; the others wait for somebody
      // or something to be mended.
      const waiting = causes.find((each) => StoreError.isInstance(each) && faultOf(each) !== 'document')
      if (!StoreError.isInstance(waiting)) return
      this.#written = true
      // Whose items they are is nothing that another search may learn.
      throw new StoreError(waiting.code, 'Items put before this search cannot be found yet', {
        cause: error,
        retryable: waiting.retryable,
        setup: waiting.setup,
      })
    }
  }
}
