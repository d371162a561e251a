import { refId } from '../document/namespace.js'
import { maxVersion } from '../document/version.js'
import type { StoreError } from '../errors.js'
import type { DocumentRef, Version } from '../ports/common.js'
import type { Intent } from '../ports/kv-records.js'
import type { DocumentTexts } from './point-maker.js'

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

/** `isKept`: the points are as the document is, which shows nothing of the write; it may still come, so its intents are kept. */
export type Settle = (error?: StoreError, isKept?: boolean) => void

export interface OperationInit {
  readonly ref: DocumentRef
  /** `refId` of it, where it is at hand. */
  readonly id?: string | undefined
  /** Every point that this operation deletes is at or below it. */
  readonly version: Version
  readonly intents: readonly Intent[]
  /** Whether the outcome of the write is known. If not, an intent stays until the KV shows its version or it is too old to arrive. */
  readonly confirmed: boolean
  /** What to project; absent: what the KV holds. */
  readonly target?: Target | undefined
  /** Whether the document may have points already. */
  readonly mayHavePoints: boolean
  /** Whether the caller of the write waits for the index, and so is told of a failure; otherwise the next flush tells. */
  readonly toldByPut?: boolean | undefined
  /** Told once: without an error when this version or a newer one is projected, or kept; with one when it never will be. */
  readonly settle?: Settle | undefined
  /** Told when an attempt has failed and is going to be made again. */
  readonly delayed?: ((error: StoreError) => void) | undefined
}

const NONE: readonly Intent[] = []

/** One change of the KV on its way to the index. */
export class Operation {
  readonly ref: DocumentRef
  readonly id: string
  readonly version: Version
  readonly intents: readonly Intent[]
  /** Intents above versions of other writers whose points this operation writes. */
  covers: readonly Intent[] = NONE
  /** The highest of those that is certain to be written. */
  coveredUpTo: Version | undefined
  readonly confirmed: boolean
  /** A position in the order of acceptance, for the barrier. */
  readonly sequence: number
  readonly toldByPut: boolean
  readonly settle: Settle | undefined
  readonly delayed: ((error: StoreError) => void) | undefined
  target: Target | undefined
  mayHavePoints: boolean
  /** The highest version that this operation, or one that follows it, may have given to points. What it deletes goes up to here. */
  highest: Version
  /** The vector of each text, once they are there. A text without one is kept as it is stored. */
  vectors: (Float32Array | undefined)[] | undefined
  /** Whether somebody waits until it is in the index. */
  isAwaited: boolean
  /** Whether its points are being written, so that a newer operation can do its work only afterwards. */
  isInIndex = false
  /** Whether its points are written, and only the document's version is to be read again. */
  isWritten = false
  /** The first in the order of acceptance of those that this one does the work of. */
  earliest: number
  /** Whether its points were looked for, and none was there. */
  expectedNew = false
  /** Whether the index said that a vector which was to be kept is not there. */
  sendWhole = false
  #group: Operation[] = [this]
  supersededBy: Operation | undefined
  /** `active`: a stage has it. `delayed`: an attempt failed. `ended`: it is projected, has failed for good, or is left to recovery. */
  state: 'active' | 'delayed' | 'ended' = 'active'
  /** Why an attempt failed, while it is delayed. */
  delayedBy: StoreError | undefined

  constructor(sequence: number, init: OperationInit) {
    this.sequence = sequence
    this.earliest = sequence
    this.ref = init.ref
    this.id = init.id ?? refId(init.ref)
    this.version = init.version
    this.highest = init.version
    this.intents = init.intents
    this.confirmed = init.confirmed
    this.target = init.target
    this.mayHavePoints = init.mayHavePoints
    this.toldByPut = init.toldByPut ?? false
    this.isAwaited = this.toldByPut
    this.settle = init.settle
    this.delayed = init.delayed
  }

  /** This operation, and the older ones on the same document whose work it does too. */
  all(): readonly Operation[] {
    return this.#group
  }

  /** Whether an intent of this operation makes recovery delete points of this version, if it must. */
  isCoveredUpTo(version: Version): boolean {
    if (version <= this.version) return true
    return this.#group.some((each) => version <= each.version || version <= (each.coveredUpTo ?? ''))
  }

  /** A vector that was to be kept is gone: everything is embedded and sent whole. */
  sendAllAgain(): void {
    this.sendWhole = true
    this.vectors = undefined
  }

  /** Lets another operation, and what follows it, follow this one. */
  adopt(other: Operation): void {
    other.supersededBy = this
    // The long list of a busy document is handed on, not copied.
    if (this.#group.length === 1) {
      other.#group.push(this)
      this.#group = other.#group
    } else for (const each of other.#group) this.#group.push(each)
    other.#group = [other]
    this.mayHavePoints ||= other.mayHavePoints
    this.isAwaited ||= other.isAwaited
    this.earliest = Math.min(this.earliest, other.earliest)
    this.highest = maxVersion(this.highest, other.highest)
  }
}
