import type { MaybePromise } from './common.js'

/**
 * Vectors by key. A cache may forget anything at any time. A call that fails counts as a miss, and core counts it; it
 * never fails a write. Core counts hits and misses, and never changes a vector that it got or gave.
 */
export interface EmbeddingCache {
  /** For messages only. */
  readonly name: string
  /**
   * The vectors, `undefined` where there is none; in the order of the keys. An empty input does no I/O. Counts as use,
   * for a cache that forgets the least recently used.
   */
  getMany(keys: readonly string[]): MaybePromise<(Float32Array | undefined)[]>
  /** Keeps vectors; a key that is there takes the new one. */
  setMany(entries: readonly (readonly [key: string, vector: Float32Array])[]): MaybePromise<void>
  /** Forgets everything this cache holds. */
  clear(): MaybePromise<void>
  /** How many vectors it holds and may hold, where known. */
  size(): MaybePromise<{
    readonly entries?: number
    readonly maxEntries?: number
    readonly bytes?: number
    readonly maxBytes?: number
  }>
}
