import type { StoreContext } from '../context.js'
import type { EmbeddingCache } from '../ports/embedding-cache.js'
import type { CacheStats, StoreStats } from './stats.js'

/** Everything that is counted, at this moment. */
export async function collectStats(
  { counters, index, pending }: StoreContext,
  cache: EmbeddingCache | undefined,
): Promise<StoreStats> {
  const size = await cacheSize(cache)
  return {
    documents: counters.documents(),
    ...(index === undefined ? {} : { embeddings: index.pipeline.stats() }),
    ...(size === undefined ? {} : { cache: size }),
    ...(index === undefined
      ? {}
      : {
          index: {
            projected: counters.projected,
            pending: pending.size,
            delayed: index.projector.delayed,
            failed: counters.indexFailed,
            vectorsKept: counters.vectorsKept,
            reprojected: counters.reprojected,
          },
        }),
    latency: counters.latencies(),
  }
}

/** A cache that cannot tell its size (a shared one that does not answer, say) is no reason to withhold the other figures. */
async function cacheSize(cache: EmbeddingCache | undefined): Promise<CacheStats | undefined> {
  try {
    return await cache?.size()
  } catch {
    return undefined
  }
}
