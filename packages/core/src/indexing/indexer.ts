import { faultOf, StoreError, toStoreError } from '../errors.js'
import type { Entry } from '../outbox/entry.js'
import type { Settlement } from '../outbox/settlement.js'
import type { VectorLimits } from '../ports/vector-index.js'
import { Stage } from '../resilience/stage.js'
import { Coalescer } from './coalesce.js'
import { type KeptPoints, NOTHING_KEPT } from './kept-points.js'
import { Projection, type Target } from './projection.js'
import { type ProjectionFailure, Projector, type ProjectorOptions } from './projector.js'
import type { FailedAt, RetryQueue } from './retry-queue.js'
import { lacksText, needsLoading, needsVectors, textsOf } from './target.js'

export interface IndexerOptions extends ProjectorOptions {
  readonly limits: VectorLimits
  /** Length of the vectors; absent in a space of words alone. */
  readonly dimensions: number | undefined
  readonly settlement: Settlement
  readonly retries: RetryQueue
}

/** What of an entry is to be projected. */
export interface ToProject {
  readonly entry: Entry
  /** Absent: what the KV holds. */
  readonly target?: Target | undefined
  /** Whether the document may have points already. */
  readonly mayHavePoints: boolean
}

/**
 * What nobody waits for is debounced until it is so many, or for so long: together they cost the databases a fraction
 * of what each would alone.
 */
const DEBOUNCE = { when: 'debounce', weight: 128, ms: 100 } as const
/** Likewise before documents are read again and intents removed. */
const CHECK_DEBOUNCE = { when: 'debounce', weight: 1000, ms: 1000 } as const
/**
 * A request to the index costs as much as several points, and the index applies guarded changes one request after the
 * other anyway, so fewer points than this wait for the request that is under way.
 */
const BESIDE = { when: 'beside', weight: 128, ms: 100 } as const
/** The payload of a point, and a term of it with its weight, roughly. */
const PAYLOAD_BYTES = 512
const TERM_BYTES = 20

/**
 * Brings entries through the projector's steps in one space: gathers them into batches, coalesces, repeats, retries
 * and settles.
 */
export class Indexer {
  readonly #options: IndexerOptions
  readonly #projector: Projector
  readonly #coalescer: Coalescer
  readonly #accepted: Stage<Projection>
  readonly #loading: Stage<Projection>
  readonly #replacing: Stage<Projection>
  readonly #checking: Stage<Projection>

