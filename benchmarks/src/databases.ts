import { QdrantClient } from '@qdrant/js-client-rest'
import { createStore, type Store } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { qdrant } from '@tandemstore/qdrant'
import { scylla } from '@tandemstore/scylla'
import { dropQdrantCollections, startCassandra, startQdrant } from '@tandemstore/testkit/services'
import { Client } from 'cassandra-driver'

export const KEYSPACE = 'tandem_bench'
export const COLLECTION = 'bench'

/** A server's options instead of those of a quick start, after Cassandra's own: both compilers, G1, and a heap that this needs. */
export const CASSANDRA_JVM = [
  '-Xms2G',
  '-Xmx2G',
  '-Xss256k',
  '-XX:+UseG1GC',
  '-XX:+ParallelRefProcEnabled',
  '-XX:MaxTenuringThreshold=2',
  '-XX:G1HeapRegionSize=16m',
  '-XX:MaxGCPauseMillis=300',
  '-XX:+AlwaysPreTouch',
  '-Dio.netty.tryReflectionSetAccessible=true',
]

/** The databases, and one client of each, which all sides share. */
export interface Databases {
  readonly cassandra: Client
  readonly qdrant: QdrantClient
  readonly qdrantUrl: string
  /** What was measured on, for people. */
  readonly origin: string
  /** A store on both; its Qdrant collections begin with `prefix`. `collection`: by default the one that is measured. */
  openStore(options: {
    readonly prefix: string
    readonly embedder: Embedder
    readonly collection?: string
  }): Promise<Store>
  /** Deletes the Qdrant collections that begin so. */
  dropCollections(prefix: string): Promise<void>
  stop(): Promise<void>
}

export async function startDatabases(): Promise<Databases> {
  const stops: (() => Promise<unknown>)[] = []
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each()
  }
  try {
    const service = await startCassandra({ jvmOptions: CASSANDRA_JVM })
    if ('skipped' in service) throw new Error(service.skipped)
    stops.push(service.stop)
    const index = await startQdrant()
    if (index === undefined) throw new Error('There is no Qdrant to measure on')
    stops.push(index.stop)
    const { contactPoints, localDataCenter } = service
    const cassandra = new Client({ contactPoints: [...contactPoints], localDataCenter })
    stops.push(() => cassandra.shutdown())
    await cassandra.connect()
    const client = new QdrantClient({
      url: index.url,
      headers: { 'accept-encoding': 'identity' },
      timeout: 120_000,
      checkCompatibility: false,
    })
    const { version } = await client.versionInfo()
    return {
      cassandra,
      qdrant: client,
      qdrantUrl: index.url,
      origin: `${service.origin}; Qdrant ${version} (${index.way})`,
      openStore: ({ prefix, embedder, collection = COLLECTION }) =>
        createStore({
          collection,
          kv: scylla({
            client: cassandra,
            keyspace: KEYSPACE,
            replication: { class: 'SimpleStrategy', replication_factor: 1 },
          }),
          vectors: qdrant({ url: index.url, timeoutMs: 120_000, collectionPrefix: prefix }),
          embedder,
          index: { fields: ['text'] },
        }),
      dropCollections: (prefix) => dropQdrantCollections(index, prefix),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
