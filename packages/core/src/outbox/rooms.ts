import type { StoreError } from '../errors.js'
import { raceAbort } from '../resilience/abort.js'
import { Capacity } from './capacity.js'

export type WriteKind = 'put' | 'deletion'

/** Room that a write has, or waits for. */
export interface Room {
  /** Position of the write in the order of acceptance. */
  readonly sequence: number
  readonly capacity: Capacity
  /** What it waits for: at first, that of an earlier write of its document. */
  waitsFor: Capacity
}

/**
 * Puts and deletions have room of their own, each as much. A deletion needs no embedder, so it must not wait behind
 * puts that do. Writes of one document keep their order.
 */
export class Rooms {
  readonly puts: Capacity
  readonly #deletions: Capacity
  /** By document: the last write that waits for room. `over`: it and those before it wait no more. */
  readonly #waiting = new Map<string, { readonly room: Room; readonly over: Promise<unknown> }>()

  /** `onWaiting` is called whenever a write begins to wait. */
  constructor(limit: number, onWaiting: () => void) {
    this.puts = new Capacity(limit, onWaiting)
    this.#deletions = new Capacity(limit, onWaiting)
  }

  /** Whether there are no puts, or no deletions, that need not wait. */
  get isFull(): boolean {
    return !this.puts.hasRoom || !this.#deletions.hasRoom
  }

  tryTake(kind: WriteKind, id: string, sequence: number): Room | undefined {
    const capacity = this.#capacityOf(kind)
    if (this.#waiting.has(id) || !capacity.tryTake()) return undefined
    return { sequence, capacity, waitsFor: capacity }
  }

  /** Calls `onRefused` before `taken` rejects: with ABORTED if the signal fires, or with why the store has ended. */
  take(
    kind: WriteKind,
    id: string,
    sequence: number,
    signal: AbortSignal | undefined,
    onRefused: () => void,
  ): { readonly room: Room; readonly taken: Promise<Room> } {
    const capacity = this.#capacityOf(kind)
    const before = this.#waiting.get(id)
    const room: Room = { sequence, capacity, waitsFor: before?.room.waitsFor ?? capacity }
    const taken = this.#takeAfter(before?.over, room, signal).catch((error: unknown) => {
      onRefused()
      throw error
    })
    const leave = (): void => {
      if (this.#waiting.get(id) === last) this.#waiting.delete(id)
    }
    // Before the caller's own reaction: nothing comes in between.
    const over = before === undefined ? taken.then(leave, leave) : Promise.allSettled([before.over, taken]).then(leave)
    const last = { room, over }
    this.#waiting.set(id, last)
    return { room, taken }
  }

  /** The store closes: nothing gets room any more. */
  end(error: StoreError): void {
    this.puts.end(error)
    this.#deletions.end(error)
  }

  async #takeAfter(before: Promise<unknown> | undefined, room: Room, signal: AbortSignal | undefined): Promise<Room> {
    if (before !== undefined) await raceAbort(before, signal)
    room.waitsFor = room.capacity
    await room.capacity.take(signal)
    return room
  }

  #capacityOf(kind: WriteKind): Capacity {
    return kind === 'put' ? this.puts : this.#deletions
  }
}
