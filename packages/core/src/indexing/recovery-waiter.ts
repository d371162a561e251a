import { StoreError, type StoreErrorCode } from '../errors.js'
import type { Waiter } from '../outbox/entry.js'
import type { Intent } from '../ports/kv-records.js'

/** Waits for an entry of recovery to be projected, to fail or, at first, to be delayed. */
export class RecoveryWaiter implements Waiter {
  isAwaited = true
  readonly reportsFailure: boolean
  /** Resolves with the first that is told. */
  readonly told: Promise<void>
  readonly #resolve: () => void
  readonly #counted: () => void
  readonly #failed: (error: StoreError) => void

  constructor(options: { readonly reportsFailure: boolean; counted(): void; failed(error: StoreError): void }) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.told = promise
    this.#resolve = resolve
    this.reportsFailure = options.reportsFailure
    this.#counted = options.counted
    this.#failed = options.failed
  }

  settled(error?: StoreError, kept?: boolean): void {
    if (error !== undefined) this.#failed(error)
    else if (!kept) this.#counted()
    this.#resolve()
  }

  delayed(error: StoreError): void {
    this.#failed(error)
    this.isAwaited = false
    this.#resolve()
  }
}

/** The failure that an intent records, as an error. */
export function knownFailure({ namespace, key, failure }: Intent): StoreError {
  const { code = 'INDEX_FAILED', message = '' } = failure ?? {}
  return new StoreError(code as StoreErrorCode, message, { namespace, key, retryable: false })
}
