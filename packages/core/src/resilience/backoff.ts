/**
 * How long another side may ask to be left alone, at most, milliseconds: it may have named a time of days by mistake.
 */
export const MAX_RETRY_AFTER_MS = 3_600_000

export interface Backoff {
  /** The longest pause after the first attempt, milliseconds. It doubles with each attempt. */
  readonly baseMs: number
  /** What it doubles up to, milliseconds. */
  readonly maxMs: number
  /**
   * How long the other side asks to wait, milliseconds (`retryAfterMs` of a StoreError). At most an hour of it counts.
   */
  readonly askedMs?: number | undefined
  /** As `Math.random`. */
  readonly random?: (() => number) | undefined
}

/**
 * Milliseconds to wait before the next attempt, after `attempts` were made: exponential back-off with full jitter (AWS
 * Architecture Blog, 2015). Where the other side says how long, that is kept to, and up to a tenth more is waited, so
 * that not all its clients come back at once.
 */
export function backoffMs(attempts: number, { baseMs, maxMs, askedMs = 0, random = Math.random }: Backoff): number {
  if (askedMs > 0) return Math.ceil(Math.min(askedMs, MAX_RETRY_AFTER_MS) * (1 + random() / 10))
  return Math.ceil(random() * Math.min(maxMs, baseMs * 2 ** (attempts - 1)))
}
