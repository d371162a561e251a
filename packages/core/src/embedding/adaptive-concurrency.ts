/** How many calls may run at the same time: halved when the provider says it is too much, raised again by one a round. */
export interface AdaptiveConcurrency {
  readonly limit: number
  succeeded(): void
  /** A call that began at `startedAt` was told to slow down. */
  rateLimited(startedAt: number): void
}

/** Additive increase, multiplicative decrease (Chiu and Jain, 1989), between 1 and `max`. */
export function createAdaptiveConcurrency(max: number, now: () => number): AdaptiveConcurrency {
  let exact = max
  let loweredAt = Number.NEGATIVE_INFINITY
  return {
    get limit() {
      return Math.floor(exact)
    },
    succeeded() {
      exact = Math.min(max, exact + 1 / exact)
    },
    rateLimited(startedAt) {
      // Calls that began before the last decrease tell of the same crowd.
      if (startedAt < loweredAt) return
      exact = Math.max(1, exact / 2)
      loweredAt = now()
    },
  }
}
