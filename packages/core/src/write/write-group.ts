import type { Failure, PutManyOptions, Receipt, SyncMode } from '../api/documents.js'
import { StoreError, toStoreError } from '../errors.js'
import type { StoreContext } from '../open/context.js'
import type { ManualGroup } from '../outbox/manual-writes.js'
import type { DocumentRef, MaybePromise } from '../ports/common.js'
import { checkAborted, raceAbort } from '../resilience/abort.js'
import { feed } from './feed.js'
import { notSearchableYet, ObservedPromise, SingleWrite } from './receipt.js'
import type { DocumentWrite } from './write-stage.js'
import type { WriteWaiter } from './writer.js'

export interface WriteGroupOptions extends Pick<PutManyOptions, 'onProgress' | 'signal'> {
  readonly sync: SyncMode
  /** Whether every write gets a receipt of its own. */
  readonly receipts?: boolean | undefined
}

/** The writes of one call: what becomes of them is counted, and told together. */
export class WriteGroup {
  written = 0
  /** Of the documents written or deleted, how many were there before; absent as soon as one is not known. */
  existed: number | undefined = 0
  readonly failed: Failure[] = []
  /** In the order of the input; `undefined` for what was not written. */
  readonly receipts: (Receipt | undefined)[] = []
  /** In mode `manual` all the writes wait for a flush as one. */
  readonly flushGroup: ManualGroup | undefined
  /** Whether somebody waits until all is searchable. */
  isAwaited: boolean
  /** Whether the call waits until all is searchable. */
  readonly waits: boolean
  /**
   * Resolves with their number when every document written is searchable; rejects, saying which, when some never will
   * be.
   */
  readonly indexed: Promise<number>
  readonly #context: StoreContext
  readonly #options: WriteGroupOptions
  readonly #settled = Promise.withResolvers<number>()
  readonly #allWritten = Promise.withResolvers<void>()
  readonly #indexFailures: Failure[] = []
  #toWrite = 0
  #toIndex = 0
  #indexed = 0
  readonly #singles: SingleWrite[] = []
  #isAnswered = false
  #isFed = false
  #isProgressDue = false
  #progressError: unknown

