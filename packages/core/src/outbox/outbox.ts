import type { StoreError } from '../errors.js'
import type { Version } from '../ports/common.js'
import type { Intent } from '../ports/kv-records.js'
import { type BarrierResult, Barriers, type EntryFailure } from './barrier.js'
import { Entry, type EntryInit } from './entry.js'
import { ManualWrites } from './manual-writes.js'
import { type Room, Rooms, type WriteKind } from './rooms.js'

/** Failures kept for the next flush to tell; more are only counted. */
const MAX_UNTOLD = 100

/** Which intents the outbox owned at some time while intents were being listed. */
export interface OwnershipWatch {
  /** The entry that owns an intent now, or did since the watch began. */
  ownerOf(intent: Intent): Entry | undefined
  end(): void
}

/**
 * The writes of this store that are on their way to the index. An entry owns the intents of its version, so that
 * recovery leaves them alone; a flush waits for it; a user's write takes room, so that writers wait when the index
 * falls behind.
 */
export class Outbox {
  /**
   * What was written in mode `manual` and waits for a flush. Its intents are in the KV, so that it takes no memory
   * here.
   */
  readonly manual = new ManualWrites()
  readonly #rooms: Rooms
  readonly #barriers = new Barriers()
  readonly #open = new Map<number, Entry>()
  /** By `ownershipOf` of each intent. */
  readonly #owners = new Map<string, Entry>()
  readonly #watches = new Set<Map<string, Entry>>()
  /** Versions of own writes that may have taken effect, or may still do so. */
  readonly #unknown = new Set<Version>()
  /** Room of writes that wait for it, or have it and are not accepted yet; by their sequences. */
  readonly #reserved = new Map<number, Room>()
  readonly #drainListeners: (() => void)[] = []
  #waitingForEmpty: (() => void)[] = []
  #sequence = 0
  #drainedUpTo = 0
  #untold: EntryFailure[] = []
  #untoldCount = 0
  #needsRecovery = false

  /** `maxPending`: how many of the user's puts may be on their way, and how many deletions. */
  constructor(maxPending: number) {
    this.#rooms = new Rooms(maxPending, () => this.drain())
  }

  /** Entries that are not ended. */
  get size(): number {
    return this.#open.size
  }

  /** Whether a put need not wait for room. */
  get hasRoom(): boolean {
    return this.#rooms.puts.hasRoom
  }

  /** Takes room for a write of a document, if there is some. `accept` or `release` must take it. */
  tryReserve(kind: WriteKind, id: string): Room | undefined {
    return this.#rooms.tryTake(kind, id, this.#nextSequence())
  }

  /** Waits for room. A flush waits for the write from now on. ABORTED if the signal fires first. */
  reserve(kind: WriteKind, id: string, signal: AbortSignal | undefined): Promise<Room> {
    const sequence = this.#nextSequence()
    const { room, taken } = this.#rooms.take(kind, id, sequence, signal, () => this.#leave(sequence))
    this.#reserved.set(sequence, room)
    return taken
  }

  /** Gives back room that was reserved, as the write cannot be made. */
  release({ sequence, capacity }: Room): void {
    this.#leave(sequence)
    capacity.release()
  }

