import { qdrant } from '@tandemstore/qdrant'
import { scylla } from '@tandemstore/scylla'
import { dropQdrantCollections, startCassandra, startQdrant } from '@tandemstore/testkit/services'
import { afterAll, describe } from 'vitest'
import type { Backend } from './backends.js'
import { describeContract } from './contract.js'

const KEYSPACE = `tandem_langgraph_${Date.now()}`
const PREFIX = 'langgraph_test_'

const [cassandra, index] = await Promise.all([startCassandra(), startQdrant()])
afterAll(async () => {
  await Promise.all(['skipped' in cassandra ? undefined : cassandra.stop(), index?.stop()])
})

if ('skipped' in cassandra) describe.skip(`SKIPPED, on Cassandra and Qdrant: ${cassandra.skipped}`, () => {})
else if (index === undefined) describe.skip('SKIPPED, on Cassandra and Qdrant: NO QDRANT, see above', () => {})
else {
  const { contactPoints, localDataCenter } = cassandra
  describeContract(
    'on Cassandra and Qdrant',
    async (): Promise<Backend> => ({
      databases: async () => ({
        kv: scylla({
          contactPoints: [...contactPoints],
          localDataCenter,
          keyspace: KEYSPACE,
          replication: { class: 'NetworkTopologyStrategy', [localDataCenter]: 1 },
        }),
        vectors: qdrant({ url: index.url, apiKey: index.apiKey, collectionPrefix: PREFIX }),
      }),
      cleanup: () => dropQdrantCollections(index, PREFIX),
    }),
    // It writes without reading, so that it does not know the time before.
    { keepsCreatedAt: false },
  )
}
