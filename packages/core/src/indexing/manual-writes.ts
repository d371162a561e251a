import { StoreError } from '../errors.js'
import type { Version } from '../ports/common.js'

/** The writes of one call in mode `manual`, which wait for a flush as one: a bulk load is one entry. */
export class ManualGroup {
  #from: Version | undefined
  #to: Version | undefined
  #error: StoreError | undefined
  #settle: ((error?: StoreError) => void) | undefined

  /** A version is durable and waits for a flush. */
  written(version: Version): void {
    if (this.#from === undefined || version < this.#from) this.#from = version
    if (this.#to === undefined || version > this.#to) this.#to = version
  }

  /** Whether a version lies among those that wait. */
  covers(version: Version): boolean {
    return this.#from !== undefined && this.#to !== undefined && version >= this.#from && version <= this.#to
  }

  /** The first failure is the one that is told. A version between those of the group may be another call's: then this tells of that. */
  failed(version: Version, error: StoreError): void {
    if (this.covers(version)) this.#error ??= error
  }

  /** Everything up to a version is projected or has failed. Says whether the group is at its end. */
  flushed(upTo: Version): boolean {
    if (this.#to !== undefined && this.#to <= upTo) {
      this.#from = undefined
      this.#to = undefined
    }
    return this.#tell()
  }

  /** Nothing more comes: `settle` is told when all that came is flushed. Says whether it is already. */
  end(settle: (error?: StoreError) => void): boolean {
    this.#settle = settle
    return this.#tell()
  }

  abandon(): void {
    this.#settle?.(
      new StoreError('CLOSED', 'The store was closed without a flush; recovery does it', { retryable: true }),
    )
  }

  #tell(): boolean {
    if (this.#settle === undefined || this.#to !== undefined) return false
    this.#settle(this.#error)
    return true
  }
}

/** What was written in mode `manual` and waits for a flush. */
export class ManualWrites {
  readonly #groups = new Set<ManualGroup>()
  #highest: Version | undefined
  #size = 0

  /** The highest version written; absent if there is nothing to flush. */
  get highest(): Version | undefined {
    return this.#highest
  }

  /** Writes since the last flush. */
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
    if (group.end(settle)) this.#groups.delete(group)
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

  /** Everything up to a version is projected or has failed. */
  flushed(upTo: Version): void {
    for (const group of this.#groups) if (group.flushed(upTo)) this.#groups.delete(group)
    if (this.#highest === undefined || this.#highest > upTo) return
    this.#highest = undefined
    this.#size = 0
  }

  /** The store closes: recovery does what is left. */
  abandon(): void {
    for (const group of this.#groups) group.abandon()
    this.#groups.clear()
  }
}
