import type { KVBackend, KVCollection } from '@tandemstore/core/adapter'

/**
 * A database with the capability `intentsWithWrites`. It cannot tell when a writer's calls have ended, so a listing always
 * names every writer.
 */
export function withIntentsInWrites(kv: KVBackend): KVBackend {
  const writers = new Set<string>()
  return {
    ...kv,
    capabilities: { ...kv.capabilities, intentsWithWrites: true },
    async open(...args) {
      const collection = await kv.open(...args)
      const own: Partial<KVCollection> = {
        async put(writes, options) {
          await collection.addIntents(writes.flatMap(({ intents = [] }) => intents))
          return collection.put(writes, options)
        },
        async delete(deletes, options) {
          await collection.addIntents(deletes.flatMap(({ intents = [] }) => intents))
          return collection.delete(deletes, options)
        },
        async listIntents(query, options) {
          return { ...(await collection.listIntents(query, options)), writers: [...writers] }
        },
        async putLease(lease, options) {
          writers.add(lease.writer)
          return collection.putLease(lease, options)
        },
      }
      return { ...collection, ...own }
    },
  }
}
