import { StoreError, toStoreError } from '../errors.js'
import type { Events } from '../observe/events.js'

/**
 * Calls a function again and again, never twice at a time. It does not keep the process alive. A failure becomes an
 * event, once for the same cause until a call succeeds.
 */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  #stopped = false
  /** The cause that was told last. */
  #told: string | undefined

  constructor(options: {
    readonly everyMs: number
    readonly during: string
    readonly events: Events
    /** Aborts when the store closes. */
    readonly signal: AbortSignal
    beat(): Promise<void>
  }) {
    const { everyMs, during, events, signal, beat } = options
    this.#timer = setInterval(() => {
      this.#running ??= beat()
        .then(() => {
          this.#told = undefined
        })
        .catch((cause: unknown) => {
          // A beat that closing breaks off is no failure.
          if (this.#stopped || signal.aborted) return
          const error = toStoreError(cause, 'KV_FAILED', `Failed: ${during}`)
          const name = nameOfCause(error)
          if (name !== this.#told) events.emit('backgroundError', { during, error })
          this.#told = name
        })
        .finally(() => {
          this.#running = undefined
        })
    }, everyMs)
    this.#timer.unref()
  }

  /** No beat begins any more; resolves when a running one has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#running
  }
}

/** What began it: the words of the errors around it may change from one time to the next. */
function nameOfCause(error: StoreError): string {
  return StoreError.isInstance(error.cause) ? nameOfCause(error.cause) : `${error.code} ${error.message}`
}
