import { maxVersion } from '../document/version.js'
import type { EmbeddingPipeline } from '../embedding/pipeline.js'
import { mayPass, type StoreError, toStoreError } from '../errors.js'
import type { Version } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { DocumentRow } from '../ports/kv-records.js'
import type { VectorLimits, VectorSpace } from '../ports/vector-index.js'
import { Batcher } from '../resilience/batcher.js'
import { type CoverOptions, cover, needsCover } from './covers.js'
import { DelayedOperations } from './delayed.js'
import { embedOperations } from './embed-stage.js'
import { HeldBack } from './held-back.js'
import { Operation, type OperationInit } from './operation.js'
import { Outcomes, type OutcomesOptions, type Projected } from './outcomes.js'
import type { PointMaker } from './point-maker.js'
import { sharedReads } from './shared-reads.js'
import { isCurrent, needsVectors, targetOf, textsOf } from './target.js'
import { writePoints } from './write-points.js'

export interface ProjectorOptions extends OutcomesOptions, CoverOptions {
  readonly kv: KVCollection
  readonly space: VectorSpace
  readonly limits: VectorLimits
  readonly dimensions: number
  readonly pipeline: EmbeddingPipeline
  readonly points: PointMaker
  /** Ends everything, when the store closes before its work is done. */
  readonly signal: AbortSignal
}

/**
 * Operations that are worth a request to the index while another is under way. A request costs as much as several points do, and the index
 * applies guarded changes one request after the other anyway, so few wait and share the next one.
 */
const MIN_BESIDE = 128
/** Operations that nobody waits for go on when they are so many, or after so long: together they cost the databases a fraction of what each would alone. */
const MAX_HELD = 128
const HELD_MS = 100
/** What is written and nobody waits for is looked at again when it is so many, or after so long: versions that are read and intents that are removed together are few requests. */
const MAX_UNCHECKED = 1000
const UNCHECKED_MS = 1000
/** The payload of a point, roughly. */
const PAYLOAD_BYTES = 512

/**
 * Makes the points follow the documents: embed, write the points guarded by version, read the document's version again, write
 * them again if it moved, and only then remove the intent.
 */
export class Projector {
  readonly #options: ProjectorOptions
  readonly #indexing: Batcher<Operation>
  readonly #reads: Pick<VectorSpace, 'get'>
  readonly #delayed: DelayedOperations
  readonly #outcomes: Outcomes
  /** The newest operation on each document that is under way. */
  readonly #newest = new Map<string, Operation>()
  /** Somebody waits for what was accepted up to here. */
  #hurriedUpTo = 0

