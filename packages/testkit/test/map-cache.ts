import type { EmbeddingCache } from '@tandemstore/core/adapter'

/** The smallest cache there is. */
export function mapCache(): EmbeddingCache {
  const vectors = new Map<string, Float32Array>()
  return {
    name: 'map',
    getMany: (keys) => keys.map((key) => vectors.get(key)),
    setMany: (entries) => {
      for (const [key, vector] of entries) vectors.set(key, vector)
    },
    clear: () => vectors.clear(),
    size: () => ({ entries: vectors.size }),
  }
}
