import { short } from '../numbers.js'
import type { Latencies } from '../result.js'

export const latencyHead = ['mean', 'p50', 'p95', 'p99'] as const

/** The cells under `latencyHead`, in milliseconds. */
export function latencyCells(latency: Latencies): string[] {
  return latencyHead.map((name) => short(latency[name]))
}
