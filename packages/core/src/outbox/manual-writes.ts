import { StoreError } from '../errors.js'
import type { Version } from '../ports/common.js'

/** The writes of one call in mode `manual`, which wait for a flush as one: a bulk load is one entry. */
export class ManualGroup {
  #from: Version | undefined
  #to: Version | undefined
  #written = 0
  #flushed = 0
  #error: StoreError | undefined
  #settle: ((error?: StoreError) => void) | undefined

  /** A version is durable and waits for a flush. */
  written(version: Version): void {
    this.#written += 1
    if (this.#from === undefined || version < this.#from) this.#from = version
    if (this.#to === undefined || version > this.#to) this.#to = version
  }

  /** How many have become durable so far. */
  get count(): number {
    return this.#written
  }

  /** Whether a version lies among those that wait, or between them. */
  covers(version: Version): boolean {
    return this.#from !== undefined && this.#to !== undefined && version >= this.#from && version <= this.#to
  }

  /**
   * The first failure is the one that is told. A version between those of the group may be another call's: then this
   * tells of that.
   */
  failed(version: Version, error: StoreError): void {
    if (this.covers(version)) this.#error ??= error
  }

  /**
   * The first so many that became durable are projected or have failed. Gives how many of these that was not known
   * of.
   */
  flushed(count: number): number {
    const more = Math.max(0, count - this.#flushed)
    this.#flushed += more
    if (this.#flushed === this.#written) {
      this.#from = undefined
      this.#to = undefined
    }
    return more
  }

  /** Whether nothing more comes, and all that came is flushed; then that is told. */
  tellIfOver(): boolean {
    if (this.#settle === undefined || this.#to !== undefined) return false
    this.#settle(this.#error)
    return true
  }

  /** Nothing more comes: `settle` is told when all that came is flushed. */
  end(settle: (error?: StoreError) => void): void {
    this.#settle = settle
  }

  abandon(): void {
    this.#settle?.(
      new StoreError('CLOSED', 'The store was closed without a flush; recovery does it', { retryable: true }),
    )
  }
}

/** What is durable and waits for a flush, at a moment. A lower version may become durable later. */
export interface WaitingWrites {
  /** The highest of these versions. */
  readonly upTo: Version
  /** Of each group, how many had become durable. */
  readonly counts: ReadonlyMap<ManualGroup, number>
}

/** What was written in mode `manual` and waits for a flush. */
export class ManualWrites {
  readonly #groups = new Set<ManualGroup>()
  #highest: Version | undefined
  #size = 0

  /** What waits now; absent if there is nothing to flush. */
  get waiting(): WaitingWrites | undefined {
    if (this.#highest === undefined) return undefined
    return { upTo: this.#highest, counts: new Map([...this.#groups].map((group) => [group, group.count])) }
  }

  /** Writes that wait. */
  get size(): number {
    return this.#size
  }

  /** The writes of one call. It has to be ended with `end`. */
  begin(): ManualGroup {
    const group = new ManualGroup()
    this.#groups.add(group)
    return group
  }

  /** A write of a group is durable. */
  written(group: ManualGroup, version: Version): void {
    group.written(version)
    this.#size += 1
    if (this.#highest === undefined || version > this.#highest) this.#highest = version
  }

  /** Nothing more comes of a group. */
  end(group: ManualGroup, settle: (error?: StoreError) => void): void {
    group.end(settle)
    if (group.tellIfOver()) this.#groups.delete(group)
  }

  /** Whether a version waits for a flush. */
  waitsFor(version: Version): boolean {
    for (const group of this.#groups) if (group.covers(version)) return true
    return false
  }

  /** Projecting a version failed for good. */
  failed(version: Version, error: StoreError): void {
    for (const group of this.#groups) group.failed(version, error)
  }

  /** What waited at a moment is projected or has failed. */
  flushed({ counts }: WaitingWrites): void {
    for (const [group, count] of counts) {
      this.#size -= group.flushed(count)
      if (group.tellIfOver()) this.#groups.delete(group)
    }
    if (this.#size === 0) this.#highest = undefined
  }

  /** The store closes: recovery does what is left. */
  abandon(): void {
    for (const group of this.#groups) group.abandon()
    this.#groups.clear()
  }
}
