import type { SpaceDefinition, VectorIndex } from '@tandemstore/core/adapter'
import { dropQdrantCollections } from '@tandemstore/testkit/services'
import { afterAll, beforeAll, inject } from 'vitest'
import { type QdrantSettings, qdrant } from '../src/index.js'

/** The Qdrant of this run, if there is one. */
export const service = inject('qdrant')

/** An index whose collections are this file's own: there are none before its tests, and none after. */
export function scratch(file: string): {
  index(settings?: QdrantSettings): VectorIndex
  collection(space: string): string
} {
  const collectionPrefix = `tandem_test_${file}_`
  const clean = async (): Promise<void> => {
    if (service !== undefined) await dropQdrantCollections(service, collectionPrefix)
  }
  beforeAll(clean)
  afterAll(clean)
  return {
    index(settings = {}) {
      if (service === undefined) throw new Error('There is no Qdrant in this run')
      return qdrant({ url: service.url, apiKey: service.apiKey, ...settings, collectionPrefix })
    },
    collection: (space) => `${collectionPrefix}${space}`,
  }
}

export function spaceOf(rest: Partial<SpaceDefinition> = {}): SpaceDefinition {
  return { name: 'space', dimensions: 4, metric: 'cosine', filterable: {}, ...rest }
}
