import type { IndexContext, StoreContext } from '../open/context.js'
import type { EmbeddingCache } from '../ports/embedding-cache.js'
import { withinTime } from '../resilience/abort.js'
import type { CacheSummary } from './events.js'
import type { CacheStats, ModelStats, StoreStats } from './stats.js'

/** Everything that is counted, at this moment. */
export async function collectStats(
  { counters, index, reranking, outbox }: StoreContext,
  cache: EmbeddingCache | undefined,
): Promise<StoreStats> {
  const size = await cacheSize(cache)
  const embeddings = index && modelStats(index)
  return {
    documents: counters.documents(),
    ...(embeddings === undefined ? {} : { embeddings }),
    ...(size === undefined ? {} : { cache: size }),
    ...(reranking === undefined ? {} : { reranker: reranking.stats() }),
    ...(index === undefined
      ? {}
      : {
          index: {
            projected: counters.projected,
            withoutText: counters.withoutText,
            pending: outbox.size,
            delayed: index.retries.documents,
            failed: counters.indexFailed,
            vectorsKept: counters.vectorsKept,
            reprojected: counters.reprojected,
            degraded: counters.degraded,
          },
        }),
    latency: counters.latencies(),
  }
}

function modelStats({ model, pipeline, pricePerMillionTokens: price }: IndexContext): ModelStats | undefined {
  if (model === undefined || pipeline === undefined) return undefined
  const stats = pipeline.stats()
  const used = stats.tokens.reported + stats.tokens.estimated
  const perText = stats.texts.embedded === 0 ? 0 : used / stats.texts.embedded
  const savedTokens = Math.round((stats.cache.hits + stats.texts.shared) * perText)
  const cost = price === undefined ? {} : { cost: { spent: (used * price) / 1e6, saved: (savedTokens * price) / 1e6 } }
  return { ...stats, model, savedTokens, ...cost }
}

/** How the cache did; `undefined` in a store without one. */
export async function summarizeCache(
  { index }: StoreContext,
  cache: EmbeddingCache | undefined,
): Promise<CacheSummary | undefined> {
  if (index?.pipeline === undefined || cache === undefined) return undefined
  const { hits, misses } = index.pipeline.stats().cache
  const { entries: size, maxEntries: maxSize } = (await cacheSize(cache)) ?? {}
  return { size, maxSize, hits, misses, hitRate: hits + misses === 0 ? 0 : hits / (hits + misses) }
}

/** How long a cache may take to tell its size, milliseconds. */
const SIZE_MS = 1000

/**
 * A cache that cannot tell its size (a shared one that does not answer, say) is no reason to withhold the other
 * figures.
 */
async function cacheSize(cache: EmbeddingCache | undefined): Promise<CacheStats | undefined> {
  const size = (async () => cache?.size())()
  if (!(await withinTime(size, SIZE_MS))) return undefined
  return size.catch(() => undefined)
}
