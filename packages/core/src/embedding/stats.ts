import { createHistogram } from 'node:perf_hooks'
import { createHitRate, type HitRates } from './hit-rate.js'

/** What the embedding pipeline has done since it was made, and what it is doing. */
export interface EmbeddingStats {
  readonly texts: {
    /** Texts asked for. */
    readonly requested: number
    /** Of these, texts that were already on their way, and were not embedded twice. */
    readonly shared: number
    /** Texts that got a vector from the embedder. */
    readonly embedded: number
    readonly failed: number
  }
  readonly cache: {
    readonly hits: number
    readonly misses: number
    /** Reads and writes that failed or timed out, and entries that were no vector of this model. */
    readonly errors: number
    readonly hitRate: HitRates
  }
  readonly calls: {
    /** Calls of the embedder, retries included. */
    readonly made: number
    readonly failed: number
    readonly retries: number
    readonly rateLimited: number
    readonly timedOut: number
    /** Batches that were halved to find a bad text. */
    readonly bisections: number
    readonly inFlight: number
    /** Time of one call, milliseconds; all 0 before the first. */
    readonly latencyMs: {
      readonly count: number
      readonly mean: number
      readonly p50: number
      readonly p95: number
      readonly p99: number
      readonly max: number
    }
  }
  readonly tokens: {
    /** Counted by the provider. */
    readonly reported: number
    /**
     * Of calls that did not report any: counted here where a limit needs it, else estimated from one text of each call
     * and the length of all.
     */
    readonly estimated: number
  }
  readonly queue: {
    /** Texts that wait for their first call. */
    readonly length: number
    /** Batches that wait to be tried again. */
    readonly retrying: number
  }
  readonly concurrency: { readonly limit: number; readonly max: number }
  readonly circuit: 'closed' | 'open' | 'half-open'
}

/** The counters behind the stats. */
export interface Statistics {
  requested: number
  shared: number
  embedded: number
  failed: number
  cacheErrors: number
  calls: number
  failedCalls: number
  retries: number
  rateLimited: number
  timedOut: number
  bisections: number
  tokensReported: number
  tokensEstimated: number
  cacheHit(count: number): void
  cacheMissed(count: number): void
  callTook(ms: number): void
  snapshot(
    state: Pick<EmbeddingStats, 'queue' | 'concurrency' | 'circuit'> & { readonly inFlight: number },
  ): EmbeddingStats
}

export function createStatistics(now: () => number): Statistics {
  const microseconds = createHistogram()
  const hitRate = createHitRate(now)
  let hits = 0
  let misses = 0

  const statistics: Statistics = {
    requested: 0,
    shared: 0,
    embedded: 0,
    failed: 0,
    cacheErrors: 0,
    calls: 0,
    failedCalls: 0,
    retries: 0,
    rateLimited: 0,
    timedOut: 0,
    bisections: 0,
    tokensReported: 0,
    tokensEstimated: 0,
    cacheHit(count) {
      hits += count
      hitRate.add(count, 0)
    },
    cacheMissed(count) {
      misses += count
      hitRate.add(0, count)
    },
    callTook(ms) {
      // The histogram takes integers from 1 on.
      microseconds.record(Math.max(1, Math.round(ms * 1000)))
    },
    snapshot({ inFlight, ...state }) {
      const all = statistics
      const ms = (us: number) => (microseconds.count === 0 ? 0 : us / 1000)
      return {
        texts: { requested: all.requested, shared: all.shared, embedded: all.embedded, failed: all.failed },
        cache: { hits, misses, errors: all.cacheErrors, hitRate: hitRate.rates() },
        calls: {
          made: all.calls,
          failed: all.failedCalls,
          retries: all.retries,
          rateLimited: all.rateLimited,
          timedOut: all.timedOut,
          bisections: all.bisections,
          inFlight,
          latencyMs: {
            count: microseconds.count,
            mean: ms(microseconds.mean),
            p50: ms(microseconds.percentile(50)),
            p95: ms(microseconds.percentile(95)),
            p99: ms(microseconds.percentile(99)),
            max: ms(microseconds.max),
          },
        },
        tokens: { reported: all.tokensReported, estimated: all.tokensEstimated },
        ...state,
      }
    },
  }
  return statistics
}
