import { StoreError, toStoreError } from '../errors.js'
import type { Events } from '../observe/events.js'
import { withinTime } from '../resilience/abort.js'

/** How long one step may take at most, milliseconds. */
const LONGEST_STEP_MS = 10_000
/** What all steps together get when the caller's time is over, milliseconds, and what each gets at least. */
const GRACE_MS = 1000
const SHORTEST_STEP_MS = 100

/**
 * The steps of closing, one after the other. One that hangs is told and left behind; one that fails does not keep the
 * others from closing.
 */
export class ClosingSteps {
  readonly #events: Events
  readonly #endsAt: number
  #failure: unknown

  /** `deadline`: until when the caller waits, on the clock of `performance.now()`. */
  constructor(events: Events, deadline: number) {
    this.#events = events
    this.#endsAt = Math.max(deadline, performance.now() + GRACE_MS)
  }

  async step(what: string, call: Promise<unknown> | undefined): Promise<void> {
    if (call === undefined) return
    const left = Math.max(SHORTEST_STEP_MS, this.#endsAt - performance.now())
    const ms = Math.round(Math.min(LONGEST_STEP_MS, left))
    const ended = call.catch((error: unknown) => {
      this.#failure ??= error
    })
    if (await withinTime(ended, ms)) return
    const error = new StoreError('TIMEOUT', `Closing: ${what} did not end within ${ms} ms`)
    this.#events.emit('backgroundError', { during: 'closing', error })
  }

  /** Throws the first failure. */
  end(): void {
    if (this.#failure !== undefined) throw toStoreError(this.#failure, 'KV_FAILED', 'Closing failed')
  }
}