  readonly #submitted = new HeldBack<Operation>({
    most: MAX_HELD,
    forMs: HELD_MS,
    release: (operations) => this.#prepare(operations.filter((operation) => operation.supersededBy === undefined)),
  })

  /** Operations whose points are written, and whose documents' versions are to be read again. */
  readonly #written = new HeldBack<Operation>({
    most: MAX_UNCHECKED,
    forMs: UNCHECKED_MS,
    gathers: true,
    release: (operations) => this.#check(operations),
  })

  constructor(options: ProjectorOptions) {
    this.#options = options
    const { limits, dimensions, events } = options
    this.#indexing = new Batcher({
      concurrency: limits.maxConcurrency,
      maxWeight: limits.maxBatchSize,
      maxBytes: limits.maxBatchBytes,
      minBeside: MIN_BESIDE,
      weight: (operation) => Math.max(1, textsOf(operation).length),
      bytes: (operation) => textsOf(operation).length * (dimensions * 4 + PAYLOAD_BYTES),
      key: (operation) => operation.id,
      run: (batch) => this.#index(batch),
    })
    this.#reads = sharedReads(options.space, limits, { minBeside: MIN_BESIDE, neighbour: this.#indexing })
    this.#outcomes = new Outcomes(options)
    options.pending.onWaitingForRoom(() => this.hurry())
    this.#delayed = new DelayedOperations({ events, retry: (operations) => this.#again(operations) })
  }

  /** How many operations wait to be tried again. */
  get delayed(): number {
    return this.#delayed.size
  }

  /** Resolves when nothing that was told to be projected has an intent any more, but where removing it failed. */
  untilIntentsRemoved(): Promise<void> {
    return this.#outcomes.untilRemoved()
  }

  /** The versions whose intents are being removed. */
  removing(): Iterable<Version> {
    return this.#outcomes.removing()
  }

  /** Tries at once what waits to be tried again. */
  retryDelayed(): void {
    this.#delayed.retryNow()
  }

  /** Whether work on this document is under way. */
  isBusy(id: string): boolean {
    return this.#newest.has(id)
  }

  /** Accepts an operation: from here on a flush waits for it. It has to be submitted, or closed in `pending`. `place`: the one that a user's write has reserved. */
  accept(init: OperationInit, place?: number): Operation {
    const { pending } = this.#options
    const operation = new Operation(place ?? pending.nextSequence(), init)
    pending.open(operation, place !== undefined)
    return operation
  }

  /** Brings operations to the index. What comes of each is told by its `settle`. */
  submit(operations: readonly Operation[]): void {
    for (const operation of operations) operation.isAwaited = true
    this.submitSoon(operations)
  }

  /** Likewise, but where nobody waits for them they may wait a little for others. */
  submitSoon(operations: readonly Operation[]): void {
    for (const operation of operations) this.#supersede(operation)
    this.#submitted.add(operations)
    if (this.#isAwaited(operations)) this.#submitted.hurry()
  }

  /** Somebody waits for what was accepted up to now. */
  hurry(): void {
    this.#hurriedUpTo = this.#options.pending.lastSequence
    this.#submitted.hurry()
    this.#written.hurry()
  }

  #isAwaited(operations: readonly Operation[]): boolean {
    if (this.#options.pending.isWaitedFor) return true
    return operations.some(({ isAwaited, earliest }) => isAwaited || earliest <= this.#hurriedUpTo)
  }

  /** Leaves what waits to be tried again to recovery. */
  stop(): void {
    for (const operation of this.#delayed.stop()) if (operation.supersededBy === undefined) this.#leave(operation)
    this.hurry()
  }

  /** Work on one document is done once for all its operations: the newest does it, and those that are not at the index just now follow. */
  #supersede(operation: Operation): void {
    const other = this.#newest.get(operation.id)
    let newest = operation
    operation.isWritten = false
    // What is written does nothing more for others, though others may do the rest of it.
    const mayFollow = other !== undefined && !(other.isWritten && other.version > operation.version)
    if (mayFollow && other !== operation && !other.isInIndex) {
      if (other.version > operation.version) newest = other
      this.#adopt(newest, newest === other ? operation : other)
    }
    this.#newest.set(operation.id, newest)
  }

  /** Lets one do the work of an older one. If it waits to be tried again, so does the older one from now on. */
  #adopt(newest: Operation, older: Operation): void {
    if (newest.delayedBy !== undefined) this.#tellDelayed(older.all(), newest.delayedBy)
    newest.adopt(older)
  }

  #tellDelayed(operations: readonly Operation[], error: StoreError): void {
    for (const each of operations) {
      each.delayed?.(error)
      this.#options.pending.delay(each, error)
    }
  }

  #again(operations: readonly Operation[]): void {
    const left = operations.filter((operation) => operation.supersededBy === undefined)
    for (const operation of left) {
      operation.state = 'active'
      operation.delayedBy = undefined
    }
    this.submit(left)
  }

  /** Loads what is to be projected where that is not known, and embeds it; each operation goes on to the index when it is ready. Deals with its own failures. */
  async #prepare(operations: readonly Operation[]): Promise<void> {
    const toEmbed: Operation[] = []
    try {
      const unknown = operations.filter((operation) => operation.target === undefined)
      if (unknown.length > 0) {
        const rows = await this.#options.kv.get(unknown.map((operation) => operation.ref))
        unknown.forEach((operation, i) => {
          this.#retarget(operation, rows[i])
        })
      }
      for (const operation of operations) {
        if (operation.state === 'active' && needsVectors(operation)) toEmbed.push(operation)
        else this.#prepared(operation, undefined)
      }
      if (toEmbed.length > 0) {
        const stage = { ...this.#options, space: this.#reads }
        await embedOperations(toEmbed, stage, (operation, failure) => this.#prepared(operation, failure))
      }
    } catch (error) {
      this.#failAll(toEmbed.length > 0 ? toEmbed : operations, error)
    }
  }

  #prepared(operation: Operation, failure: StoreError | undefined): void {
    if (failure !== undefined) this.#fail(operation, failure)
    else if (operation.state === 'active') this.#indexing.add(operation)
  }

  #retarget(operation: Operation, row: DocumentRow | undefined): void {
    operation.vectors = undefined
    operation.mayHavePoints = true
    try {
      operation.target = targetOf(operation, row, this.#options.points)
      if (operation.target.kind === 'present')
        operation.highest = maxVersion(operation.highest, operation.target.version)
    } catch (error) {
      this.#fail(operation, toStoreError(error, 'INDEX_FAILED', 'Indexing failed'))
    }
  }

  async #index(batch: readonly Operation[]): Promise<void> {
    const operations = batch.filter((operation) => operation.supersededBy === undefined)
    for (const operation of operations) operation.isInIndex = true
    const { written, missing, failed } = await writePoints(await this.#cover(operations), this.#options)
    for (const operation of operations) operation.isInIndex = false
    for (const { operation, error } of failed) this.#fail(operation, error)
    for (const operation of missing) operation.sendAllAgain()
    this.#repeat(missing)
    const unchecked = written.filter((operation) => !this.#goesOnWithNewer(operation))
    for (const operation of unchecked) operation.isWritten = true
    this.#written.add(unchecked)
    if (this.#isAwaited(unchecked)) this.#written.hurry()
  }

  /** One that came while this one was at the index does the rest of it. */
  #goesOnWithNewer(operation: Operation): boolean {
    const newest = this.#newest.get(operation.id)
    if (newest === undefined || newest.version <= operation.version) return false
    this.#adopt(newest, operation)
    if (this.#isAwaited([newest])) this.#submitted.hurry()
    return true
  }

  /** Reads the versions again: somebody may have written since, and an insertion is not guarded. */
  async #check(written: readonly Operation[]): Promise<void> {
    const isLeft = ({ supersededBy, state }: Operation): boolean => supersededBy === undefined && state === 'active'
    const operations = written.filter(isLeft)
    if (operations.length === 0) return
    const readAt = Date.now()
    let rows: readonly (DocumentRow | undefined)[]
    try {
      rows = await this.#options.kv.get(operations.map((operation) => operation.ref))
    } catch (error) {
      this.#failAll(operations, error)
      return
    }
    const done: Projected[] = []
    const repeat: Operation[] = []
    operations.forEach((operation, i) => {
      // A newer one that came meanwhile does the rest: what was read may be older than what that one is about to write.
      if (!isLeft(operation)) return
      const row = rows[i]
      if (operation.target !== undefined && isCurrent(operation.target, row)) {
        done.push({ operation, row })
        return
      }
      this.#options.counters.reprojected += 1
      this.#retarget(operation, row)
      repeat.push(operation)
    })
    // In the same run of code: an operation that another one adopts is not submitted any more.
    this.#repeat(repeat)
    if (done.length > 0) this.#finish(done, readAt)
  }

  #repeat(operations: readonly Operation[]): void {
    const left = operations.filter(({ state }) => state === 'active')
    if (left.length > 0) this.submit(left)
  }

  #failAll(operations: readonly Operation[], error: unknown): void {
    const failure = toStoreError(error, 'INDEX_FAILED', 'Indexing failed')
    for (const operation of operations) this.#fail(operation, failure)
  }

  /** Returns the operations that may go on. */
  async #cover(operations: readonly Operation[]): Promise<readonly Operation[]> {
    const uncovered = operations.filter(needsCover)
    if (uncovered.length === 0) return operations
    try {
      await cover(uncovered, this.#options)
      return operations
    } catch (error) {
      const failure = toStoreError(error, 'KV_FAILED', 'Writing an intent failed')
      for (const operation of uncovered) this.#fail(operation, failure)
      return operations.filter((operation) => !uncovered.includes(operation))
    }
  }

  /** Nobody waits here for the removal of intents: what was written meanwhile can be looked at beside it. */
  #finish(done: readonly Projected[], readAt: number): void {
    for (const { operation } of done) this.#end(operation)
    this.#delayed.succeeded()
    void this.#outcomes.projected(done, readAt)
  }

  /** Tries again later what may succeed later; records of the rest, on its intents, that trying again is no use. */
  #fail(operation: Operation, error: StoreError): void {
    if (operation.state !== 'active' || operation.supersededBy !== undefined) return
    if (this.#options.signal.aborted) this.#leave(operation)
    else if (mayPass(error)) {
      operation.state = 'delayed'
      operation.delayedBy = error
      this.#tellDelayed(operation.all(), error)
      this.#delayed.add(operation, error)
    } else {
      this.#end(operation)
      void this.#outcomes.failed(operation, error)
    }
  }

  /** The store is closing: the intents stay, and the next recovery takes them. */
  #leave(operation: Operation): void {
    this.#end(operation)
    this.#outcomes.left(operation)
  }

  #end(operation: Operation): void {
    operation.state = 'ended'
    if (this.#newest.get(operation.id) === operation) this.#newest.delete(operation.id)
  }
}
