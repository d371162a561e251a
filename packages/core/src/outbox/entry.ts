import { refId } from '../document/namespace.js'
import type { StoreError } from '../errors.js'
import type { DocumentRef, Version } from '../ports/common.js'
import type { Intent } from '../ports/kv-records.js'
import type { Capacity } from './capacity.js'

/**
 * Where an entry is on its way:
 *
 * - `accepted`: it has a version; its intents and its document are being written
 * - `projecting`: it is durable; its points are being made in the spaces that it follows
 * - `delayed`: an attempt to project it failed and will be made again
 * - `settling`: all its points are right, or it was refused; its intents are being removed
 * - `ended`: the outbox is done with it: projected, failed for good, refused, or left to recovery
 */
export type EntryState = 'accepted' | 'projecting' | 'delayed' | 'settling' | 'ended'

/** Who waits for an entry. Each method is called at most once, but for `delayed`. */
export interface Waiter {
  /** Whether somebody waits until the document is searchable, so that it must not be held back. */
  readonly isAwaited: boolean
  /** Whether the waiter tells its caller of a failure. Otherwise the next flush does. */
  readonly reportsFailure: boolean
  /**
   * The document is durable or, with an error, is not. `superseded`: a newer version was there already. `existed`:
   * whether there was a document before, where that is known.
   */
  written?(error?: StoreError, superseded?: boolean, existed?: boolean): void
  /**
   * This version or a newer one is searchable or, with an error, never will be. `kept`: its write was not seen, so
   * its intents stay.
   */
  settled(error?: StoreError, kept?: boolean): void
  /** An attempt to project it failed and will be made again. */
  delayed?(error: StoreError, ref: DocumentRef): void
}

export interface EntryInit {
  readonly ref: DocumentRef
  /** `refId` of it, where it is at hand. */
  readonly id?: string
  /** What this entry deletes from the index is at or below it. */
  readonly version: Version
  readonly intents: readonly Intent[]
  /** Names of the spaces whose points have to follow. */
  readonly spaces: readonly string[]
  /** Which of them is searched, if one is: its waiter is told of that one. */
  readonly searched?: string | undefined
  /**
   * `write`: of this store's user. `recovery`: claimed by recovery, which left it before. `repair`: a projection made
   * again.
   */
  readonly origin: 'write' | 'recovery' | 'repair'
  /**
   * Whether the outcome of the write is known. If not, an intent stays until the KV shows its version or it is too
   * old to arrive.
   */
  readonly isConfirmed: boolean
  readonly waiter?: Waiter
}

const noWaiter: Waiter = { isAwaited: false, reportsFailure: false, settled: () => {} }

/** One write, from its acceptance until its intents are removed. */
export class Entry {
  state: EntryState = 'accepted'
  /** A position in the order of acceptance, which a flush waits for. */
  readonly sequence: number
  /** Where it counts against the bound on pending writes, if it does. */
  room: Capacity | undefined
  /** Why the last attempt to project it failed, if one did. */
  lastFailure: StoreError | undefined
  readonly ref: DocumentRef
  readonly id: string
  readonly version: Version
  readonly intents: readonly Intent[]
  readonly origin: EntryInit['origin']
  readonly isConfirmed: boolean
  readonly waiter: Waiter
  /** The space that is searched: it decides when the waiter is told. */
  readonly searched: string | undefined
  readonly spaces: readonly string[]
  /** Why it will never be searchable, where only a flush can tell. */
  untold: StoreError | undefined
  readonly #unsettled: Set<string>

  constructor(sequence: number, init: EntryInit, room: Capacity | undefined) {
    this.sequence = sequence
    this.room = room
    this.ref = init.ref
    this.id = init.id ?? refId(init.ref)
    this.version = init.version
    this.intents = init.intents
    this.origin = init.origin
    this.isConfirmed = init.isConfirmed
    this.waiter = init.waiter ?? noWaiter
    this.spaces = init.spaces
    this.searched = init.searched
    this.#unsettled = new Set(init.spaces)
  }

  /** Its intents for one space. */
  intentsOf(space: string): readonly Intent[] {
    return this.intents.filter((intent) => intent.space === space)
  }

  /** Nothing is left to do in a space. Returns whether that was the last one. */
  settleIn(space: string): boolean {
    this.#unsettled.delete(space)
    return this.#unsettled.size === 0
  }
}
