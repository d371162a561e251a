import { StoreError, toStoreError } from '../errors.js'
import { removeIntents } from '../indexing/intents.js'
import type { Operation } from '../indexing/operation.js'
import type { Pending } from '../indexing/pending.js'
import type { StoreContext } from '../open/context.js'
import type { DocumentRef, Version } from '../ports/common.js'
import type { DeleteRow, Intent, PutRow, WriteOutcome } from '../ports/kv-records.js'
import { Batcher } from '../resilience/batcher.js'
import type { Listener } from './writer.js'

/** A write that has its version. */
export interface WriteRequest {
  readonly ref: DocumentRef
  /** `refId` of it. */
  readonly id: string
  readonly version: Version
  /** Either this or `delete` is there. */
  readonly put: PutRow | undefined
  readonly delete: DeleteRow | undefined
  readonly intents: readonly Intent[]
  /** The way to the index; absent without an index and in mode `manual`. */
  readonly operation: Operation | undefined
  /** Where a flush waits for this write. */
  readonly place: Pending
  readonly manual: boolean
  readonly listener: Listener
}

/** Documents in one batch. They spread over many partitions of a database, whose requests are the cheaper the more documents each has. */
export const MAX_BATCH = 1000

/** Writes made at the same time share round trips: their intents first, then the documents; or both together, where the database can. */
export class WriteBatches {
  readonly #context: StoreContext
  readonly #batcher: Batcher<WriteRequest>

