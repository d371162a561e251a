import { aborted, StoreError } from '../errors.js'
import type { DocumentRef } from '../ports/common.js'
import { onAbort } from '../resilience/abort.js'

export interface EntryFailure {
  readonly ref: DocumentRef
  readonly error: StoreError
}

/** What a barrier found that is not searchable. */
export interface BarrierResult {
  readonly delayed: readonly EntryFailure[]
  /** Writes that waited for room when everything before them was delayed. */
  readonly withoutRoom: number
}

interface Barrier {
  readonly left: Set<number>
  readonly delayed: EntryFailure[]
  resolve(result: BarrierResult): void
  reject(error: StoreError): void
}

/** Flushes that wait until all that was accepted before them is closed or delayed. */
export class Barriers {
  readonly #barriers = new Set<Barrier>()

  get size(): number {
    return this.#barriers.size
  }

  /** Waits for these sequences. ABORTED if the signal fires first. */
  async wait(sequences: Set<number>, signal: AbortSignal | undefined): Promise<BarrierResult> {
    if (signal?.aborted) throw aborted(signal)
    if (sequences.size === 0) return { delayed: [], withoutRoom: 0 }
    const { promise, resolve, reject } = Promise.withResolvers<BarrierResult>()
    const barrier: Barrier = { left: sequences, delayed: [], resolve, reject }
    const stopListening = signal && onAbort(signal, () => reject(aborted(signal)))
    this.#barriers.add(barrier)
    try {
      return await promise
    } finally {
      stopListening?.()
      this.#barriers.delete(barrier)
    }
  }

  /** A sequence is closed, or its write never came to be. */
  pass(sequence: number): void {
    for (const barrier of this.#barriers) {
      if (barrier.left.delete(sequence) && barrier.left.size === 0) end(barrier, 0)
    }
  }

  /** An attempt failed and will be made again: no barrier waits for that. */
  delay(sequence: number, failure: EntryFailure, waitsForRoom: (sequence: number) => boolean): void {
    for (const barrier of this.#barriers) {
      if (!barrier.left.delete(sequence)) continue
      barrier.delayed.push(failure)
      // Queued writes get no capacity while everything fails; stop waiting, or flush hangs.
      if ([...barrier.left].every(waitsForRoom)) end(barrier, barrier.left.size)
    }
  }

  /** Ends barriers where every write left gets no room, as everything that holds some is delayed. */
  endWithoutRoom(isStuck: (sequence: number) => boolean): void {
    for (const barrier of this.#barriers) if ([...barrier.left].every(isStuck)) end(barrier, barrier.left.size)
  }

  /** The store closes. */
  end(error: StoreError): void {
    for (const barrier of this.#barriers) barrier.reject(error)
  }
}

function end({ delayed, resolve }: Barrier, withoutRoom: number): void {
  resolve({ delayed, withoutRoom })
}

/** What flush throws: which documents are not searchable, and why. */
export function flushError(failures: readonly EntryFailure[], count: number): StoreError {
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
