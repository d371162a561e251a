import { type QdrantService, startQdrant } from '@tandemstore/testkit/services'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent: no Qdrant could be found or started. */
    qdrant: Pick<QdrantService, 'url' | 'apiKey' | 'way'> | undefined
  }
}

/** One Qdrant for all test files of a run. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const service = await startQdrant()
  project.provide('qdrant', service && { url: service.url, apiKey: service.apiKey, way: service.way })
  return service?.stop
}