  constructor(context: StoreContext) {
    this.#context = context
    const { limits } = context.kvAdapter
    this.#batcher = new Batcher({
      concurrency: limits.maxConcurrency,
      maxWeight: Math.min(MAX_BATCH, limits.maxBatchSize),
      maxBytes: limits.maxBatchBytes,
      // At most, as counting would take a pass over each: a UTF-16 unit is no more than three bytes.
      bytes: ({ put }) => (put === undefined ? 0 : put.row.value.length * 3),
      key: (request) => request.id,
      run: (batch) => this.#run(batch),
    })
  }

  add(request: WriteRequest): void {
    this.#batcher.add(request)
  }

  /** Takes back a write that has not begun, as ABORTED. */
  withdraw(request: WriteRequest): boolean {
    if (!this.#batcher.withdraw(request)) return false
    this.#reject(request, new StoreError('ABORTED', 'The write was aborted before it began', { ...request.ref }))
    return true
  }

  async #run(batch: readonly WriteRequest[]): Promise<void> {
    const { kv, kvAdapter, index } = this.#context
    const { intentsWithWrites } = kvAdapter.capabilities
    try {
      await this.#context.beforeWrite()
      if (!intentsWithWrites) await kv.addIntents(batch.flatMap((request) => request.intents))
    } catch (error) {
      // An intent without its document does no harm; the documents have not been written.
      index?.recovery.noteUnsettled()
      for (const request of batch)
        this.#reject(request, toStoreError(error, 'KV_FAILED', 'Writing the intent failed', { ...request.ref }))
      return
    }
    const puts = batch.filter((request) => request.put !== undefined)
    const deletes = batch.filter((request) => request.delete !== undefined)
    const withIntents = <Write extends PutRow | DeleteRow>(write: Write, { intents }: WriteRequest): Write =>
      intentsWithWrites ? { ...write, intents } : write
    await Promise.all([
      this.#settle(puts, (requests) => kv.put(requests.map((each) => withIntents(each.put as PutRow, each)))),
      this.#settle(deletes, (requests) =>
        kv.delete(requests.map((each) => withIntents(each.delete as DeleteRow, each))),
      ),
    ])
    const operations: Operation[] = []
    for (const { operation, listener } of batch) {
      if (operation?.state !== 'active') continue
      operation.isAwaited ||= listener.isAwaited
      operations.push(operation)
    }
    if (operations.length > 0) index?.projector.submitSoon(operations)
  }

  async #settle(
    requests: readonly WriteRequest[],
    write: (requests: readonly WriteRequest[]) => Promise<WriteOutcome[]>,
  ): Promise<void> {
    if (requests.length === 0) return
    let outcomes: WriteOutcome[]
    try {
      outcomes = await write(requests)
    } catch (error) {
      outcomes = requests.map(() => ({ status: 'failed', error }))
    }
    const unwritten: WriteRequest[] = []
    requests.forEach((request, i) => {
      this.#one(request, outcomes[i] as WriteOutcome, unwritten)
    })
    if (unwritten.length > 0) await this.#removeIntents(unwritten)
  }

  #one(request: WriteRequest, outcome: WriteOutcome, unwritten: WriteRequest[]): void {
    const { counters, index } = this.#context
    const { ref, version, operation } = request
    // A conditional write that was repeated after an answer was lost meets itself.
    const own = (outcome.status === 'conflict' || outcome.status === 'superseded') && outcome.version === version
    if (outcome.status === 'superseded' && !own && isConditional(request)) {
      counters.conflicts += 1
      this.#witness(outcome.version)
      unwritten.push(request)
      this.#tellFailed(request, overtaken(ref, outcome.version))
      return
    }
    if (outcome.status === 'written' || outcome.status === 'superseded' || own) {
      if (outcome.status === 'superseded') {
        this.#witness(outcome.version)
        if (operation !== undefined) operation.target = undefined
      }
      if (outcome.status === 'written' && outcome.existed === false && operation !== undefined)
        operation.mayHavePoints = false
      counters[request.put === undefined ? 'deleted' : 'put'] += 1
      if (operation === undefined) this.#done(request)
      request.listener.written(undefined, version)
      return
    }
    if (outcome.status === 'conflict') {
      counters.conflicts += 1
      if (outcome.version !== undefined) this.#witness(outcome.version)
      const error = conflict(ref, outcome.version)
      // Gone already, and that may be an earlier attempt of this very deletion, whose answer was lost: its points go too.
      if (request.delete !== undefined && outcome.version === undefined) {
        if (operation === undefined) {
          index?.recovery.noteUnsettled()
          this.#reject(request, error)
        } else request.listener.written(error, version)
        return
      }
      unwritten.push(request)
      this.#tellFailed(request, error)
      return
    }
    counters.failed += 1
    const error = toStoreError(outcome.error, 'KV_FAILED', 'Writing the document failed', { ...ref })
    if (outcome.notWritten) {
      unwritten.push(request)
      this.#tellFailed(request, error)
      return
    }
    // It may have taken effect, or do so later: the intent stays, and the index follows what the KV shows.
    index?.recovery.noteUnsettled([version])
    this.#reject(request, error)
  }

  #witness(version: Version): void {
    const { clock, events } = this.#context
    try {
      clock.witness(version)
    } catch (error) {
      events.emit('backgroundError', {
        during: 'reading a version',
        error: toStoreError(error, 'CONFIGURATION', 'Clock skew'),
      })
    }
  }

  /** A write that has no way to the index to go is done when it is durable. */
  #done(request: WriteRequest): void {
    const { index } = this.#context
    if (!request.manual || index === undefined) request.listener.indexed()
    else {
      const { flushGroup } = request.listener
      const group = flushGroup ?? index.manual.begin()
      index.manual.written(group, request.version)
      if (flushGroup === undefined) index.manual.end(group, (error) => request.listener.indexed(error))
    }
    this.#release(request)
  }

  /** A write has failed, and recovery may look at its intents. */
  #reject(request: WriteRequest, error: StoreError): void {
    this.#tellFailed(request, error)
    this.#release(request)
  }

  #tellFailed(request: WriteRequest, error: StoreError): void {
    if (request.operation !== undefined) request.operation.state = 'ended'
    request.listener.written(error, request.version)
    request.listener.indexed(error)
  }

  /** Nothing of a write is under way here any more. */
  #release({ version, place }: WriteRequest): void {
    this.#context.active.delete(version)
    this.#context.pending.close(place)
  }

  /** What was surely not written needs no intent. Until it is removed, recovery leaves it alone, and a flush waits. */
  async #removeIntents(unwritten: readonly WriteRequest[]): Promise<void> {
    const { kv, events, index, signal } = this.#context
    const noteUnsettled = (): void => index?.recovery.noteUnsettled()
    await removeIntents(
      unwritten.flatMap(({ intents }) => intents),
      { kv, events, signal, noteUnsettled },
    )
    for (const request of unwritten) this.#release(request)
  }
}

function conflict(ref: DocumentRef, version: Version | undefined): StoreError {
  const found = version === undefined ? 'there is no such document' : `the document has version ${version}`
  return new StoreError('CONFLICT', `The condition does not hold: ${found}`, { ...ref })
}

function isConditional({ put, delete: deletion }: WriteRequest): boolean {
  return (put ?? deletion)?.condition !== undefined
}

/** A conditional write is not last-write-wins: one that a newer write or deletion came before changed nothing, and must not say it did. */
function overtaken(ref: DocumentRef, version: Version): StoreError {
  const message = `A newer write or deletion (version ${version}) came in between; repeating this one has its condition decided anew`
  return new StoreError('CONFLICT', message, { ...ref, retryable: true })
}
