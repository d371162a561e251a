import type { Tracer } from '@opentelemetry/api'
import type { EmbeddingCache } from '@tandemstore/core/adapter'

/** The name of the spans of `observedCache`. */
export const CACHE_SPAN = 'bench.cache'

/**
 * A cache whose calls have spans: core has none of them, and they part the checking of a call from its waiting for
 * the model.
 */
export function observedCache(cache: EmbeddingCache, tracer: Tracer): EmbeddingCache {
  const observe = async <T>(call: () => T | Promise<T>): Promise<T> => {
    const span = tracer.startSpan(CACHE_SPAN)
    try {
      return await call()
    } finally {
      span.end()
    }
  }
  return {
    name: cache.name,
    getMany: (keys) => observe(() => cache.getMany(keys)),
    setMany: (entries) => observe(() => cache.setMany(entries)),
    clear: () => cache.clear(),
    size: () => cache.size(),
  }
}
