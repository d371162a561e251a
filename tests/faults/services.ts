import type { CassandraAddress, QdrantService } from '@tandemstore/testkit/services'
import { describe, inject } from 'vitest'

export type QdrantAddress = Pick<QdrantService, 'url' | 'apiKey' | 'way'>

export interface Services {
  readonly cassandra: CassandraAddress
  readonly qdrant: QdrantAddress
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent: no Qdrant could be found or started. */
    qdrant: QdrantAddress | undefined
  }
}

/** Describes tests that need both databases of this run. Where one is missing they are skipped, and say why. */
export function describeWithServices(name: string, body: (services: Services) => void): void {
  const [cassandra, qdrant] = [inject('cassandra'), inject('qdrant')]
  if ('skipped' in cassandra) describe.skip(`${name}: ${cassandra.skipped}`, () => body({} as Services))
  else if (qdrant === undefined) describe.skip(`${name}: NO QDRANT, see above`, () => body({} as Services))
  else describe(name, () => body({ cassandra, qdrant }))
}
