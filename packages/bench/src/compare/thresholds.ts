import type { CompareReport } from '../result.js'

export interface Thresholds {
  /** What nDCG@10 of every embedder must reach, as the store's own search finds. */
  readonly minNdcg?: number | undefined
  /** What no embedder's cold query latency may exceed at its 95th percentile, milliseconds. */
  readonly maxP95?: number | undefined
}

/** Says which thresholds which embedders miss. One that could not be had misses all there are. */
export function missedThresholds(
  { embedders, unavailable }: Pick<CompareReport, 'embedders' | 'unavailable'>,
  { minNdcg, maxP95 }: Thresholds,
): string[] {
  if (minNdcg === undefined && maxP95 === undefined) return []
  return [
    ...embedders.flatMap(({ name, index, latency }) => [
      ...(minNdcg !== undefined && index.ndcgAt10.mean < minNdcg
        ? [`${name}: nDCG@10 is ${index.ndcgAt10.mean.toFixed(4)}, below ${minNdcg}`]
        : []),
      ...(maxP95 !== undefined && latency.cold.p95 > maxP95
        ? [`${name}: the p95 of cold queries is ${latency.cold.p95.toFixed(1)} ms, above ${maxP95} ms`]
        : []),
    ]),
    ...unavailable.map(({ name }) => `${name}: it was not compared`),
  ]
}