  /** Takes ownership. `room`: what a user's write has reserved. */
  accept(init: EntryInit, room?: Room): Entry {
    const entry = new Entry(room?.sequence ?? this.#nextSequence(), init, room?.capacity)
    this.#reserved.delete(entry.sequence)
    this.#open.set(entry.sequence, entry)
    for (const intent of entry.intents) this.own(intent, entry)
    return entry
  }

  /** The entry that owns an intent. */
  ownerOf(intent: Intent): Entry | undefined {
    return this.#owners.get(ownershipOf(intent))
  }

  /** An entry owns one more intent, which it adds. */
  own(intent: Intent, entry: Entry): void {
    this.#owners.set(ownershipOf(intent), entry)
  }

  /** Gives up ownership of an intent. `entry`: only if it is the owner. */
  disown(intent: Intent, entry?: Entry): void {
    const ownership = ownershipOf(intent)
    const owner = this.#owners.get(ownership)
    if (owner === undefined || (entry !== undefined && owner !== entry)) return
    this.#owners.delete(ownership)
    for (const watch of this.#watches) watch.set(ownership, owner)
  }

  /**
   * Watches ownership during a listing of intents, which is a snapshot: what is released meanwhile may still be in
   * it.
   */
  watch(): OwnershipWatch {
    const released = new Map<string, Entry>()
    this.#watches.add(released)
    return {
      ownerOf: (intent) => {
        const ownership = ownershipOf(intent)
        return this.#owners.get(ownership) ?? released.get(ownership)
      },
      end: () => void this.#watches.delete(released),
    }
  }

  /** An attempt to project an entry failed and will be made again. */
  delay(entry: Entry, error: StoreError): void {
    if (entry.state === 'projecting') entry.state = 'delayed'
    entry.lastFailure = error
    entry.waiter.delayed?.(error, entry.ref)
    this.#barriers.delay(entry.sequence, { ref: entry.ref, error }, (sequence) => this.#reserved.has(sequence))
  }

  /** What is left of an entry is in spaces that are not searched: its room is for others. */
  freeRoom(entry: Entry): void {
    const { room } = entry
    entry.room = undefined
    room?.release()
  }

  /** An attempt in a space that is not searched failed: no flush waits for the next one. */
  passElsewhere(entry: Entry): void {
    this.#barriers.pass(entry.sequence)
  }

  /** The outbox is done with an entry. */
  close(entry: Entry): void {
    if (entry.state === 'ended') return
    entry.state = 'ended'
    for (const intent of entry.intents) this.disown(intent, entry)
    this.#open.delete(entry.sequence)
    const { ref, untold: error } = entry
    if (error !== undefined) {
      this.#untoldCount += 1
      if (this.#untold.length < MAX_UNTOLD) this.#untold.push({ ref, error })
    }
    this.#leave(entry.sequence)
    this.freeRoom(entry)
    if (this.#barriers.size > 0 && this.#reserved.size > 0) this.#endBarriersWithoutRoom()
  }

  /** Failures that nobody was told of since the last call. */
  takeUntold(): { readonly failures: readonly EntryFailure[]; readonly count: number } {
    const taken = { failures: this.#untold, count: this.#untoldCount }
    this.#untold = []
    this.#untoldCount = 0
    return taken
  }

  /** Somebody waits for all that was accepted so far: it is not held back any more. */
  drain(): void {
    this.#drainedUpTo = this.#sequence
    for (const listener of this.#drainListeners) listener()
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener)
  }

  /** Whether somebody waits for room, for a flush or for the store to close. */
  get isWaitedFor(): boolean {
    return this.#barriers.size > 0 || this.#waitingForEmpty.length > 0 || this.#reserved.size > 0
  }

  /** Whether somebody waits for what was accepted at this sequence. */
  isAwaited(sequence: number): boolean {
    return (
      sequence <= this.#drainedUpTo || this.#barriers.size > 0 || this.#waitingForEmpty.length > 0 || this.#rooms.isFull
    )
  }

  /**
   * Waits until everything accepted by now is closed or delayed. What is delayed now is waited for, too: it was told
   * to retry.
   */
  barrier(signal: AbortSignal | undefined): Promise<BarrierResult> {
    return this.#barriers.wait(new Set([...this.#open.keys(), ...this.#reserved.keys()]), signal)
  }

  /** Likewise for what recovery has claimed. */
  barrierOfClaimed(signal: AbortSignal | undefined): Promise<BarrierResult> {
    const claimed = [...this.#open.values()].filter(({ origin }) => origin === 'recovery')
    return this.#barriers.wait(new Set(claimed.map(({ sequence }) => sequence)), signal)
  }

  /** Likewise, but what is delayed already was told. */
  barrierOfActive(signal: AbortSignal | undefined): Promise<BarrierResult> {
    const active = [...this.#open.values()].filter(({ state }) => state !== 'delayed')
    return this.#barriers.wait(new Set(active.map(({ sequence }) => sequence)), signal)
  }

  /** Resolves when nothing is open or waits for room. */
  whenEmpty(): Promise<void> {
    return this.#isEmpty() ? Promise.resolve() : new Promise((resolve) => this.#waitingForEmpty.push(resolve))
  }

  /** The store closes: no write gets room any more, and no flush waits. */
  end(error: StoreError): void {
    this.#rooms.end(error)
    this.#barriers.end(error)
  }

  /** Intents are left that recovery has to look at. */
  requestRecovery(): void {
    this.#needsRecovery = true
  }

  /** Recovery begins to look at them. */
  takeRecoveryRequest(): void {
    this.#needsRecovery = false
  }

  /** Whether there are intents for recovery to look at. */
  get needsRecovery(): boolean {
    return this.#needsRecovery || this.#unknown.size > 0
  }

  /** The outcome of an own write is unknown: its intents stay until the KV shows it, or it is too old to arrive. */
  noteUnknown(version: Version): void {
    this.#unknown.add(version)
    this.#needsRecovery = true
  }

  /** What was unknown of a version is known now. */
  noteKnown(version: Version): void {
    this.#unknown.delete(version)
  }

  isUnknown(version: Version): boolean {
    return this.#unknown.has(version)
  }

  /** Forgets unknown outcomes of versions that can no longer arrive. */
  forgetUnknown(canArrive: (version: Version) => boolean): void {
    for (const version of this.#unknown) if (!canArrive(version)) this.#unknown.delete(version)
  }

  /** Ends barriers that only wait for writes which wait for room that nothing but delayed entries holds. */
  #endBarriersWithoutRoom(): void {
    const delayed = new Map<Room['capacity'], number>()
    for (const { room, state } of this.#open.values())
      if (room !== undefined && state === 'delayed') delayed.set(room, (delayed.get(room) ?? 0) + 1)
    const isStuck = (sequence: number): boolean => {
      const room = this.#reserved.get(sequence)?.waitsFor
      return room !== undefined && (delayed.get(room) ?? 0) >= room.limit
    }
    this.#barriers.endWithoutRoom(isStuck)
  }

  #nextSequence(): number {
    this.#sequence += 1
    return this.#sequence
  }

  #isEmpty(): boolean {
    return this.#open.size + this.#reserved.size === 0
  }

  #leave(sequence: number): void {
    this.#reserved.delete(sequence)
    this.#barriers.pass(sequence)
    if (this.#isEmpty()) for (const resolve of this.#waitingForEmpty.splice(0)) resolve()
  }
}

/** A version is of one write; each space has an intent of it. */
function ownershipOf({ version, space }: Intent): string {
  return version + space
}
