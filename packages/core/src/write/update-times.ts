/** How many documents are remembered before those of past milliseconds are forgotten. */
const MAX_KEPT = 1000

/** Gives each write of a document a later time than the one before it, also within one millisecond. */
export class UpdateTimes {
  readonly #latest = new Map<string, number>()

  /** The time of a write that is made now. Milliseconds since the Unix epoch. */
  next(id: string, now: number): number {
    const latest = this.#latest.get(id)
    const time = latest !== undefined && latest >= now ? latest + 1 : now
    this.#latest.set(id, time)
    if (this.#latest.size > MAX_KEPT) {
      for (const [each, at] of this.#latest) if (at < now) this.#latest.delete(each)
    }
    return time
  }
}
