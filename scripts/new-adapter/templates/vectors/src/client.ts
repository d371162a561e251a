import type { SpaceDefinition, VectorSpace } from '@tandemstore/core/adapter'
import { memoryIndex } from '@tandemstore/core/memory'

/**
 * Stands in for the driver of the database, in memory, so that everything runs from the start. Put the driver's client
 * in its place, as a type of the methods that are used, and write the calls in space.ts with it.
 */
export interface Client {
  space(definition: SpaceDefinition): Promise<VectorSpace>
  end(): Promise<void>
}

const databases = new Map<string, ReturnType<typeof memoryIndex>>()

export async function connect(url: string): Promise<Client> {
  const database = databases.get(url) ?? memoryIndex()
  databases.set(url, database)
  return { space: (definition) => database.open(definition), end: async () => undefined }
}
