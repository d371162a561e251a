import { cacheKeyPrefix, type EmbeddingCache, type ModelIdentity } from '@tandemstore/core/adapter'
import type { NewSpace } from '../source/open-store.js'
import { decodeVector, type ExportedVector } from './format.js'

/** The vectors of a file as a cache: a text whose vector came along is not embedded. */
export interface FileVectors {
  readonly cache: EmbeddingCache
  /** Makes vectors known, for as long as their document is on its way. Gives what ends that. */
  add(vectors: readonly ExportedVector[]): () => void
  /** Vectors that were used instead of embedding a text. */
  used(): number
}

/** @param fallback the store's own cache, for texts without a vector in the file */
export function fileVectors(
  { model, dimensions }: Pick<NewSpace, 'model' | 'dimensions'>,
  fallback: EmbeddingCache | undefined,
): FileVectors {
  const prefix = cacheKeyPrefix(model as unknown as ModelIdentity, dimensions, 'document')
  const known = new Map<string, { readonly vector: Float32Array; readonly documents: number }>()
  let used = 0
  const fits = (vector: Float32Array): boolean => vector.length === dimensions && vector.every(Number.isFinite)
  const own = (key: string): Float32Array | undefined => known.get(key)?.vector
  const cache: EmbeddingCache = {
    name: 'vectors of the file',
    async getMany(keys) {
      const found = keys.map(own)
      used += found.filter((vector) => vector !== undefined).length
      const missing = keys.filter((_, i) => found[i] === undefined)
      if (fallback === undefined || missing.length === 0) return found
      const others = await fallback.getMany(missing)
      let next = 0
      return found.map((vector) => vector ?? others[next++])
    },
    setMany: (entries) => fallback?.setMany(entries),
    clear: () => known.clear(),
    size: () => ({ entries: known.size }),
  }
  return {
    cache,
    add(vectors) {
      const keys: string[] = []
      for (const { hash, vector: text } of vectors) {
        const key = prefix + hash
        const entry = known.get(key)
        const vector = entry?.vector ?? decodeVector(text)
        // The text of one that is damaged is embedded.
        if (!fits(vector)) continue
        known.set(key, { vector, documents: (entry?.documents ?? 0) + 1 })
        keys.push(key)
      }
      return () => {
        for (const key of keys) {
          const entry = known.get(key)
          if (entry === undefined) continue
          if (entry.documents === 1) known.delete(key)
          else known.set(key, { ...entry, documents: entry.documents - 1 })
        }
      }
    },
    used: () => used,
  }
}
