import { aborted, StoreError } from '../errors.js'
import type { DocumentRef } from '../ports/common.js'

/** Something accepted that is not searchable yet. */
export interface Pending {
  readonly sequence: number
  readonly ref: DocumentRef
}

export interface PendingFailure {
  readonly ref: DocumentRef
  readonly error: StoreError
}

interface WaitingForRoom {
  readonly sequence: number
  enter(place: number): void
  refuse(error: StoreError): void
}

interface Barrier {
  readonly left: Set<number>
  readonly delayed: PendingFailure[]
  /** Writes that it gave up waiting for, as there is no room for them. */
  waitingForRoom: number
  done(): void
  end(error: StoreError): void
}

/** Failures kept for the next flush to tell; more are only counted. */
const MAX_TOLD = 100

/** Everything accepted and not yet searchable: bounded (put waits for room), and what a flush waits for. */
export class PendingWrites {
  readonly #limit: number
  /** By sequence, whether it takes room. */
  readonly #open = new Map<number, boolean>()
  #taken = 0
  readonly #barriers = new Set<Barrier>()
  /** The longest wait first, from `#next` on; a hole is one that gave up. */
  #waitingForRoom: (WaitingForRoom | undefined)[] = []
  #next = 0
  #waitingForEmpty: (() => void)[] = []
  /** Places that wait for room, or have it and are not used yet. */
  readonly #held = new Set<number>()
  #granted = 0
  #sequence = 0
  #untold: PendingFailure[] = []
  #waitsForRoom: (() => void) | undefined
  #untoldCount = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#open.size
  }

  /** Whether somebody waits until all is done, or for room. */
  get isWaitedFor(): boolean {
    return this.#barriers.size > 0 || this.#waitingForEmpty.length > 0 || !this.hasRoom
  }

  /** The last place that was given. */
  get lastSequence(): number {
    return this.#sequence
  }

  /** A place for something that needs no room: what recovery and repair bring is not a user's write. */
  nextSequence(): number {
    this.#sequence += 1
    return this.#sequence
  }

  /** Whether a write need not wait for room. */
  get hasRoom(): boolean {
    return this.#next === this.#waitingForRoom.length && !this.#isFull()
  }

  /** A place for a write, if there is room for it. It is to be opened in the same run of code, or forgotten. */
  tryReserve(): number | undefined {
    return this.hasRoom ? this.nextSequence() : undefined
  }

  /** Calls whenever a write waits for room. */
  onWaitingForRoom(listener: () => void): void {
    this.#waitsForRoom = listener
  }

  /** Waits for room, first come, first served. The place is used by `open` or given back by `release`. A flush waits for it from now on. */
  reserve(signal: AbortSignal | undefined): Promise<number> {
    const sequence = this.nextSequence()
    if (signal?.aborted) return Promise.reject(aborted(signal))
    this.#held.add(sequence)
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const waiting = { sequence, enter: resolve, refuse: reject }
    this.#waitingForRoom.push(waiting)
    if (signal !== undefined) this.#refuseOnAbort(waiting, signal, promise)
    this.#letIn()
    if (!this.hasRoom) this.#waitsForRoom?.()
    return promise
  }

  /** Gives back a place that was reserved and not used. */
  release(sequence: number): void {
    if (this.#held.has(sequence)) this.#granted -= 1
    this.#leave(sequence)
    this.#letIn()
  }

  /** `takesRoom`: it is a user's write. */
  open(pending: Pending, takesRoom: boolean): void {
    if (this.#held.delete(pending.sequence)) this.#granted -= 1
    this.#open.set(pending.sequence, takesRoom)
    if (takesRoom) this.#taken += 1
  }

  /** It is searchable, never was written, or (with an error that nobody else is told) never will be searchable. */
  close(pending: Pending, untold?: StoreError): void {
    const tookRoom = this.#open.get(pending.sequence)
    if (tookRoom === undefined) return
    this.#open.delete(pending.sequence)
    if (tookRoom) this.#taken -= 1
    if (untold !== undefined) {
      this.#untoldCount += 1
      if (this.#untold.length < MAX_TOLD) this.#untold.push({ ref: pending.ref, error: untold })
    }
    this.#leave(pending.sequence)
    this.#letIn()
  }

  /** Resolves when nothing is open or waits for room. */
  whenEmpty(): Promise<void> {
    return this.#isEmpty() ? Promise.resolve() : new Promise((resolve) => this.#waitingForEmpty.push(resolve))
  }

  /** The store closes: nothing gets room any more, and no barrier waits. */
  end(error: StoreError): void {
    const waiting = this.#waitingForRoom.slice(this.#next)
    this.#waitingForRoom = []
    this.#next = 0
    for (const each of waiting) if (each !== undefined) this.#refuse(each, error)
    for (const barrier of this.#barriers) barrier.end(error)
  }

  /** An attempt failed and will be made again: barriers do not wait for that. */
  delay(pending: Pending, error: StoreError): void {
    for (const barrier of this.#barriers) {
      if (!barrier.left.has(pending.sequence)) continue
      barrier.delayed.push({ ref: pending.ref, error })
      pass(barrier, pending.sequence)
      // What still waits for room gets none while nothing else succeeds, so that waiting for it would be for ever.
      if (barrier.left.size > 0 && [...barrier.left].every((sequence) => this.#held.has(sequence))) {
        barrier.waitingForRoom = barrier.left.size
        barrier.done()
      }
    }
  }

  /** Waits until everything open now is closed or delayed, and throws if some of it is not searchable. */
  async barrier(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw aborted(signal)
    const delayed: PendingFailure[] = []
    let waitingForRoom = 0
    if (!this.#isEmpty()) {
      await new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          signal?.removeEventListener('abort', onAbort)
          this.#barriers.delete(barrier)
        }
        const onAbort = (): void => {
          leave()
          reject(aborted(signal as AbortSignal))
        }
        const barrier: Barrier = {
          end: (error) => {
            leave()
            reject(error)
          },
          left: new Set([...this.#open.keys(), ...this.#held]),
          delayed,
          waitingForRoom: 0,
          done: () => {
            leave()
            waitingForRoom = barrier.waitingForRoom
            resolve()
          },
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        this.#barriers.add(barrier)
      })
    }
    const failures = [...this.#untold, ...delayed]
    const count = this.#untoldCount + delayed.length + waitingForRoom
    this.#untold = []
    this.#untoldCount = 0
    if (count > 0) throw flushError(failures, count)
  }

  #isFull(): boolean {
    return this.#taken + this.#granted >= this.#limit
  }

  #isEmpty(): boolean {
    return this.#open.size + this.#held.size === 0
  }

  #refuse({ sequence, refuse }: WaitingForRoom, error: StoreError): void {
    this.#leave(sequence)
    refuse(error)
  }

  #refuseOnAbort(waiting: WaitingForRoom, signal: AbortSignal, settled: Promise<unknown>): void {
    const onAbort = (): void => {
      const at = this.#waitingForRoom.indexOf(waiting, this.#next)
      if (at < 0) return
      this.#waitingForRoom[at] = undefined
      this.#refuse(waiting, aborted(signal))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const stopListening = (): void => signal.removeEventListener('abort', onAbort)
    settled.then(stopListening, stopListening)
  }

  #leave(sequence: number): void {
    this.#held.delete(sequence)
    if (this.#barriers.size > 0) for (const barrier of this.#barriers) pass(barrier, sequence)
    if (this.#isEmpty()) for (const resolve of this.#waitingForEmpty.splice(0)) resolve()
  }

  #letIn(): void {
    const waiting = this.#waitingForRoom
    while (this.#next < waiting.length && !this.#isFull()) {
      const first = waiting[this.#next]
      this.#next += 1
      if (first === undefined) continue
      this.#granted += 1
      first.enter(first.sequence)
    }
    // Now and then what has passed is cut off: taking each off the front of a long list would move all the others every time.
    if (this.#next * 2 <= waiting.length) return
    waiting.splice(0, this.#next)
    this.#next = 0
  }
}

function pass(barrier: Barrier, sequence: number): void {
  if (barrier.left.delete(sequence) && barrier.left.size === 0) barrier.done()
}

/** What flush throws: which documents are not searchable, and why. */
function flushError(failures: readonly PendingFailure[], count: number): StoreError {
  const shown = failures
    .slice(0, 3)
    .map(({ ref, error }) => `${JSON.stringify([...ref.namespace, ref.key])} (${error.message})`)
  const [first] = failures
  return new StoreError(
    first?.error.code ?? 'INDEX_FAILED',
    `${count} ${count === 1 ? 'document is' : 'documents are'} not searchable: ${shown.join(', ')}${count > shown.length ? ', …' : ''}`,
    {
      retryable: failures.every(({ error }) => error.retryable),
      cause: new AggregateError(failures.map(({ error }) => error)),
      ...(count === 1 && first !== undefined ? first.ref : {}),
    },
  )
}
