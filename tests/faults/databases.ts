import type { KVBackend, VectorIndex } from '@tandemstore/core/adapter'
import { qdrant } from '@tandemstore/qdrant'
import { scylla } from '@tandemstore/scylla'
import { type CassandraAddress, dropQdrantCollections } from '@tandemstore/testkit/services'
import { Client } from 'cassandra-driver'
import type { QdrantAddress } from './services.ts'

/** What a process needs to reach the databases of one test file; plain JSON, for its command line. */
export interface Connection {
  readonly contactPoints: readonly string[]
  readonly localDataCenter: string
  readonly replicas: number
  /** The keyspace, and the beginning of the names of Qdrant's collections. */
  readonly name: string
  readonly qdrant: Pick<QdrantAddress, 'url' | 'apiKey'>
}

export type QdrantSettings = Omit<Parameters<typeof qdrant>[0], 'url' | 'apiKey' | 'client'> & {
  readonly timeoutMs?: number
}

/** The adapters under test. */
export function connect(
  { contactPoints, localDataCenter, replicas, name, qdrant: { url, apiKey } }: Connection,
  settings: QdrantSettings = {},
): { readonly kv: KVBackend; readonly vectors: VectorIndex } {
  return {
    kv: scylla({
      contactPoints: [...contactPoints],
      localDataCenter,
      keyspace: name,
      replication: { class: 'NetworkTopologyStrategy', [localDataCenter]: replicas },
      consistency: { reads: 'QUORUM', writes: 'QUORUM' },
      socketOptions: { readTimeout: 5000 },
    }),
    vectors: qdrant({ ...settings, url, apiKey, collectionPrefix: `${name}_` }),
  }
}

/** Names for a test file alone, so that runs can share the databases. */
export function newConnection(cassandra: CassandraAddress, index: QdrantAddress, replicas = 1): Connection {
  const { contactPoints, localDataCenter } = cassandra
  const name = `tandem_faults_${Date.now()}_${process.pid}`
  return { contactPoints, localDataCenter, replicas, name, qdrant: { url: index.url, apiKey: index.apiKey } }
}

/** Sends statements past the adapter, such as no store does. */
export async function execute({ contactPoints, localDataCenter }: Connection, statement: string): Promise<void> {
  const port = Number(contactPoints[0]?.split(':').at(-1))
  const client = new Client({ contactPoints: [...contactPoints], localDataCenter, protocolOptions: { port } })
  await client.connect()
  try {
    await client.execute(statement, [], { readTimeout: 60_000 })
  } finally {
    await client.shutdown()
  }
}

/** Deletes everything that was made under a connection's name. */
export async function deleteEverything(connection: Connection): Promise<void> {
  const { name, qdrant } = connection
  await execute(connection, `DROP KEYSPACE IF EXISTS "${name}"`)
  await dropQdrantCollections(qdrant, `${name}_`)
}
