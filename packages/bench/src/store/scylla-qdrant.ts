import { randomUUID } from 'node:crypto'
import { StoreError } from '@tandemstore/core'
import type { Client } from 'cassandra-driver'
import { importOptional, needed } from '../optional.js'
import {
  type Credentials,
  cassandraVersion,
  connectCassandra,
  dropEmptyKeyspace,
  dropTables,
  makeKeyspace,
  markTable,
  replicationOf,
  tablesIn,
} from './cassandra.js'
import type { Claim } from './open-store.js'
import { makeQdrantAdmin, type QdrantAdmin } from './qdrant-admin.js'
import { ownMark, parseMark, type RunMark, stateOf } from './run-mark.js'

export interface ScyllaQdrantConnection {
  /**
   * Nodes of ScyllaDB or Cassandra, `host:port`, separated by commas. Default: the environment variable
   * TANDEM_SCYLLA. User and password: TANDEM_SCYLLA_USER, TANDEM_SCYLLA_PASSWORD.
   */
  readonly scylla?: string | undefined
  /** Default: TANDEM_SCYLLA_DC, else `datacenter1`. */
  readonly dataCenter?: string | undefined
  /** Made, and dropped afterwards, if it is not there. Default: TANDEM_KEYSPACE, else `tandem_bench`. */
  readonly keyspace?: string | undefined
  /** Default: TANDEM_QDRANT_URL. */
  readonly qdrantUrl?: string | undefined
  /** Default: TANDEM_QDRANT_API_KEY. */
  readonly qdrantApiKey?: string | undefined
}

/** The mark of a collection, a row of a table beside its own. */
interface CollectionMark extends RunMark {
  /** What the names of its collections in Qdrant begin with: by chance, so that nobody else has such. */
  readonly qdrantPrefix: string
  readonly madeKeyspace: boolean
}

type Scylla = typeof import('@tandemstore/scylla')

interface Place {
  readonly client: Client
  readonly scylla: Scylla
  readonly index: QdrantAdmin
  readonly keyspace: string
  readonly collection: string
}

/** What options do not say, environment variables may. */
interface ScyllaQdrantSettings {
  readonly contactPoints: string | undefined
  readonly localDataCenter: string
  readonly keyspace: string
  readonly credentials: Credentials | undefined
  readonly url: string | undefined
  readonly apiKey: string | undefined
}

export function settingsOf(
  options: ScyllaQdrantConnection,
  env: NodeJS.ProcessEnv = process.env,
): ScyllaQdrantSettings {
  const { TANDEM_SCYLLA_USER: username, TANDEM_SCYLLA_PASSWORD: password } = env
  return {
    contactPoints: options.scylla ?? env.TANDEM_SCYLLA,
    localDataCenter: options.dataCenter ?? env.TANDEM_SCYLLA_DC ?? 'datacenter1',
    keyspace: options.keyspace ?? env.TANDEM_KEYSPACE ?? 'tandem_bench',
    credentials: username ? { username, password: password ?? '' } : undefined,
    url: options.qdrantUrl ?? env.TANDEM_QDRANT_URL,
    apiKey: options.qdrantApiKey ?? env.TANDEM_QDRANT_API_KEY,
  }
}

/** `a:9042, b:9042` as a list. */
export function hostsOf(text: string): string[] {
  return text
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '')
}

export async function claimScyllaQdrant(
  options: ScyllaQdrantConnection & { readonly collection: string },
): Promise<Claim> {
  const { collection } = options
  const { localDataCenter, keyspace, apiKey, credentials, ...settings } = settingsOf(options)
  const contactPoints = hostsOf(needed(settings.contactPoints, '--scylla', 'TANDEM_SCYLLA'))
  const url = needed(settings.url, '--qdrant-url', 'TANDEM_QDRANT_URL')
  if (!/^[A-Za-z][A-Za-z0-9_]{0,47}$/.test(keyspace))
    throw new StoreError('CONFIGURATION', 'The name of a keyspace is a letter and up to 47 letters, digits or _')

  const scylla = await importOptional('@tandemstore/scylla', () => import('@tandemstore/scylla'))
  const { qdrant } = await importOptional('@tandemstore/qdrant', () => import('@tandemstore/qdrant'))
  const index = makeQdrantAdmin(url, apiKey)
  const qdrantVersion = await index.version()
  const client = await connectCassandra({ contactPoints, localDataCenter, credentials })
  try {
    const place: Place = { client, scylla, index, keyspace, collection }
    await removeEarlier(place)
    const mark: CollectionMark = {
      ...ownMark(),
      qdrantPrefix: `tandem_bench_${randomUUID().replaceAll('-', '')}_`,
      madeKeyspace: await makeKeyspace(client, keyspace, localDataCenter),
    }
    await markTable(client, keyspace, markName(collection)).create(JSON.stringify(mark))
    return {
      kv: scylla.scylla({ client, keyspace }),
      vectors: qdrant({ url, apiKey, collectionPrefix: mark.qdrantPrefix }),
      versions: { ...(await cassandraVersion(client)), qdrant: qdrantVersion },
      warnings: [
        `Documents are kept with the replication ${await replicationOf(client, keyspace)}: more replicas take longer`,
      ],
      async remove() {
        try {
          await removeMarked(place, mark)
        } finally {
          await client.shutdown()
        }
      },
    }
  } catch (error) {
    await client.shutdown()
    throw error
  }
}

