import { maxVersion } from '../document/version.js'
import type { StoreError } from '../errors.js'
import type { Entry } from '../outbox/entry.js'
import type { DocumentRef, Version } from '../ports/common.js'
import type { Intent } from '../ports/kv-records.js'
import type { TermWeights } from '../ports/vector-records.js'
import type { DocumentTexts } from './point-maker.js'
import type { FailedAt } from './retry-queue.js'

/** What the points of a document shall become. */
export type Target =
  | {
      readonly kind: 'present'
      readonly version: Version
      readonly expiresAt: number | undefined
      readonly texts: DocumentTexts
      /** A higher version that the KV was seen not to hold. */
      readonly replaces: Version | undefined
    }
  | { readonly kind: 'absent'; readonly upTo: Version }

/**
 * Where a projection is: `queued` before the index, `replacing` at it, `written` when only the document's version has
 * to be read again, `delayed` until the next attempt, `ended`.
 */
export type ProjectionPhase = 'queued' | 'replacing' | 'written' | 'delayed' | 'ended'

/**
 * The work of making one document's points in one space. The newest entry of a document does the work of older ones
 * with it.
 */
export class Projection {
  phase: ProjectionPhase = 'queued'
  readonly ref: DocumentRef
  readonly id: string
  /** Version of the entry that it began with, the highest of its entries. */
  readonly version: Version
  /** Position of its oldest entry in the order of acceptance. */
  earliest: number
  /** Absent until it is known: then it is what the KV holds. */
  target: Target | undefined
  /** Whether the document may have points already. */
  mayHavePoints: boolean
  /** The highest version that its entries may have given to points: what it deletes goes up to here. */
  highest: Version
  /**
   * For each text its vector, once they are made; `undefined`: the one that is stored is kept; null: it has none, or
   * none yet.
   */
  vectors: (Float32Array | null | undefined)[] | undefined
  /** For each text its terms, once they are made; `undefined`: those that are stored are kept. */
  terms: (TermWeights | undefined)[] | undefined
  /** Why texts have no vectors yet: its points are written with words alone, and it is not done then. */
  lacking: StoreError | undefined
  /** Whether the points of its target have been written with words alone. */
  hasWords = false
  isAwaited: boolean
  /** Its points were looked for, and none was there. */
  isExpectedNew = false
  /** Something that was to be kept is gone, so that everything is sent. */
  sendsAll = false
  /** Fencing intents that it added, and the highest version that they and its entries' intents fence. */
  fences: readonly Intent[] = []
  fencedUpTo: Version
  /** Whether one of these fencing intents is there. */
  hasOwnIntent = false
  /** What its last attempt failed at, if one has. */
  delayedAt: FailedAt | undefined
  /** Why its last attempt failed, while it is delayed. */
  delayedBy: StoreError | undefined
  /** The projection that does its work. */
  successor: Projection | undefined
  #entries: Entry[]

  constructor(entry: Entry, target: Target | undefined, mayHavePoints: boolean) {
    this.ref = entry.ref
    this.id = entry.id
    this.version = entry.version
    this.highest = entry.version
    this.fencedUpTo = entry.version
    this.earliest = entry.sequence
    this.isAwaited = entry.waiter.isAwaited
    this.target = target
    this.mayHavePoints = mayHavePoints
    this.#entries = [entry]
  }

  /** The entries whose work it does. */
  get entries(): readonly Entry[] {
    return this.#entries
  }

  /** Whether it still has its work to do. */
  get isActive(): boolean {
    return this.successor === undefined && this.phase !== 'delayed' && this.phase !== 'ended'
  }

  /** Makes what the KV holds the target. */
  retarget(target: Target): void {
    this.#forget()
    this.mayHavePoints = true
    this.target = target
    if (target.kind === 'present') this.highest = maxVersion(this.highest, target.version)
  }

  /** Makes everything be embedded and sent again, once. Returns whether this was the first time. */
  sendAllAgain(): boolean {
    const isFirst = !this.sendsAll
    this.sendsAll = true
    this.#forget()
    return isFirst
  }

  /** Its texts are to be embedded once more: no vector of the last attempt is kept, unless it has all. */
  tryAgain(): void {
    this.delayedBy = undefined
    if (this.lacking === undefined) return
    this.lacking = undefined
    this.vectors = undefined
  }

  #forget(): void {
    this.vectors = undefined
    this.terms = undefined
    this.lacking = undefined
    this.hasWords = false
  }

  /** Takes over the work of another one. */
  adopt(other: Projection): void {
    other.successor = this
    // The long list of a busy document is handed on, not copied.
    if (this.#entries.length === 1) {
      other.#entries.push(...this.#entries)
      this.#entries = other.#entries
    } else for (const entry of other.#entries) this.#entries.push(entry)
    other.#entries = []
    this.mayHavePoints ||= other.mayHavePoints
    this.isAwaited ||= other.isAwaited
    this.delayedAt ??= other.delayedAt
    this.earliest = Math.min(this.earliest, other.earliest)
    this.highest = maxVersion(this.highest, other.highest)
    this.fences = [...other.fences, ...this.fences]
    this.fencedUpTo = maxVersion(this.fencedUpTo, other.fencedUpTo)
    this.hasOwnIntent ||= other.hasOwnIntent
  }
}
