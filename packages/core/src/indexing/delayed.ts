import type { StoreError } from '../errors.js'
import type { Events } from '../observe/events.js'
import { LONGEST_ASKED_MS } from '../resilience/backoff.js'
import type { Operation } from './operation.js'

const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 30_000

/** Operations that failed for a passing reason. They are tried again together, after a pause that doubles while nothing succeeds. */
export class DelayedOperations {
  readonly #events: Events
  readonly #retry: (operations: readonly Operation[]) => void
  #waiting: Operation[] = []
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #stopped = false

  constructor(options: { readonly events: Events; retry(operations: readonly Operation[]): void }) {
    this.#events = options.events
    this.#retry = options.retry
  }

  get size(): number {
    return this.#waiting.length
  }

  add(operation: Operation, error: StoreError): void {
    this.#waiting.push(operation)
    if (this.#timer !== undefined || this.#stopped) return
    const limit = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures)
    // Half fixed, half random, so that many processes do not come back at once.
    const askedMs = Math.min(LONGEST_ASKED_MS, error.retryAfterMs ?? 0)
    const retryInMs = Math.max(askedMs, limit / 2 + (Math.random() * limit) / 2)
    this.#failures += 1
    this.#timer = setTimeout(() => this.retryNow(), retryInMs)
    this.#events.emit('indexDelayed', { documents: this.#waiting.length, error, retryInMs })
  }

  /** An operation succeeded, so the pause is short again. */
  succeeded(): void {
    this.#failures = 0
  }

  retryNow(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const operations = this.#waiting
    this.#waiting = []
    if (operations.length > 0 && !this.#stopped) this.#retry(operations)
  }

  /** Gives back what waits; nothing is tried again. */
  stop(): readonly Operation[] {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#timer = undefined
    return this.#waiting.splice(0)
  }
}