  constructor(options: IndexerOptions) {
    this.#options = options
    this.#projector = new Projector(options)
    this.#coalescer = new Coalescer((newest, older) => {
      for (const entry of older.entries) entry.state = 'projecting'
      if (newest.delayedBy !== undefined) this.#tellDelayed(older, newest.delayedBy)
    })
    const { limits, dimensions = 0, outbox } = options
    const { maxConcurrency: concurrency, maxBatchSize: maxWeight, maxBatchBytes: maxBytes } = limits
    this.#accepted = new Stage({ hold: DEBOUNCE, run: async (batch) => this.#begin(batch) })
    this.#replacing = new Stage({
      concurrency,
      maxWeight,
      maxBytes,
      hold: BESIDE,
      weight: (projection) => Math.max(1, textsOf(projection).length),
      bytes: (projection) => bytesOf(projection, dimensions),
      key: ({ id }) => id,
      run: (batch) => this.#replace(batch),
    })
    this.#loading = new Stage({
      concurrency,
      hold: BESIDE,
      neighbour: this.#replacing,
      run: (batch) => this.#load(batch),
    })
    this.#checking = new Stage({ hold: CHECK_DEBOUNCE, run: (batch) => this.#check(batch) })
    outbox.onDrain(() => this.#drain())
  }

  /** Whether work on this document is under way. */
  isBusy(id: string): boolean {
    return this.#coalescer.isBusy(id)
  }

  /** Projects entries that are durable. What comes of each is told to its waiter. */
  project(items: readonly ToProject[]): void {
    this.#add(items.map(({ entry, target, mayHavePoints }) => new Projection(entry, target, mayHavePoints)))
  }

  #add(projections: readonly Projection[]): void {
    for (const projection of projections) {
      for (const entry of projection.entries) entry.state = 'projecting'
      this.#coalescer.add(projection)
      this.#accepted.add(projection)
    }
    if (this.#isAwaited(projections)) this.#accepted.drain()
  }

  #drain(): void {
    this.#accepted.drain()
    this.#checking.drain()
  }

  #isAwaited(projections: readonly Projection[]): boolean {
    const { outbox } = this.#options
    return projections.some(({ isAwaited, earliest }) => isAwaited || outbox.isAwaited(earliest))
  }

  /** Lets go on at once what needs nothing from a database. */
  #begin(batch: readonly Projection[]): void {
    const active = batch.filter(({ isActive }) => isActive)
    const ready: Projection[] = []
    for (const projection of active) {
      if (needsLoading(projection)) this.#loading.add(projection)
      else {
        if (needsVectors(projection)) projection.isExpectedNew = !projection.sendsAll
        ready.push(projection)
      }
    }
    this.#make(ready, NOTHING_KEPT)
  }

  async #load(batch: readonly Projection[]): Promise<void> {
    const projections = batch.filter(({ isActive }) => isActive)
    try {
      const { kept, failed } = await this.#projector.load(projections)
      this.#failEach(failed)
      this.#make(projections, kept)
    } catch (error) {
      this.#failAll(projections, error)
    }
  }

  /** Each goes on to the index as soon as its own vectors and terms are made. */
  #make(projections: readonly Projection[], kept: KeptPoints): void {
    const toMake: Projection[] = []
    for (const projection of projections) {
      if (!projection.isActive) continue
      if (needsVectors(projection)) toMake.push(projection)
      else this.#replacing.add(projection)
    }
    if (toMake.length === 0) return
    this.#projector.make(toMake, kept).forEach((done, i) => {
      const projection = toMake[i] as Projection
      void done.then((failure) => {
        if (failure !== undefined && !this.#writesWords(projection)) this.#fail(projection, failure, 'embedder')
        else if (projection.isActive) this.#replacing.add(projection)
      })
    })
  }

  /** Whether its points are to be written with words alone for now, as texts lack their vectors. Once is enough. */
  #writesWords({ lacking, hasWords, terms }: Projection): boolean {
    const { keywords, signal } = this.#options
    return keywords !== undefined && lacking !== undefined && terms !== undefined && !hasWords && !signal.aborted
  }

  async #replace(batch: readonly Projection[]): Promise<void> {
    const projections = batch.filter(({ isActive }) => isActive)
    for (const projection of projections) projection.phase = 'replacing'
    const { written, missing, failed } = await this.#projector.replace(projections)
    for (const projection of projections) projection.phase = 'queued'
    for (const projection of written) projection.mayHavePoints = true
    this.#failEach(failed)
    this.#repeatMissing(missing)
    const unchecked = written.filter((projection) => !this.#handOn(projection))
    for (const projection of unchecked) {
      projection.phase = 'written'
      this.#checking.add(projection)
    }
    if (this.#isAwaited(unchecked)) this.#checking.drain()
  }

  /** Something that was to be kept is gone: everything is sent, once. An index that misses what was sent has failed. */
  #repeatMissing(missing: readonly Projection[]): void {
    const again = missing.filter((projection) => {
      if (projection.sendAllAgain()) return true
      const message = 'The index says of points that were sent whole that something is missing'
      this.#fail(projection, new StoreError('INDEX_FAILED', message, { ...projection.ref, retryable: true }))
      return false
    })
    if (again.length > 0) this.#add(again)
  }

  /** A newer projection that came while this one was at the index does the rest of it. */
  #handOn(projection: Projection): boolean {
    const newer = this.#coalescer.handOn(projection)
    if (newer === undefined) return false
    if (this.#isAwaited([newer])) this.#accepted.drain()
    return true
  }

  async #check(batch: readonly Projection[]): Promise<void> {
    const written = batch.filter(({ isActive }) => isActive)
    if (written.length === 0) return
    const { settlement, retries, spaceName } = this.#options
    try {
      const { settled, moved, failed, readAt } = await this.#projector.readAgain(written)
      // Since then another projection may have taken over: it does the rest, with the entries.
      const done = settled.filter(({ projection }) => projection.isActive)
      const repeated = moved.filter(({ isActive }) => isActive)
      this.#failEach(failed)
      if (repeated.length > 0) this.#repeat(repeated)
      const whole = done.filter(({ projection }) => projection.lacking === undefined)
      for (const { projection } of done) if (projection.lacking !== undefined) this.#endWithWords(projection)
      if (done.length > 0) retries.succeeded('databases')
      if (whole.length === 0) return
      for (const { projection } of whole) this.#coalescer.end(projection)
      for (const at of new Set(whole.map(({ projection }) => projection.delayedAt)))
        if (at !== undefined) retries.succeeded(at, true)
      const results = whole.map(({ projection, seen }) => {
        const { entries, fences } = projection
        return { entries, fences, seen, lacksText: lacksText(projection) }
      })
      // Not awaited: the next ones can be read again while intents are removed.
      void settlement.projected(spaceName, results, readAt)
    } catch (error) {
      this.#failAll(written, error)
    }
  }

  /** Found by words from now on, though it is delayed, or has failed, for want of vectors. */
  #endWithWords(projection: Projection): void {
    projection.hasWords = true
    if (projection.lacking !== undefined) this.#fail(projection, projection.lacking, 'embedder')
  }

  /** Somebody waits for what is projected again, or did. */
  #repeat(projections: readonly Projection[]): void {
    for (const projection of projections) projection.isAwaited = true
    this.#add(projections)
  }

  #failEach(failures: readonly ProjectionFailure[]): void {
    for (const { projection, error } of failures) this.#fail(projection, error)
  }

  #failAll(projections: readonly Projection[], error: unknown): void {
    const failure = toStoreError(error, 'INDEX_FAILED', 'Indexing failed')
    for (const projection of projections) this.#fail(projection, failure)
  }

  /** Only its own fault fails a document for good. What is transient, or the set-up's fault, is tried again. */
  #fail(projection: Projection, error: StoreError, failedAt: FailedAt = 'databases'): void {
    if (!projection.isActive) return
    const { signal, settlement, retries, spaceName } = this.#options
    if (signal.aborted) this.#leave(projection)
    else if (faultOf(error) !== 'document') {
      projection.phase = 'delayed'
      projection.delayedBy = error
      projection.delayedAt = failedAt
      this.#tellDelayed(projection, error)
      const isAwaited = (): boolean => projection.entries.some(({ waiter }) => waiter.isAwaited)
      const retry = (): void => this.#retry(projection)
      const leave = (): void => this.#leave(projection)
      retries.add({ failedAt, isDocument: true, isAwaited, retry, leave }, error)
    } else {
      this.#coalescer.end(projection)
      void settlement.failed(spaceName, projection, error)
    }
  }

  #retry(projection: Projection): void {
    if (projection.successor !== undefined) return
    projection.tryAgain()
    this.#repeat([projection])
  }

  #tellDelayed({ entries }: Projection, error: StoreError): void {
    for (const entry of entries) this.#options.outbox.delay(entry, error)
  }

  /** The store closes: the intents stay, and the next recovery takes them. */
  #leave(projection: Projection): void {
    if (projection.successor !== undefined) return
    this.#coalescer.end(projection)
    this.#options.settlement.left(projection.entries)
  }
}

function bytesOf(projection: Projection, dimensions: number): number {
  let terms = 0
  for (const each of projection.terms ?? []) terms += each?.terms.length ?? 0
  return textsOf(projection).length * (dimensions * 4 + PAYLOAD_BYTES) + terms * TERM_BYTES
}
