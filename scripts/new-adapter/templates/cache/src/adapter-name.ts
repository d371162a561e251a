import { type EmbeddingCache, invalid } from '@tandemstore/core/adapter'
import type { Client } from './client.js'
import { fromBytes, toBytes } from './vector-bytes.js'

export interface AdapterNameCacheOptions {
  /** The store that keeps the vectors. It stays yours, and open. */
  readonly client: Client
  /** Put before every key, so that `clear` empties only what is the cache's. Default `tandem:`. */
  readonly prefix?: string | undefined
}

/**
 * Keeps vectors in adapter-name: 4 bytes a number, under the store's keys after `prefix`. A value that is no vector
 * counts as a miss.
 *
 * Errors: INVALID_ARGUMENT for bad options, at once. What the client rejects with is thrown as it is; core counts it as
 * a miss.
 */
export function adapterNameCache(options: AdapterNameCacheOptions): EmbeddingCache {
  const { client, prefix = 'tandem:' } = options ?? {}
  if (typeof client?.getMany !== 'function') throw invalid('client', 'a client of adapter-name')
  if (typeof prefix !== 'string' || prefix === '') throw invalid('prefix', 'a text of at least one character')
  return {
    name: 'adapter-name',
    async getMany(keys) {
      if (keys.length === 0) return []
      const found = await client.getMany(keys.map((key) => prefix + key))
      return found.map(fromBytes)
    },
    async setMany(entries) {
      if (entries.length === 0) return
      await client.setMany(entries.map(([key, vector]) => [prefix + key, toBytes(vector)]))
    },
    clear: () => client.deleteUnder(prefix),
    // Not known without asking for every key.
    size: () => ({}),
  }
}
