const WINDOW_MS = 60_000
/** Room left for batches that used more tokens than expected. */
const HEADROOM = 0.02
/**
 * A batch below the full size goes when this part of the limit is free; what is free below that is what stays unused.
 */
const LEAST_SHARE = 0.02

/** One call's part of the window. */
export interface Reservation {
  readonly at: number
  tokens: number
  /** Whether it lies in the window and is part of its sum. */
  counted: boolean
}

/**
 * Counts calls and tokens in a sliding window of 60 seconds, so that no window of that length holds more than the
 * limit.
 */
export interface RateLimiter {
  /** Milliseconds until a call of so many tokens fits; 0 is now. One above the limit waits for an empty window. */
  waitMs(tokens: number): number
  /** Tokens that fit now. */
  free(): number
  /** Tokens worth a call while there is more to send than fits. */
  readonly least: number
  reserve(tokens: number): Reservation
  /** Puts what was used in the place of what was expected. */
  correct(reservation: Reservation, tokens: number): void
}

export function createRateLimiter(
  requestsPerMinute: number,
  tokensPerMinute: number,
  now: () => number,
): RateLimiter | undefined {
  if (requestsPerMinute === Number.POSITIVE_INFINITY && tokensPerMinute === Number.POSITIVE_INFINITY) return undefined
  const maxTokens = Math.max(1, Math.floor(tokensPerMinute * (1 - HEADROOM)))
  const calls: Reservation[] = []
  let first = 0
  let used = 0

  function forget(time: number): void {
    // A call made exactly a window ago still lies in the window that ends now.
    for (; first < calls.length; first += 1) {
      const oldest = calls[first] as Reservation
      if (oldest.at + WINDOW_MS >= time) break
      used -= oldest.tokens
      oldest.counted = false
    }
    if (first > 1000 && first * 2 > calls.length) {
      calls.splice(0, first)
      first = 0
    }
  }

  return {
    least: Math.ceil(Math.max(maxTokens * LEAST_SHARE, maxTokens / requestsPerMinute)),
    waitMs(tokens) {
      const time = now()
      forget(time)
      const wanted = Math.min(tokens, maxTokens)
      let leaving = 0
      let i = first
      for (; i < calls.length; i += 1) {
        if (used - leaving + wanted <= maxTokens && calls.length - i < requestsPerMinute) break
        leaving += (calls[i] as Reservation).tokens
      }
      if (i === first) return 0
      return (calls[i - 1] as Reservation).at + WINDOW_MS + 1 - time
    },
    free() {
      forget(now())
      return maxTokens - used
    },
    reserve(tokens) {
      const reservation = { at: now(), tokens, counted: true }
      calls.push(reservation)
      used += tokens
      return reservation
    },
    correct(reservation, tokens) {
      if (reservation.counted) used += tokens - reservation.tokens
      reservation.tokens = tokens
    },
  }
}
