import { faultOf, type StoreError } from '../errors.js'
import type { Events } from '../observe/events.js'
import type { Outbox } from '../outbox/outbox.js'
import { backoffMs } from '../resilience/backoff.js'

const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 30_000
/** Likewise while the set-up is at fault: whoever mends it is not to wait for long. */
const LONGEST_SETUP_DELAY_MS = 5000
/** Successes elsewhere make what waits be tried again at most this often, milliseconds. */
const WAKE_EVERY_MS = 5000
/** What is due up to this part of the pause later is tried again together. */
const SLACK = 0.1

/** What an attempt failed at. */
export type FailedAt = 'embedder' | 'databases'

/** Work that failed for a transient reason, or by a fault of the set-up. */
export interface Retryable {
  readonly failedAt: FailedAt
  /** Whether it is about one document; the others are counted as none. */
  readonly isDocument: boolean
  /** Whether somebody waits for it, so that the process must not end before the next attempt. */
  isAwaited(): boolean
  /** Makes the next attempt. */
  retry(): void
  /** The store closes: nothing is tried again. */
  leave(): void
}

interface Waiting {
  readonly item: Retryable
  /** On the clock of `performance.now()`. */
  readonly dueAt: number
  /** Whether the other side has said when. */
  readonly isAsked: boolean
}

/** What is known of the embedder, or of the databases. */
interface Part {
  failures: number
  /** When those are due that failed since the last attempt, but for what was asked to wait longer. */
  dueAt: number
  /** The fault of the set-up that keeps attempts from succeeding. */
  blockedBy: StoreError | undefined
  wokenAt: number
}

/**
 * What failed, but not by a document's own fault, is tried again: after the time that the other side asks for, else
 * after a pause that doubles while nothing succeeds, and at once when a call succeeds elsewhere.
 */
export class RetryQueue {
  readonly #events: Events
  readonly #outbox: Pick<Outbox, 'isWaitedFor'>
  readonly #parts: Readonly<Record<FailedAt, Part>> = { embedder: newPart(), databases: newPart() }
  #waiting: Waiting[] = []
  #documents = 0
  #timer: NodeJS.Timeout | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #isStopped = false
  #isTelling = false

  constructor(events: Events, outbox: Pick<Outbox, 'onDrain' | 'isWaitedFor'>) {
    this.#events = events
    this.#outbox = outbox
    outbox.onDrain(() => {
      if (this.#waiting.some(({ item }) => this.#keepsProcess(item))) this.#timer?.ref()
    })
  }

  /** Documents that wait for the next attempt. */
  get documents(): number {
    return this.#documents
  }

  /** The fault of the set-up that kept the last attempt from succeeding: until somebody mends it, attempts fail. */
  get blockedBy(): StoreError | undefined {
    return this.#parts.embedder.blockedBy ?? this.#parts.databases.blockedBy
  }

  add(item: Retryable, error: StoreError): void {
    if (this.#isStopped) {
      item.leave()
      return
    }
    const now = performance.now()
    const part = this.#parts[item.failedAt]
    const isSetup = faultOf(error) === 'setup'
    if (isSetup && part.blockedBy === undefined) {
      part.blockedBy = error
      this.#events.emit('indexBlocked', { error })
    }
    const isAsked = (error.retryAfterMs ?? 0) > 0
    const dueAt = isAsked ? now + delayMs(1, isSetup, error.retryAfterMs) : this.#pauseOf(part, now, isSetup)
    this.#waiting.push({ item, dueAt, isAsked: isAsked && !isSetup })
    if (item.isDocument) this.#documents += 1
    this.#tellDelayed(error, dueAt - now)
    if (dueAt < this.#timerAt) this.#startTimer(dueAt, now)
    else if (this.#keepsProcess(item)) this.#timer?.ref()
  }

  /** A call succeeded: what waits for the same is tried again now. `wasDelayed`: it is one that had failed before. */
  succeeded(at: FailedAt, wasDelayed = false): void {
    const part = this.#parts[at]
    if (wasDelayed) part.failures = 0
    // An embedder that answers has a good key. A database may take a deletion, and no point as its disk is full.
    if (wasDelayed || at === 'embedder') part.blockedBy = undefined
    if (this.#waiting.length === 0) return
    const now = performance.now()
    // Or else one document that fails whenever others succeed would be tried again without end.
    if (now - part.wokenAt < WAKE_EVERY_MS) return
    part.wokenAt = now
    this.#retry(({ item, isAsked }) => item.failedAt === at && !isAsked)
  }

  retryNow(): void {
    this.#retry(() => true)
  }

  /** The store closes. */
  stop(): void {
    this.#isStopped = true
    for (const { item } of this.#take(() => true)) item.leave()
  }

  /** A process must not end while somebody awaits what is to be tried again, or room that it holds. */
  #keepsProcess(item: Retryable): boolean {
    return this.#outbox.isWaitedFor || item.isAwaited()
  }

  /** When those are tried again that fail now: together. */
  #pauseOf(part: Part, now: number, isSetup: boolean): number {
    if (part.dueAt <= now) {
      part.failures += 1
      part.dueAt = now + delayMs(part.failures, isSetup)
    }
    return part.dueAt
  }

  /** Once for all that fails together. */
  #tellDelayed(error: StoreError, retryInMs: number): void {
    if (this.#isTelling) return
    this.#isTelling = true
    queueMicrotask(() => {
      this.#isTelling = false
      if (!this.#isStopped) this.#events.emit('indexDelayed', { documents: this.#documents, error, retryInMs })
    })
  }

  #startTimer(dueAt: number, now: number): void {
    clearTimeout(this.#timer)
    this.#timerAt = dueAt
    const ring = (): void => this.#retry((waiting) => waiting.dueAt <= dueAt + (dueAt - now) * SLACK)
    // A process that has nothing else to do ends; its intents are there for the next one.
    this.#timer = setTimeout(ring, Math.max(1, Math.ceil(dueAt - now)))
    if (!this.#waiting.some(({ item }) => this.#keepsProcess(item))) this.#timer.unref()
  }

  #retry(which: (waiting: Waiting) => boolean): void {
    for (const { item } of this.#take(which)) item.retry()
  }

  #take(which: (waiting: Waiting) => boolean): Waiting[] {
    const taken: Waiting[] = []
    const left: Waiting[] = []
    for (const waiting of this.#waiting) (which(waiting) ? taken : left).push(waiting)
    this.#waiting = left
    this.#documents = left.filter(({ item }) => item.isDocument).length
    // What is tried again now and fails begins another pause.
    for (const { item } of taken) this.#parts[item.failedAt].dueAt = 0
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
    const next = left.reduce((earliest, { dueAt }) => Math.min(earliest, dueAt), Number.POSITIVE_INFINITY)
    if (left.length > 0) this.#startTimer(next, performance.now())
    return taken
  }
}

function newPart(): Part {
  return { failures: 0, dueAt: 0, blockedBy: undefined, wokenAt: Number.NEGATIVE_INFINITY }
}

function delayMs(failures: number, isSetup: boolean, askedMs?: number): number {
  return backoffMs(failures, {
    baseMs: FIRST_DELAY_MS,
    maxMs: isSetup ? LONGEST_SETUP_DELAY_MS : LONGEST_DELAY_MS,
    askedMs,
    // Half fixed, so that what failed is not tried again at once.
    random: () => 0.5 + Math.random() / 2,
  })
}
