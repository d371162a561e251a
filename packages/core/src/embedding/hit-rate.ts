const BUCKET_MS = 10_000
const BUCKETS = 91
const MINUTE_BUCKETS = 6

/**
 * The part of cache reads that found a vector over the last minutes, to within ten seconds; `undefined` where there
 * were none.
 */
export interface HitRates {
  readonly lastMinute: number | undefined
  readonly last5Minutes: number | undefined
  readonly last15Minutes: number | undefined
}

export interface HitRate {
  add(hits: number, misses: number): void
  rates(): HitRates
}

/** Counts in buckets of ten seconds that are used again after fifteen minutes. */
export function createHitRate(now: () => number): HitRate {
  const hits = new Float64Array(BUCKETS)
  const reads = new Float64Array(BUCKETS)
  let current = Math.floor(now() / BUCKET_MS)
  let slot = 0

  function advance(): void {
    const bucket = Math.floor(now() / BUCKET_MS)
    if (bucket <= current) return
    for (let steps = Math.min(bucket - current, BUCKETS); steps > 0; steps -= 1) {
      slot = (slot + 1) % BUCKETS
      hits[slot] = 0
      reads[slot] = 0
    }
    current = bucket
  }

  function rate(minutes: number): number | undefined {
    let found = 0
    let all = 0
    // The bucket that is being filled, and as many full ones as the minutes have.
    for (let i = 0; i <= minutes * MINUTE_BUCKETS; i += 1) {
      const at = (slot - i + BUCKETS) % BUCKETS
      found += hits[at] as number
      all += reads[at] as number
    }
    return all === 0 ? undefined : found / all
  }

  return {
    add(hit, missed) {
      advance()
      hits[slot] = (hits[slot] as number) + hit
      reads[slot] = (reads[slot] as number) + hit + missed
    },
    rates() {
      advance()
      return { lastMinute: rate(1), last5Minutes: rate(5), last15Minutes: rate(15) }
    },
  }
}
