import { checkOneOf, checkOptions } from '../api/arguments.js'
import type {
  DeleteManyResult,
  Failure,
  PutManyDocument,
  PutManyOptions,
  PutManyResult,
  SignalOptions,
  SyncMode,
} from '../api/documents.js'
import { toRef } from '../document/namespace.js'
import { invalid, StoreError, toStoreError } from '../errors.js'
import type { ManualGroup } from '../indexing/manual-writes.js'
import type { StoreContext } from '../open/context.js'
import type { DocumentRef, MaybePromise } from '../ports/common.js'
import { checkAborted, orAborted } from '../resilience/abort.js'
import { MAX_BATCH } from './write-batches.js'
import { type Draft, type Listener, syncModes, type Writer } from './writer.js'

/** How long documents are taken without a break, milliseconds: others wait for as long. */
const MAX_TURN_MS = 20

/** Stores many documents. What is read ahead is bounded by the room for pending writes; a bad document stops no other. */
export async function putMany(
  context: StoreContext,
  writer: Writer,
  documents: Iterable<PutManyDocument<object>> | AsyncIterable<PutManyDocument<object>>,
  options: PutManyOptions = {},
): Promise<PutManyResult> {
  checkOptions(options, ['onProgress', 'sync', 'signal'])
  checkOneOf(options.sync, 'options.sync', syncModes)
  const { sync = context.sync, signal, onProgress } = options
  if (onProgress !== undefined && typeof onProgress !== 'function') throw invalid('options.onProgress', 'a function')
  const group = new WriteGroup(context, sync, onProgress)

  const refuse = (document: PutManyDocument<object>, error: unknown): void => {
    const { namespace, key } = (document ?? {}) as DocumentRef
    group.refused({ namespace, key }, toStoreError(error, 'INVALID_ARGUMENT', 'The document could not be checked'))
  }
  const write = (draft: Draft): MaybePromise<void> =>
    group.start(draft.ref, (listener) => writer.write(draft, listener, signal))
  let position = 0
  await group.feed(
    documents,
    (document) => {
      try {
        const checked = writer.checkDocument(document, position++, sync)
        return checked instanceof Promise ? checked.then(write, (error) => refuse(document, error)) : write(checked)
      } catch (error) {
        refuse(document, error)
      }
    },
    signal,
  )
  return {
    written: group.written,
    failed: group.failed,
    get indexed() {
      return group.indexed
    },
  }
}

/** Deletes many documents, likewise. */
export async function deleteMany(
  context: StoreContext,
  writer: Writer,
  refs: readonly DocumentRef[],
  options: SignalOptions = {},
): Promise<DeleteManyResult> {
  checkOptions(options, ['signal'])
  if (!Array.isArray(refs)) throw invalid('refs', 'an array of namespace and key')
  // All are checked before the first is deleted.
  const checked = refs.map((ref, i) => toRef(ref?.namespace, ref?.key, `refs[${i}].`))
  const group = new WriteGroup(context, context.sync, undefined)
  const { sync } = context
  await group.feed(
    checked,
    (ref) => group.start(ref, (listener) => writer.deleteRef(ref, listener, sync, { signal: options.signal })),
    options.signal,
  )
  return {
    deleted: group.written,
    failed: group.failed,
    get indexed() {
      return group.indexed
    },
  }
}

/** Counts what becomes of the writes of one call. */
class WriteGroup {
  written = 0
  readonly failed: Failure[] = []
  readonly #settleIndexed: PromiseWithResolvers<number> = Promise.withResolvers()
  readonly #allWritten: PromiseWithResolvers<void> = Promise.withResolvers()
  readonly #context: StoreContext
  readonly #sync: SyncMode
  readonly #onProgress: PutManyOptions['onProgress']
  #toWrite = 0
  #toIndex = 0
  #indexed = 0
  #indexFailures: Failure[] = []
  /** In mode `manual` all the writes wait for a flush as one. */
  readonly flushGroup: ManualGroup | undefined
  #fed = false
  isAwaited = false
  #progressDue = false
  #progressError: unknown

  /** Whether the call waits until all is searchable. */
  readonly waits: boolean

