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

interface Barrier {
  readonly left: Set<number>
  readonly delayed: PendingFailure[]
  done(): void
  end(error: StoreError): void
}

/** Failures kept for the next flush to tell; more are only counted. */
const MAX_TOLD = 100

/** Everything accepted and not yet searchable: bounded (put waits for room), and what a flush waits for. */
export class PendingWrites {
  readonly #limit: number
  readonly #open = new Map<number, Pending>()
  readonly #barriers = new Set<Barrier>()
  #waitingForRoom: { enter(): void; refuse(error: StoreError): void }[] = []
  #waitingForEmpty: (() => void)[] = []
  #reserved = 0
  #sequence = 0
  #untold: PendingFailure[] = []
  #untoldCount = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#open.size
  }

  /** Whether there is room for another write at once. */
  tryReserve(): boolean {
    if (this.#waitingForRoom.length > 0 || this.#open.size + this.#reserved >= this.#limit) return false
    this.#reserved += 1
    return true
  }

  /** Waits for room for one write, first come, first served. The room is used by `open` with `reserved`, or given back by `release`. */
  async reserve(signal: AbortSignal | undefined): Promise<void> {
    if (this.tryReserve()) return
    if (signal?.aborted) throw aborted(signal)
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waitingForRoom = this.#waitingForRoom.filter((each) => each !== waiting)
        reject(aborted(signal as AbortSignal))
      }
      const waiting = {
        enter: (): void => {
          signal?.removeEventListener('abort', onAbort)
          this.#reserved += 1
          resolve()
        },
        refuse: (error: StoreError): void => {
          signal?.removeEventListener('abort', onAbort)
          reject(error)
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waitingForRoom.push(waiting)
    })
  }

  release(): void {
    this.#reserved -= 1
    this.#letIn()
  }

  nextSequence(): number {
    this.#sequence += 1
    return this.#sequence
  }

  open(pending: Pending, options: { readonly reserved: boolean }): void {
    if (options.reserved) this.#reserved -= 1
    this.#open.set(pending.sequence, pending)
  }

  /** It is searchable, never was written, or (with an error that nobody else is told) never will be searchable. */
  close(pending: Pending, untold?: StoreError): void {
    if (!this.#open.delete(pending.sequence)) return
    if (untold !== undefined) {
      this.#untoldCount += 1
      if (this.#untold.length < MAX_TOLD) this.#untold.push({ ref: pending.ref, error: untold })
    }
    for (const barrier of this.#barriers) this.#pass(barrier, pending)
    this.#letIn()
    if (this.#open.size === 0) for (const resolve of this.#waitingForEmpty.splice(0)) resolve()
  }

  /** Resolves when nothing is open. */
  whenEmpty(): Promise<void> {
    return this.#open.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#waitingForEmpty.push(resolve))
  }

  /** The store closes: nothing gets room any more, and no barrier waits. */
  end(error: StoreError): void {
    for (const waiting of this.#waitingForRoom.splice(0)) waiting.refuse(error)
    for (const barrier of this.#barriers) barrier.end(error)
  }

  /** An attempt failed and will be made again: barriers do not wait for that. */
  delay(pending: Pending, error: StoreError): void {
    for (const barrier of this.#barriers) {
      if (!barrier.left.has(pending.sequence)) continue
      barrier.delayed.push({ ref: pending.ref, error })
      this.#pass(barrier, pending)
    }
  }

  /** Waits until everything open now is closed or delayed, and throws if some of it is not searchable. */
  async barrier(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw aborted(signal)
    const delayed: PendingFailure[] = []
    if (this.#open.size > 0) {
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
          left: new Set(this.#open.keys()),
          delayed,
          done: () => {
            leave()
            resolve()
          },
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        this.#barriers.add(barrier)
      })
    }
    const failures = [...this.#untold, ...delayed]
    const count = this.#untoldCount + delayed.length
    this.#untold = []
    this.#untoldCount = 0
    if (count > 0) throw flushError(failures, count)
  }

  #pass(barrier: Barrier, pending: Pending): void {
    if (barrier.left.delete(pending.sequence) && barrier.left.size === 0) barrier.done()
  }

  #letIn(): void {
    while (this.#waitingForRoom.length > 0 && this.#open.size + this.#reserved < this.#limit)
      this.#waitingForRoom.shift()?.enter()
  }
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
