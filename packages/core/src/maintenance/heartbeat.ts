import { toStoreError } from '../errors.js'
import type { Events } from '../observe/events.js'

/**
 * Calls a function again and again, never twice at a time. It does not keep the process alive. A failure becomes an
 * event.
 */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout
  #running: Promise<void> | undefined
  #stopped = false

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
        .catch((error: unknown) => {
          if (this.#stopped) return
          // A beat that closing breaks off is no failure.
          if (signal.aborted) return
          events.emit('backgroundError', { during, error: toStoreError(error, 'KV_FAILED', `Failed: ${during}`) })
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
