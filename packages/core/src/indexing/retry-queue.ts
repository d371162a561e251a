import { faultOf, type StoreError } from '../errors.js'
import type { Events } from '../observe/events.js'
import type { Outbox } from '../outbox/outbox.js'
import { backoffMs } from '../resilience/backoff.js'

const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 30_000

/** Work that failed for a transient reason, or by a fault of the set-up. */
export interface Retryable {
  /** Whether it is about one document; the others are counted as none. */
  readonly isDocument: boolean
  /** Whether somebody waits for it, so that the process must not end before the next attempt. */
  isAwaited(): boolean
  /** Makes the next attempt. */
  retry(): void
  /** The store closes: nothing is tried again. */
  leave(): void
}

/**
 * What failed, but not by a document's own fault, is tried again together, after a pause that doubles while nothing
 * succeeds.
 */
export class RetryQueue {
  readonly #events: Events
  readonly #outbox: Pick<Outbox, 'isWaitedFor'>
  #waiting: Retryable[] = []
  #documents = 0
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #isStopped = false
  #blockedBy: StoreError | undefined

  constructor(events: Events, outbox: Pick<Outbox, 'onDrain' | 'isWaitedFor'>) {
    this.#events = events
    this.#outbox = outbox
    outbox.onDrain(() => {
      if (outbox.isWaitedFor || this.#waiting.some((item) => item.isAwaited())) this.#timer?.ref()
    })
  }

  /** Documents that wait for the next attempt. */
  get documents(): number {
    return this.#documents
  }

  /** The fault of the set-up that kept the last attempt from succeeding: until somebody mends it, attempts fail. */
  get blockedBy(): StoreError | undefined {
    return this.#blockedBy
  }

  add(item: Retryable, error: StoreError): void {
    if (this.#isStopped) {
      item.leave()
      return
    }
    this.#waiting.push(item)
    if (item.isDocument) this.#documents += 1
    if (faultOf(error) === 'setup' && this.#blockedBy === undefined) {
      this.#blockedBy = error
      this.#events.emit('indexBlocked', { error })
    }
    if (this.#timer !== undefined) {
      if (this.#keepsProcess(item)) this.#timer.ref()
      return
    }
    this.#failures += 1
    const retryInMs = backoffMs(this.#failures, {
      baseMs: FIRST_DELAY_MS,
      maxMs: LONGEST_DELAY_MS,
      askedMs: error.retryAfterMs,
      // Half fixed, so that what failed is not tried again at once.
      random: () => 0.5 + Math.random() / 2,
    })
    // A process that has nothing else to do ends; its intents are there for the next one.
    this.#timer = setTimeout(() => this.retryNow(), retryInMs)
    if (!this.#keepsProcess(item)) this.#timer.unref()
    this.#events.emit('indexDelayed', { documents: this.#documents, error, retryInMs })
  }

  /** What had been delayed succeeded: the pause is short again, and what blocked it is mended. */
  succeeded(): void {
    this.#failures = 0
    this.#blockedBy = undefined
  }

  retryNow(): void {
    for (const item of this.#take()) item.retry()
  }

  /** The store closes. */
  stop(): void {
    this.#isStopped = true
    for (const item of this.#take()) item.leave()
  }

  /** A process must not end while somebody awaits what is to be tried again, or room that it holds. */
  #keepsProcess(item: Retryable): boolean {
    return this.#outbox.isWaitedFor || item.isAwaited()
  }

  #take(): Retryable[] {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#documents = 0
    return this.#waiting.splice(0)
  }
}
