import { StoreError } from '../errors.js'
import type { Version } from '../ports/common.js'

interface Waiting {
  readonly from: Version
  readonly to: Version
  settle(error?: StoreError): void
}

/** What was written in mode `manual` and waits for a flush: receipts by ranges of versions, so that a bulk load is one entry. */
export class ManualWrites {
  #waiting: Waiting[] = []
  #failed: { readonly version: Version; readonly error: StoreError }[] = []
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

  written(version: Version): void {
    this.#size += 1
    if (this.#highest === undefined || version > this.#highest) this.#highest = version
  }

  wait(from: Version, to: Version, settle: (error?: StoreError) => void): void {
    this.#waiting.push({ from, to, settle })
  }

  /** Whether a version waits for a flush. */
  waitsFor(version: Version): boolean {
    return this.#waiting.some(({ from, to }) => version >= from && version <= to)
  }

  /** Projecting a version failed for good. */
  failed(version: Version, error: StoreError): void {
    if (this.waitsFor(version)) this.#failed.push({ version, error })
  }

  /** Everything up to a version is projected or has failed. */
  flushed(upTo: Version): void {
    const done = this.#waiting.filter(({ to }) => to <= upTo)
    this.#waiting = this.#waiting.filter(({ to }) => to > upTo)
    for (const { from, to, settle } of done) {
      settle(this.#failed.find(({ version }) => version >= from && version <= to)?.error)
    }
    this.#failed = this.#failed.filter(({ version }) => version > upTo)
    if (this.#highest !== undefined && this.#highest <= upTo) {
      this.#highest = undefined
      this.#size = 0
    }
  }

  /** The store closes: recovery does what is left. */
  abandon(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { settle } of waiting) {
      settle(new StoreError('CLOSED', 'The store was closed without a flush; recovery does it', { retryable: true }))
    }
  }
}