  constructor(context: StoreContext, options: WriteGroupOptions) {
    this.#context = context
    this.#options = options
    const sync = context.index === undefined ? 'background' : options.sync
    this.waits = sync === 'wait'
    this.isAwaited = this.waits
    if (sync === 'manual') this.flushGroup = context.outbox.manual.begin()
    this.indexed = ObservedPromise.of(this.#settled.promise, () => {
      this.isAwaited = true
      context.outbox.drain()
    })
  }

  /**
   * Gives every item to `add` and waits until all are written (and in mode `wait` searchable), also when feeding
   * fails; then it throws that.
   */
  async feed<Item>(
    items: Iterable<Item> | AsyncIterable<Item>,
    add: (item: Item) => MaybePromise<void>,
  ): Promise<void> {
    const { signal, onProgress } = this.#options
    try {
      await feed(items, add, () => this.#checkGoesOn(), signal)
    } finally {
      this.#isFed = true
      this.#check()
      this.#endFlushGroup()
      await raceAbort(this.#allWritten.promise, signal)
    }
    if (this.waits) {
      await raceAbort(Promise.allSettled([this.#settled.promise]), signal)
      this.isAwaited = false
      this.#isAnswered = true
    }
    // The last word: what was searchable or refused after the last write.
    if (onProgress !== undefined) this.#tellProgress()
    if (this.#progressError !== undefined) throw this.#progressError
  }

  /** A document cannot be written as it is. */
  refused(ref: DocumentRef, error: StoreError): void {
    this.failed.push({ ...ref, error })
    if (this.#options.receipts) this.receipts.push(undefined)
    if (this.#options.onProgress !== undefined) this.#progressSoon()
  }

  /** Begins one write; one that cannot begin has failed. Returns a promise if it has to wait. */
  start(ref: DocumentRef, begin: (waiter: WriteWaiter) => MaybePromise<DocumentWrite>): MaybePromise<void> {
    this.#toWrite += 1
    this.#toIndex += 1
    const single = this.#options.receipts
      ? new SingleWrite(this.#options.sync === 'manual' ? 'manual' : 'background')
      : undefined
    const waiter = new GroupedWrite(this, ref, single)
    const at = this.receipts.length
    if (single !== undefined) {
      this.receipts.push(undefined)
      this.#singles.push(single)
    }
    const failed = (error: unknown): void =>
      waiter.written(toStoreError(error, 'KV_FAILED', 'The write could not begin', ref))
    const begun = ({ entry }: DocumentWrite): void => {
      if (single === undefined) return
      const receiptOf = ({ superseded }: { superseded: boolean }): void => {
        this.receipts[at] = single.receipt(entry.version, superseded, () => this.#context.outbox.drain())
      }
      single.durable.promise.then(receiptOf, () => {})
    }
    try {
      const write = begin(waiter)
      if (write instanceof Promise) return write.then(begun, failed)
      begun(write)
    } catch (error) {
      failed(error)
    }
  }

  /** Whether the call tells its caller of a write that fails. */
  get reportsFailure(): boolean {
    return this.waits && !this.#isAnswered
  }

  /** A write is durable, or for this reason is not. */
  tellWritten(ref: DocumentRef, error: StoreError | undefined, existed: boolean | undefined): void {
    this.#toWrite -= 1
    if (error === undefined) {
      this.written += 1
      if (existed === undefined) this.existed = undefined
      else if (existed && this.existed !== undefined) this.existed += 1
    } else {
      this.#toIndex -= 1
      this.failed.push({ ...ref, error })
    }
    if (this.#options.onProgress !== undefined) this.#progressSoon()
    this.#check()
  }

  /** A write that is durable is searchable, or for this reason is not. */
  tellIndexed(ref: DocumentRef, error: StoreError | undefined): void {
    this.#toIndex -= 1
    if (error === undefined) this.#indexed += 1
    else {
      this.#indexFailures.push({ ...ref, error })
      if (this.waits) this.failed.push({ ...ref, error })
    }
    this.#check()
  }

  #checkGoesOn(): void {
    checkAborted(this.#options.signal)
    if (this.#context.signal.aborted) throw new StoreError('CLOSED', 'The store was closed before all was written')
  }

  #check(): void {
    if (!this.#isFed || this.#toWrite > 0) return
    this.#allWritten.resolve()
    if (this.#toIndex === 0) this.#done()
  }

  #done(): void {
    const [first] = this.#indexFailures
    if (first === undefined) {
      this.#settled.resolve(this.#indexed)
      return
    }
    const { error, namespace, key } = first
    const count = this.#indexFailures.length
    const message = `${count} of ${this.written} documents are not searchable; the first is ${JSON.stringify([...namespace, key])}: ${error.message}`
    const cause = new AggregateError(this.#indexFailures.map((failure) => failure.error))
    this.#settled.reject(new StoreError(error.code, message, { namespace, key, cause, retryable: error.retryable }))
  }

  /** When all are written, nothing more comes of the group that waits for a flush. */
  #endFlushGroup(): void {
    const { flushGroup } = this
    if (flushGroup === undefined) return
    void this.#allWritten.promise.then(() =>
      this.#context.outbox.manual.end(flushGroup, (error) => {
        for (const single of this.#singles) single.settled(error)
        if (error === undefined) this.#settled.resolve(this.written)
        else this.#settled.reject(error)
      }),
    )
  }

  /** Once for all that is written in one turn. */
  #progressSoon(): void {
    if (this.#isProgressDue) return
    this.#isProgressDue = true
    queueMicrotask(() => {
      this.#isProgressDue = false
      this.#tellProgress()
    })
  }

  #tellProgress(): void {
    try {
      this.#options.onProgress?.({ written: this.written, failed: this.failed.length, indexed: this.#indexed })
    } catch (error) {
      this.#progressError ??= error
    }
  }
}

/** One write of a group. */
class GroupedWrite implements WriteWaiter {
  readonly #group: WriteGroup
  readonly #ref: DocumentRef
  readonly #single: SingleWrite | undefined
  #isTold = false

  constructor(group: WriteGroup, ref: DocumentRef, single: SingleWrite | undefined) {
    this.#group = group
    this.#ref = ref
    this.#single = single
  }

  get isAwaited(): boolean {
    return this.#group.isAwaited || this.#single?.isAwaited === true
  }

  get reportsFailure(): boolean {
    return this.#group.reportsFailure
  }

  get flushGroup(): ManualGroup | undefined {
    return this.#group.flushGroup
  }

  written(error?: StoreError, superseded?: boolean, existed?: boolean): void {
    if (error !== undefined) this.#isTold = true
    this.#single?.written(error, superseded)
    this.#group.tellWritten(this.#ref, error, existed)
  }

  settled(error?: StoreError): void {
    this.#single?.settled(error)
    this.#tellGroup(error)
  }

  delayed(error: StoreError, ref: DocumentRef): void {
    if (this.#group.waits) this.#tellGroup(notSearchableYet(error, ref))
  }

  #tellGroup(error: StoreError | undefined): void {
    if (this.#isTold) return
    this.#isTold = true
    this.#group.tellIndexed(this.#ref, error)
  }
}
