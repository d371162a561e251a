import type { Client } from '../src/client.js'

/** Stands in for the store, in memory. */
export function memoryClient(): Client {
  const values = new Map<string, Uint8Array>()
  return {
    getMany: async (keys) => keys.map((key) => values.get(key)),
    async setMany(entries) {
      for (const [key, value] of entries) values.set(key, value)
    },
    async deleteUnder(prefix) {
      for (const key of values.keys()) if (key.startsWith(prefix)) values.delete(key)
    },
  }
}