const markName = (collection: string): string => `${collection}_tandem_bench`

/** The names of the tables that the adapter makes. */
function tablesOf({ scylla, keyspace, collection }: Place): string[] {
  return scylla.schemaCql(keyspace, collection).map((statement) => {
    const name = /^CREATE TABLE IF NOT EXISTS "[^"]+"\."([^"]+)"/.exec(statement)?.[1]
    if (name === undefined) throw new Error(`No table in: ${statement}`)
    return name
  })
}

/** Deletes what a run left that was killed. Refuses what no run made, before anything is touched. */
async function removeEarlier(place: Place): Promise<void> {
  const { client, keyspace, collection } = place
  const present = await tablesIn(client, keyspace)
  if (!present.includes(markName(collection))) {
    const foreign = tablesOf(place).find((table) => present.includes(table))
    if (foreign === undefined) return
    throw new StoreError(
      'CONFIGURATION',
      `The collection ${collection} in the keyspace ${keyspace} was not made by tandem-bench (there is a table ${foreign}), and would be deleted: give another collection or keyspace`,
    )
  }
  const mark = toMark(await markTable(client, keyspace, markName(collection)).read())
  if (mark === undefined) {
    throw new StoreError(
      'CONFIGURATION',
      `The table ${markName(collection)} in the keyspace ${keyspace} does not say what tandem-bench made: look at it, and drop it if nobody needs it`,
    )
  }
  const state = stateOf(mark)
  if (state === 'running' || (state === 'unknown' && (await hasLease(place)))) {
    const who = `process ${mark.pid} on ${mark.host}`
    throw new StoreError(
      'CONFIGURATION',
      `Another tandem-bench (${who}) uses the collection ${collection} in the keyspace ${keyspace}, or did some seconds ago`,
    )
  }
  await removeMarked(place, mark)
}

function toMark(text: string | undefined): CollectionMark | undefined {
  const mark = text === undefined ? undefined : parseMark(text)
  if (text === undefined || mark === undefined) return undefined
  const { qdrantPrefix, madeKeyspace } = JSON.parse(text) as Partial<CollectionMark>
  if (!/^tandem_bench_[0-9a-f]{32}_$/.test(qdrantPrefix ?? '') || typeof madeKeyspace !== 'boolean') return undefined
  return { ...mark, qdrantPrefix: qdrantPrefix as string, madeKeyspace }
}

/** Whether a store has the collection open, or had it until some seconds ago. */
async function hasLease(place: Place): Promise<boolean> {
  const { client, scylla, keyspace, collection } = place
  const present = await tablesIn(client, keyspace)
  // Killed before it had them all.
  if (!tablesOf(place).every((table) => present.includes(table))) return false
  const opened = await scylla.scylla({ client, keyspace, schema: 'none' }).open(collection)
  const leases = await opened.leases()
  await opened.close()
  return leases.some(({ expiresAt }) => expiresAt > Date.now())
}

/** The mark goes last, so that a run which is killed meanwhile can be cleared up after. */
async function removeMarked(place: Place, mark: CollectionMark): Promise<void> {
  const { client, index, keyspace, collection } = place
  await index.dropCollections(mark.qdrantPrefix)
  await dropTables(client, keyspace, [...tablesOf(place), markName(collection)])
  if (mark.madeKeyspace) await dropEmptyKeyspace(client, keyspace)
}
