import type { Random } from './random.js'
import type { Latencies } from './result.js'

const SAMPLE = 200

/**
 * Sums up durations in milliseconds, given in any order. Percentiles are of the nearest rank; without any durations
 * all is 0.
 */
export function summarizeLatencies(durations: readonly number[]): Latencies {
  const sorted = Float64Array.from(durations).sort()
  const count = sorted.length
  const at = (rank: number): number => sorted[rank] ?? 0
  const percentile = (percent: number): number => at(Math.max(0, Math.ceil((count * percent) / 100) - 1))
  const kept = Math.min(count, SAMPLE)
  return {
    count,
    mean: count === 0 ? 0 : sorted.reduce((sum, each) => sum + each, 0) / count,
    p50: percentile(50),
    p95: percentile(95),
    p99: percentile(99),
    max: at(count - 1),
    // From the first to the last, so that the distribution keeps its ends.
    sample: Array.from({ length: kept }, (_, i) => at(kept === 1 ? 0 : Math.round((i * (count - 1)) / (kept - 1)))),
  }
}

const RESERVOIR = 100_000

/**
 * Durations of a run of any length. Percentiles are exact up to 100,000 durations, and of so many drawn by chance
 * beyond.
 */
export interface LatencyRecorder {
  record(ms: number): void
  summary(): Latencies
}

/** Draws as Algorithm R does: J. S. Vitter, Random Sampling with a Reservoir, 1985. */
export function createLatencyRecorder(random: Random, size = RESERVOIR): LatencyRecorder {
  const kept: number[] = []
  let count = 0
  let sum = 0
  let max = 0
  return {
    record(ms) {
      count += 1
      sum += ms
      max = Math.max(max, ms)
      if (kept.length < size) {
        kept.push(ms)
        return
      }
      const place = random.integer(count)
      if (place < size) kept[place] = ms
    },
    summary: () => ({ ...summarizeLatencies(kept), count, mean: count === 0 ? 0 : sum / count, max }),
  }
}