  constructor(context: StoreContext, sync: SyncMode, onProgress: PutManyOptions['onProgress']) {
    this.#context = context
    this.#sync = context.index === undefined ? 'background' : sync
    this.waits = this.#sync === 'wait'
    if (this.#sync === 'manual') this.flushGroup = context.index?.manual.begin()
    this.#onProgress = onProgress
    this.#settleIndexed.promise.catch(() => {})
  }

  /** Asking for it is a sign that somebody waits. */
  get indexed(): Promise<number> {
    this.isAwaited = true
    this.#context.index?.projector.hurry()
    return this.#settleIndexed.promise
  }

  /**
   * Gives every item to `add`, waits until all are written (and in mode `wait` searchable), also when feeding fails, and then throws that.
   * What need not wait goes on in the same run of code, so that it makes full batches; after each of these, or after 20 ms, others get their turn.
   */
  async feed<Item>(
    items: Iterable<Item> | AsyncIterable<Item>,
    add: (item: Item) => MaybePromise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (typeof items !== 'object' || items === null || !(Symbol.iterator in items || Symbol.asyncIterator in items)) {
      throw invalid('documents', 'an iterable or async iterable of documents')
    }
    try {
      if (Symbol.asyncIterator in items) await this.#feedAsync(items[Symbol.asyncIterator](), add, signal)
      else {
        let untilTurn = MAX_BATCH
        let turnEnds = performance.now() + MAX_TURN_MS
        for (const item of items) {
          this.#checkGoesOn(signal)
          const waiting = add(item)
          if (waiting instanceof Promise) await waiting
          untilTurn -= 1
          if (untilTurn > 0 && performance.now() < turnEnds) continue
          await new Promise((resolve) => setImmediate(resolve))
          untilTurn = MAX_BATCH
          turnEnds = performance.now() + MAX_TURN_MS
        }
      }
    } finally {
      this.#fed = true
      this.#check()
      this.#endFlushGroup()
      await orAborted(this.#allWritten.promise, signal)
    }
    if (this.waits) {
      await orAborted(
        this.indexed.catch(() => {}),
        signal,
      )
      // The last word: what was searchable only after the last write.
      if (this.#onProgress !== undefined) this.#tellProgress()
    }
    if (this.#progressError !== undefined) throw this.#progressError
  }

  /** As `for await` would, but an abort ends the wait for a source that gives nothing. */
  async #feedAsync<Item>(
    source: AsyncIterator<Item>,
    add: (item: Item) => MaybePromise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    let ended = false
    try {
      for (;;) {
        this.#checkGoesOn(signal)
        const next = await orAborted(source.next(), signal)
        ended = next.done === true
        if (ended) return
        this.#checkGoesOn(signal)
        await add(next.value)
      }
    } catch (error) {
      // The source is told that nobody reads on; whether it answers is its own matter.
      if (!ended) void Promise.resolve(source.return?.()).catch(() => {})
      throw error
    }
  }

  #checkGoesOn(signal: AbortSignal | undefined): void {
    checkAborted(signal)
    if (this.#context.signal.aborted) throw new StoreError('CLOSED', 'The store was closed before all was written')
  }

  refused(ref: DocumentRef, error: StoreError): void {
    this.failed.push({ ...ref, error })
  }

  /** Begins one write; one that cannot begin has failed. Gives a promise if it has to wait. */
  start(ref: DocumentRef, begin: (listener: Listener) => unknown): MaybePromise<void> {
    this.#toWrite += 1
    this.#toIndex += 1
    const listener = new GroupedWrite(this, ref)
    const failed = (error: unknown): void =>
      listener.written(toStoreError(error, 'KV_FAILED', 'The write could not begin', ref))
    try {
      const begun = begin(listener)
      if (begun instanceof Promise) return begun.then(() => {}, failed)
    } catch (error) {
      failed(error)
    }
  }

  /** A write is durable, or for this reason is not. */
  tellWritten(ref: DocumentRef, error: StoreError | undefined): void {
    this.#toWrite -= 1
    if (error === undefined) {
      this.written += 1
    } else {
      this.#toIndex -= 1
      this.failed.push({ ...ref, error })
    }
    if (this.#onProgress !== undefined) this.#progressSoon()
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

  #check(): void {
    if (!this.#fed || this.#toWrite > 0) return
    this.#allWritten.resolve()
    if (this.#toIndex === 0) this.#done()
  }

  #done(): void {
    const [first] = this.#indexFailures
    if (first === undefined) {
      this.#settleIndexed.resolve(this.#indexed)
      return
    }
    const { error, namespace, key } = first
    const count = this.#indexFailures.length
    const message = `${count} of ${this.written} documents are not searchable; the first is ${JSON.stringify([...namespace, key])}: ${error.message}`
    const cause = new AggregateError(this.#indexFailures.map((failure) => failure.error))
    this.#settleIndexed.reject(
      new StoreError(error.code, message, { namespace, key, cause, retryable: error.retryable }),
    )
  }

  /** When all are written, nothing more comes of the group that waits for a flush. */
  #endFlushGroup(): void {
    const { flushGroup } = this
    if (flushGroup === undefined) return
    void this.#allWritten.promise.then(() =>
      this.#context.index?.manual.end(flushGroup, (error) => {
        if (error === undefined) this.#settleIndexed.resolve(this.written)
        else this.#settleIndexed.reject(error)
      }),
    )
  }

  /** Once for all that is written in one turn. */
  #progressSoon(): void {
    if (this.#progressDue) return
    this.#progressDue = true
    queueMicrotask(() => {
      this.#progressDue = false
      this.#tellProgress()
    })
  }

  #tellProgress(): void {
    try {
      this.#onProgress?.({ written: this.written, failed: this.failed.length, indexed: this.#indexed })
    } catch (error) {
      this.#progressError ??= error
    }
  }
}

/** One write of a group. */
class GroupedWrite implements Listener {
  get isAwaited(): boolean {
    return this.#group.isAwaited
  }
  get flushGroup(): ManualGroup | undefined {
    return this.#group.flushGroup
  }
  readonly #group: WriteGroup
  readonly #ref: DocumentRef
  #told = false

  constructor(group: WriteGroup, ref: DocumentRef) {
    this.#group = group
    this.#ref = ref
  }

  written(error: StoreError | undefined): void {
    if (error !== undefined) this.#told = true
    this.#group.tellWritten(this.#ref, error)
  }

  indexed(error?: StoreError): void {
    if (this.#told) return
    this.#told = true
    this.#group.tellIndexed(this.#ref, error)
  }

  delayed(error: StoreError): void {
    if (this.#group.waits) this.indexed(error)
  }
}
