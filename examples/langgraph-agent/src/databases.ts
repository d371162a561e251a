import type { ComposedOptions } from '@tandemstore/langgraph'
import { qdrant } from '@tandemstore/qdrant'
import { scylla } from '@tandemstore/scylla'
import { sqlite } from '@tandemstore/sqlite'
import { startCassandra, startQdrant } from '@tandemstore/testkit/services'

export interface Databases {
  readonly description: string
  /** New adapters each time: a store that is opened again shares nothing with the one before but what the databases hold. */
  readonly open: () => Pick<ComposedOptions, 'kv' | 'vectors'>
  readonly stop: () => Promise<void>
}

export function sqliteDatabase(path: string): Databases {
  return { description: path, open: () => sqlite({ path }), stop: async () => {} }
}

/** Finds or starts ScyllaDB or Cassandra, and Qdrant. `undefined` where one of them is not to be had, which stderr says. */
export async function servers(): Promise<Databases | undefined> {
  const [cassandra, index] = await Promise.all([startCassandra(), startQdrant()])
  const stop = async (): Promise<void> => {
    await Promise.all(['skipped' in cassandra ? undefined : cassandra.stop(), index?.stop()])
  }
  if ('skipped' in cassandra || index === undefined) {
    await stop()
    return undefined
  }
  const { contactPoints, localDataCenter, origin } = cassandra
  return {
    description: `${origin}, and Qdrant (${index.way})`,
    open: () => ({
      kv: scylla({
        contactPoints: [...contactPoints],
        localDataCenter,
        keyspace: 'tandem_example',
        replication: { class: 'NetworkTopologyStrategy', [localDataCenter]: 1 },
      }),
      vectors: qdrant({ url: index.url, apiKey: index.apiKey, collectionPrefix: 'tandem_example_' }),
    }),
    stop,
  }
}
