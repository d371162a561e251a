import type { KVCollection } from '@tandemstore/core/adapter'
import { memoryKV } from '@tandemstore/core/memory'

/**
 * Stands in for the driver of the database, in memory, so that everything runs from the start. Put the driver's client
 * in its place, as a type of the methods that are used, and write the calls in collection.ts with it.
 */
export interface Client {
  collection(name: string): Promise<KVCollection>
  end(): Promise<void>
}

const databases = new Map<string, ReturnType<typeof memoryKV>>()

export async function connect(url: string): Promise<Client> {
  const database = databases.get(url) ?? memoryKV()
  databases.set(url, database)
  return { collection: (name) => database.open(name), end: async () => undefined }
}
