import { createHistogram } from 'node:perf_hooks'

/** Latencies in milliseconds. */
export interface LatencySummary {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** How long calls take, in a high dynamic range histogram of microseconds (three significant digits). */
export class Latency {
  readonly #histogram = createHistogram()

  /** Milliseconds. */
  record(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * 1000)))
  }

  summary(): LatencySummary {
    const histogram = this.#histogram
    if (histogram.count === 0) return { count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 }
    const at = (percentile: number): number => histogram.percentile(percentile) / 1000
    return {
      count: histogram.count,
      mean: histogram.mean / 1000,
      p50: at(50),
      p95: at(95),
      p99: at(99),
      max: histogram.max / 1000,
    }
  }
}
