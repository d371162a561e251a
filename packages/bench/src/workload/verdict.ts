import { exitCodes } from '../exit-codes.js'
import type { Latencies } from '../result.js'

/** Says on standard error whether searches were slower than `--max-p95` allows. Gives the exit code. */
export function judgeSearches(searches: readonly Latencies[], maxP95: number | undefined): number {
  if (maxP95 === undefined) return exitCodes.ok
  const slowest = Math.max(...searches.map(({ p95 }) => p95))
  if (slowest <= maxP95) return exitCodes.ok
  process.stderr.write(`The 95th percentile of searches is ${slowest.toFixed(1)} ms, above --max-p95 ${maxP95}\n`)
  return exitCodes.threshold
}
