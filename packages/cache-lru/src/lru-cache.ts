import { type EmbeddingCache, invalid } from '@tandemstore/core/adapter'
import { LRUCache } from 'lru-cache'

/** The bound of the cache: one of the two. */
export type LruCacheOptions =
  | {
      /** Vectors to keep, at least 1. */
      readonly maxEntries: number
      readonly maxBytes?: undefined
    }
  | {
      readonly maxEntries?: undefined
      /** Bytes of vectors (4 a dimension) and keys (UTF-8) to keep, at least 1. A single entry above it is not kept. */
      readonly maxBytes: number
    }

/** An embedding cache whose methods answer at once. */
export interface LruEmbeddingCache extends EmbeddingCache {
  getMany(keys: readonly string[]): (Float32Array | undefined)[]
  setMany(entries: readonly (readonly [key: string, vector: Float32Array])[]): void
  clear(): void
  /** Entries and bytes held, and the bound that was given. */
  size(): { entries: number; bytes: number; maxEntries?: number; maxBytes?: number }
}

/**
 * Keeps vectors in this process and forgets the least recently used. Reading and writing count as use.
 *
 * Errors: INVALID_ARGUMENT unless exactly one bound is given, as a whole number of at least 1.
 */
export function lruCache(options: LruCacheOptions): LruEmbeddingCache {
  const bound = checkBound(options)
  const counted = bound.maxEntries !== undefined
  let bytes = 0
  const vectors = new LRUCache<string, Float32Array>({
    // Entries too are bounded by size: `max` would reserve room for all of them at once.
    maxSize: bound.maxEntries ?? bound.maxBytes ?? 0,
    sizeCalculation: (vector, key) => (counted ? 1 : bytesOf(key, vector)),
    // Setting the very same vector again disposes of nothing.
    onInsert: (vector, key, reason) => {
      if (reason !== 'update') bytes += bytesOf(key, vector)
    },
    dispose: (vector, key) => {
      bytes -= bytesOf(key, vector)
    },
  })
  return {
    name: 'lru',
    getMany: (keys) => keys.map((key) => vectors.get(key)),
    setMany: (entries) => {
      for (const [key, vector] of entries) vectors.set(key, ownBytes(vector))
    },
    clear: () => vectors.clear(),
    size: () => ({ entries: vectors.size, bytes, ...bound }),
  }
}

function checkBound(options: LruCacheOptions): { maxEntries?: number; maxBytes?: number } {
  const { maxEntries, maxBytes } = options ?? {}
  if ((maxEntries === undefined) === (maxBytes === undefined)) throw invalid('options', 'either maxEntries or maxBytes')
  const [name, value] = maxEntries !== undefined ? ['maxEntries', maxEntries] : ['maxBytes', maxBytes]
  if (!Number.isSafeInteger(value) || Number(value) < 1) throw invalid(String(name), 'a whole number of at least 1')
  return maxEntries !== undefined ? { maxEntries } : { maxBytes: Number(maxBytes) }
}

const bytesOf = (key: string, vector: Float32Array) => vector.byteLength + Buffer.byteLength(key)

/** A view of a larger buffer would keep all of it alive, unseen by the count. */
const ownBytes = (vector: Float32Array) => (vector.byteLength < vector.buffer.byteLength ? vector.slice() : vector)
