import type { Schemas } from '@qdrant/js-client-rest'
import { type Filterable, type Metric, type SpaceDefinition, StoreError } from '@tandemstore/core/adapter'
import type { QdrantServer } from './client.js'
import { call } from './errors.js'
import { valueKey } from './filter.js'
import type { QdrantSettings } from './options.js'
import { KEYS } from './payload.js'

type CollectionInfo = Schemas['CollectionInfo']
type IndexSchema = Schemas['PayloadSchemaParams']

/** The first version that knows update_filter; an older one takes it without a word and overwrites newer points. */
const OLDEST = [1, 16] as const

export const DISTANCES: Readonly<Record<Metric, 'Cosine' | 'Dot' | 'Euclid'>> = {
  cosine: 'Cosine',
  dot: 'Dot',
  euclidean: 'Euclid',
}

export async function checkServerVersion(server: QdrantServer, signal: AbortSignal | undefined): Promise<void> {
  const answer: { version?: unknown } | undefined = await call({ server, what: 'say its version' }, signal, () =>
    server.client.versionInfo(),
  )
  const version = String(answer?.version ?? '')
  if (!/^\d+\.\d+/.test(version)) {
    const where = server.address === undefined ? '' : ` at ${server.address}`
    const message = `What answers${where} is no Qdrant: it says no version (a proxy, or a wrong address?)`
    throw new StoreError('CONFIGURATION', message)
  }
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return
  throw new StoreError('CONFIGURATION', `Qdrant ${OLDEST.join('.')} or later is needed; this server is ${version}`)
}

/** Makes the collection of a space if there is none, and what it lacks of indexes. Two processes may do so at once. */
export async function openCollection(
  server: QdrantServer,
  name: string,
  space: SpaceDefinition,
  settings: QdrantSettings,
  signal: AbortSignal | undefined,
): Promise<{ readonly replicated: boolean }> {
  const { client } = server
  const ask = <T>(what: string, run: () => Promise<T>) => call({ server, what }, signal, run)
  const exists = () => ask(`look for collection ${name}`, () => client.collectionExists(name))
  if (!(await exists()).exists) {
    try {
      await ask(`create collection ${name}`, () => client.createCollection(name, newCollection(space, settings)))
    } catch (error) {
      signal?.throwIfAborted()
      // Another process was faster.
      if (!(await exists()).exists) throw asConfiguration(error)
    }
  }
  const info = await ask(`read collection ${name}`, () => client.getCollection(name))
  checkSame(info, name, space)
  const lacking = Object.entries(payloadIndexes(space.filterable)).filter(([key]) => !(key in info.payload_schema))
  const made = await Promise.allSettled(
    lacking.map(([key, schema]) =>
      ask(`index ${key} in collection ${name}`, () =>
        client.createPayloadIndex(name, { field_name: key, field_schema: schema, wait: true }),
      ),
    ),
  )
  const failed = made.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
  return { replicated: (info.config.params.replication_factor ?? 1) > 1 }
}

function newCollection(space: SpaceDefinition, settings: QdrantSettings): Schemas['CreateCollection'] {
  return {
    vectors: {
      size: space.dimensions ?? 0,
      distance: DISTANCES[space.metric],
      on_disk: settings.onDisk ?? null,
    },
    hnsw_config: settings.hnsw ?? null,
    quantization_config: settings.quantization ?? null,
    optimizers_config: settings.optimizers ?? null,
    shard_number: settings.shardNumber ?? null,
    replication_factor: settings.replicationFactor ?? null,
    write_consistency_factor: settings.writeConsistencyFactor ?? null,
  }
}

/** A collection that the server will not make is a wrong setting, if the request was at fault. */
function asConfiguration(error: unknown): unknown {
  const isRefused = StoreError.isInstance(error) && error.code === 'INDEX_FAILED' && !error.retryable && !error.setup
  return isRefused ? new StoreError('CONFIGURATION', error.message, { cause: error.cause }) : error
}

function checkSame({ config }: CollectionInfo, name: string, { dimensions, metric }: SpaceDefinition): void {
  const vectors = config.params.vectors as { readonly size?: unknown; readonly distance?: unknown } | undefined | null
  if (vectors?.size === (dimensions ?? 0) && vectors.distance === DISTANCES[metric]) return
  const found =
    typeof vectors?.size === 'number' ? `${vectors.size} dimensions (${vectors.distance})` : 'other kinds of vectors'
  throw new StoreError(
    'MODEL_MISMATCH',
    `The collection ${name} has ${found}, not ${dimensions} dimensions (${DISTANCES[metric]})`,
  )
}

/** Every system key that a filter names (a server in strict mode refuses others) and the declared paths. */
export function payloadIndexes(filterable: Filterable): Record<string, IndexSchema> {
  // No graph of its own for keys whose values are nearly all different, or nearly all the same.
  const keyword: IndexSchema = { type: 'keyword', enable_hnsw: false }
  const range: IndexSchema = { type: 'integer', lookup: false, range: true, enable_hnsw: false }
  const indexes: Record<string, IndexSchema> = {
    [KEYS.prefixes]: { type: 'keyword' },
    [KEYS.tenant]: { type: 'keyword', is_tenant: true, enable_hnsw: false },
    [KEYS.document]: keyword,
    [KEYS.micros]: range,
    [KEYS.writer]: range,
    [KEYS.expires]: range,
    [KEYS.hash]: { ...keyword, on_disk: true },
    [KEYS.paths]: keyword,
    [KEYS.unchecked]: keyword,
  }
  for (const [path, type] of Object.entries(filterable)) {
    indexes[valueKey(path, 'is')] = { type: 'keyword' }
    if (type === 'keyword' || type === 'boolean') continue
    const on = type === 'datetime' ? 'instants' : 'numbers'
    for (const end of ['min', 'max']) {
      indexes[valueKey(path, `${on}.${end}`)] = { type: 'integer', lookup: false, range: true }
      indexes[valueKey(path, `${on}.${end}Low`)] = range
    }
  }
  return indexes
}
