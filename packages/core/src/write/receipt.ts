import type { Receipt, SyncMode } from '../api/documents.js'
import { faultOf, StoreError } from '../errors.js'
import type { Waiter } from '../outbox/entry.js'
import type { DocumentRef, Version } from '../ports/common.js'

/**
 * A promise that tells when somebody waits for it. Merely reading it (a spread, a logger, a comparison) changes
 * nothing.
 */
export class ObservedPromise<T> extends Promise<T> {
  #onWait: (() => void) | undefined

  /** What is derived from it is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  static of<T>(promise: Promise<T>, onWait: () => void): ObservedPromise<T> {
    const observed = new ObservedPromise<T>((resolve, reject) => void promise.then(resolve, reject))
    // Ignoring it never ends the process.
    Promise.prototype.then.call(observed, undefined, () => {})
    observed.#onWait = onWait
    return observed
  }

  // biome-ignore lint/suspicious/noThenProperty: `await` and the other methods of a promise come by here
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#onWait?.()
    return super.then(onFulfilled, onRejected)
  }
}

const singleWrites = new WeakMap<Receipt, SingleWrite>()

/** Whether a receipt is of a write in mode `manual` that no flush has projected yet. */
export function waitsForFlush(receipt: Receipt): boolean {
  return singleWrites.get(receipt)?.waitsForFlush === true
}

/** Why a document that is stored is not searchable yet. */
export function notSearchableYet(
  { code, message, setup, retryAfterMs, cause }: StoreError,
  ref: DocumentRef,
): StoreError {
  // Only somebody can mend the set-up.
  const retryable = faultOf(new StoreError(code, message, { setup })) !== 'setup'
  const options = { ...ref, retryable, setup, retryAfterMs, cause }
  return new StoreError(code, `Stored, but not searchable yet: ${message}`, options)
}

/** The promises of one write. */
export class SingleWrite implements Waiter {
  isAwaited: boolean
  reportsFailure: boolean
  /** In mode `manual`, until a flush has projected it. */
  waitsForFlush: boolean
  readonly durable = Promise.withResolvers<{ readonly superseded: boolean }>()
  /** What the receipt waits for. */
  readonly #projected = Promise.withResolvers<void>()
  /** In mode `wait`, put tells of an attempt that failed; the receipt goes on waiting for the next one. */
  readonly searchable: PromiseWithResolvers<void> | undefined

  constructor(sync: SyncMode) {
    this.isAwaited = sync === 'wait'
    this.reportsFailure = sync === 'wait'
    this.waitsForFlush = sync === 'manual'
    if (sync === 'wait') this.searchable = Promise.withResolvers()
    this.durable.promise.catch(() => {})
    this.#projected.promise.catch(() => {})
    this.searchable?.promise.catch(() => {})
  }

  written(error?: StoreError, superseded = false): void {
    if (error === undefined) this.durable.resolve({ superseded })
    else this.durable.reject(error)
  }

  settled(error?: StoreError): void {
    this.waitsForFlush = false
    if (error === undefined) {
      this.#projected.resolve()
      this.searchable?.resolve()
    } else {
      this.#projected.reject(error)
      this.searchable?.reject(error)
    }
  }

  delayed(error: StoreError, ref: DocumentRef): void {
    if (this.searchable === undefined) return
    // Its caller gets no receipt to wait on, and is told nothing more.
    this.isAwaited = false
    this.reportsFailure = false
    this.searchable.reject(notSearchableYet(error, ref))
  }

  /** `drain`: what waiting for `indexed` sets off. */
  receipt(version: Version, superseded: boolean, drain: () => void): Receipt {
    const indexed = ObservedPromise.of(this.#projected.promise, () => {
      this.isAwaited = true
      drain()
    })
    const receipt = { version, superseded, indexed }
    singleWrites.set(receipt, this)
    return receipt
  }
}
