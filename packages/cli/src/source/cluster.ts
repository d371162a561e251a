import { wrongUsage } from '../exit-codes.js'
import { importOptional } from '../optional.js'
import type { SourceFlags } from './flags.js'
import type { Place } from './place.js'

/**
 * Documents on ScyllaDB or Cassandra, vectors on Qdrant. User, password and key come from the environment, as others can
 * read the flags of a process.
 */
export async function placeOfCluster(hosts: string, flags: SourceFlags, makes: string | undefined): Promise<Place> {
  const { TANDEM_SCYLLA_DC, TANDEM_KEYSPACE, TANDEM_SCYLLA_USER, TANDEM_SCYLLA_PASSWORD } = process.env
  const keyspace = flags.keyspace ?? TANDEM_KEYSPACE
  if (!keyspace) throw wrongUsage('Say in which keyspace the collection is: --keyspace, or TANDEM_KEYSPACE')
  const collection = flags.collection ?? makes
  if (collection === undefined) throw wrongUsage('Say which collection: --collection')
  const { scylla } = await importOptional('@tandemstore/scylla', () => import('@tandemstore/scylla'))
  const contactPoints = hosts.split(',').map((host) => host.trim())
  const kv = scylla({
    contactPoints,
    localDataCenter: flags.dataCenter ?? TANDEM_SCYLLA_DC ?? 'datacenter1',
    keyspace,
    // Looking makes no tables.
    schema: makes === undefined ? 'none' : 'create',
    ...(TANDEM_SCYLLA_USER
      ? { credentials: { username: TANDEM_SCYLLA_USER, password: TANDEM_SCYLLA_PASSWORD ?? '' } }
      : {}),
    // The driver takes the port of the first for the nodes that it hears of from others.
    protocolOptions: { port: Number(/:(\d+)$/.exec(contactPoints[0] as string)?.[1] ?? 9042) },
  })
  const vectors = await vectorsOf(flags)
  return { name: `${hosts} ${keyspace}.${collection}`, collection, kv, vectors }
}

async function vectorsOf({ qdrantUrl = process.env.TANDEM_QDRANT_URL, qdrantPrefix }: SourceFlags) {
  if (!qdrantUrl) return undefined
  const { qdrant } = await importOptional('@tandemstore/qdrant', () => import('@tandemstore/qdrant'))
  return qdrant({
    url: qdrantUrl,
    apiKey: process.env.TANDEM_QDRANT_API_KEY || undefined,
    collectionPrefix: qdrantPrefix,
  })
}
