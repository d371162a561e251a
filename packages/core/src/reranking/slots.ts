import { aborted } from '../errors.js'
import { onAbort } from '../resilience/abort.js'

interface Waiting {
  begin(): void
  refuse(error: Error): void
}

/** Lets so many calls run at the same time; the others wait in line. */
export class Slots {
  readonly #limit: () => number
  readonly #waiting = new Set<Waiting>()
  #running = 0

  /** `limit`: how many may run now. */
  constructor(limit: () => number) {
    this.#limit = limit
  }

  get running(): number {
    return this.#running
  }

  /** Resolves when a slot is taken. Rejects with ABORTED when the signal fires first. */
  take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(aborted(signal))
    if (this.#waiting.size === 0 && this.#running < this.#limit()) {
      this.#running += 1
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const end = (): void => {
        stop()
        this.#waiting.delete(waiting)
      }
      const waiting: Waiting = {
        begin: () => {
          end()
          this.#running += 1
          resolve()
        },
        refuse: (error) => {
          end()
          reject(error)
        },
      }
      const stop = onAbort(signal, () => waiting.refuse(aborted(signal)))
      this.#waiting.add(waiting)
    })
  }

  give(): void {
    this.#running -= 1
    this.wake()
  }

  /** More may run than before. */
  wake(): void {
    for (const waiting of this.#waiting) {
      if (this.#running >= this.#limit()) return
      waiting.begin()
    }
  }

  /** Turns away all that wait. */
  refuse(error: Error): void {
    for (const waiting of this.#waiting) waiting.refuse(error)
  }
}
