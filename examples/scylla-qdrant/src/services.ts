import { type CassandraService, type QdrantService, startCassandra, startQdrant } from '@tandemstore/testkit/services'

export interface Services {
  readonly cassandra: CassandraService
  readonly qdrant: QdrantService
  stop(): Promise<void>
}

/**
 * Finds or starts both databases, and says on stderr which they are. `undefined` where one of them is not to be had. What was started here ends with
 * `stop`; a database that was given by its address goes on.
 */
export async function findServices(): Promise<Services | undefined> {
  const [cassandra, qdrant] = await Promise.all([startCassandra(), startQdrant()])
  const stop = async (): Promise<void> => {
    await Promise.all(['skipped' in cassandra ? undefined : cassandra.stop(), qdrant?.stop()])
  }
  if ('skipped' in cassandra || qdrant === undefined) {
    await stop()
    return undefined
  }
  return { cassandra, qdrant, stop }
}
