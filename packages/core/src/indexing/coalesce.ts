import type { Projection } from './projection.js'

/**
 * Work on one document in one space: the newest projection does the work of those that are not at the index just now.
 */
export class Coalescer {
  readonly #newest = new Map<string, Projection>()
  readonly #onAdopt: (newest: Projection, older: Projection) => void

  /** `onAdopt` is called before one takes over the work of another. */
  constructor(onAdopt: (newest: Projection, older: Projection) => void) {
    this.#onAdopt = onAdopt
  }

  /** Whether work on a document is under way. */
  isBusy(id: string): boolean {
    return this.#newest.has(id)
  }

  /** Queues a projection, or lets the one that is under way do its work. */
  add(projection: Projection): void {
    projection.phase = 'queued'
    const other = this.#newest.get(projection.id)
    let newest = projection
    if (other !== undefined && other !== projection && other.phase !== 'replacing') {
      // A newer one that has written its points does not write again for an older one.
      const isPast = other.phase === 'written' && other.version > projection.version
      if (!isPast) {
        if (other.version > projection.version) newest = other
        this.#adopt(newest, newest === other ? projection : other)
      }
    }
    this.#newest.set(projection.id, newest)
  }

  /** Lets a newer projection, which came while this one was at the index, do the rest of it. Returns that one. */
  handOn(projection: Projection): Projection | undefined {
    const newest = this.#newest.get(projection.id)
    if (newest === undefined || newest.version <= projection.version) return undefined
    this.#adopt(newest, projection)
    return newest
  }

  end(projection: Projection): void {
    projection.phase = 'ended'
    if (this.#newest.get(projection.id) === projection) this.#newest.delete(projection.id)
  }

  #adopt(newest: Projection, older: Projection): void {
    this.#onAdopt(newest, older)
    newest.adopt(older)
  }
}
