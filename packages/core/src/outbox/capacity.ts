import { aborted, type StoreError } from '../errors.js'
import { onAbort } from '../resilience/abort.js'

interface Waiting {
  enter(): void
  refuse(error: StoreError): void
  /** Neither let in nor refused. */
  isWaiting: boolean
}

/**
 * Backpressure: at most so many writes are accepted and not searchable yet. The others wait, first come, first
 * served.
 */
export class Capacity {
  readonly limit: number
  readonly #onWaiting: () => void
  #taken = 0
  /** From `#next` on, the longest wait first. */
  #queue: Waiting[] = []
  #ended: StoreError | undefined
  #next = 0
  #waiting = 0

  /** `onWaiting` is called whenever a write begins to wait. */
  constructor(limit: number, onWaiting: () => void) {
    this.limit = limit
    this.#onWaiting = onWaiting
  }

  /** Whether a write need not wait. */
  get hasRoom(): boolean {
    return this.#waiting === 0 && this.#taken < this.limit
  }

  /** Takes room if there is some. */
  tryTake(): boolean {
    if (!this.hasRoom) return false
    this.#taken += 1
    return true
  }

  /** Waits for room and takes it. ABORTED if the signal fires first. */
  take(signal: AbortSignal | undefined): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    if (signal?.aborted) return Promise.reject(aborted(signal))
    if (this.tryTake()) return Promise.resolve()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting: Waiting = { enter: resolve, refuse: reject, isWaiting: true }
    this.#queue.push(waiting)
    this.#waiting += 1
    if (signal !== undefined) this.#refuseOnAbort(waiting, signal, promise)
    this.#onWaiting()
    return promise
  }

  /** Gives room back. */
  release(): void {
    this.#taken -= 1
    this.#letIn()
  }

  /** The store closes: nothing gets room any more. */
  end(error: StoreError): void {
    this.#ended = error
    const queue = this.#queue.slice(this.#next)
    this.#queue = []
    this.#next = 0
    this.#waiting = 0
    for (const each of queue) {
      each.isWaiting = false
      each.refuse(error)
    }
  }

  #refuseOnAbort(waiting: Waiting, signal: AbortSignal, settled: Promise<void>): void {
    const stopListening = onAbort(signal, () => {
      if (!waiting.isWaiting) return
      waiting.isWaiting = false
      this.#waiting -= 1
      waiting.refuse(aborted(signal))
    })
    settled.then(stopListening, stopListening)
  }

  #letIn(): void {
    while (this.#next < this.#queue.length && this.#taken < this.limit) {
      const first = this.#queue[this.#next] as Waiting
      this.#next += 1
      if (!first.isWaiting) continue
      first.isWaiting = false
      this.#waiting -= 1
      this.#taken += 1
      first.enter()
    }
    // The passed half is cut off now and then: shifting a long queue one by one would move the rest every time.
    if (this.#next * 2 <= this.#queue.length) return
    this.#queue.splice(0, this.#next)
    this.#next = 0
  }
}
