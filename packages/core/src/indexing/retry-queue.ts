import type { StoreError } from '../errors.js'
import type { Events } from '../observe/events.js'
import { LONGEST_ASKED_MS } from '../resilience/retry.js'

const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 30_000

/** Work that failed for a transient reason. */
export interface Retryable {
  /** Whether it is about one document; the others are counted as none. */
  readonly isDocument: boolean
  /** Makes the next attempt. */
  retry(): void
  /** The store closes: nothing is tried again. */
  leave(): void
}

/** What failed for a transient reason is tried again together, after a pause that doubles while nothing succeeds. */
export class RetryQueue {
  readonly #events: Events
  #waiting: Retryable[] = []
  #documents = 0
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #isStopped = false

  constructor(events: Events) {
    this.#events = events
  }

  /** Documents that wait for the next attempt. */
  get documents(): number {
    return this.#documents
  }

  add(item: Retryable, error: StoreError): void {
    if (this.#isStopped) {
      item.leave()
      return
    }
    this.#waiting.push(item)
    if (item.isDocument) this.#documents += 1
    if (this.#timer !== undefined) return
    const limit = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures)
    // Half fixed, half random, so that many processes do not come back at once.
    const askedMs = Math.min(LONGEST_ASKED_MS, error.retryAfterMs ?? 0)
    const retryInMs = Math.max(askedMs, limit / 2 + (Math.random() * limit) / 2)
    this.#failures += 1
    // A process that has nothing else to do ends; its intents are there for the next one.
    this.#timer = setTimeout(() => this.retryNow(), retryInMs).unref()
    this.#events.emit('indexDelayed', { documents: this.#documents, error, retryInMs })
  }

  /** An attempt succeeded, so the pause is short again. */
  succeeded(): void {
    this.#failures = 0
  }

  retryNow(): void {
    for (const item of this.#take()) item.retry()
  }

  /** The store closes. */
  stop(): void {
    this.#isStopped = true
    for (const item of this.#take()) item.leave()
  }

  #take(): Retryable[] {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#documents = 0
    return this.#waiting.splice(0)
  }
}
