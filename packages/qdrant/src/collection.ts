import type { Schemas } from '@qdrant/js-client-rest'
import { type Filterable, type Metric, type SpaceDefinition, StoreError } from '@tandemstore/core/adapter'
import type { QdrantServer } from './client.js'
import { NOTHING } from './conditions.js'
import { call, checkCompleted } from './errors.js'
import { valueKey } from './filter.js'
import type { QdrantSettings } from './options.js'
import { KEYS } from './payload.js'
import { WORDS } from './terms.js'

type CollectionInfo = Schemas['CollectionInfo']
type IndexSchema = Schemas['PayloadSchemaParams']

/** The first version that knows update_filter; an older one takes it without a word and overwrites newer points. */
const OLDEST: Release = [1, 16]
/** The first version that can make room for terms in a collection that was made without. */
const ADDS_VECTORS: Release = [1, 18]

/** Major and minor version of a server. */
type Release = readonly [number, number]

export const DISTANCES: Readonly<Record<Metric, 'Cosine' | 'Dot' | 'Euclid'>> = {
  cosine: 'Cosine',
  dot: 'Dot',
  euclidean: 'Euclid',
}

export async function checkServerVersion(server: QdrantServer, signal: AbortSignal | undefined): Promise<Release> {
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
  const release: Release = [major, minor]
  if (isAtLeast(release, OLDEST)) return release
  throw new StoreError('CONFIGURATION', `Qdrant ${OLDEST.join('.')} or later is needed; this server is ${version}`)
}

function isAtLeast([major, minor]: Release, [leastMajor, leastMinor]: Release): boolean {
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

interface ToOpen {
  readonly server: QdrantServer
  /** The name of the collection. */
  readonly name: string
  readonly space: SpaceDefinition
  readonly settings: QdrantSettings
  readonly release: Release
}

/** What an open collection is like. */
export interface OpenedCollection {
  readonly replicated: boolean
  /** Whether it has room for terms. */
  readonly hasWords: boolean
}

/** Makes the collection of a space if there is none, and what it lacks. Two processes may do so at once. */
export async function openCollection(opening: ToOpen, signal: AbortSignal | undefined): Promise<OpenedCollection> {
  const { server, name, space, settings } = opening
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
  const hadWords = hasWords(info)
  if (holdsTerms(space) && !hadWords) await addWords(opening, signal)
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
  return {
    replicated: (info.config.params.replication_factor ?? 1) > 1,
    hasWords: hadWords || holdsTerms(space),
  }
}

/** Without dimensions, a space holds nothing but terms. */
function holdsTerms({ terms, dimensions }: SpaceDefinition): boolean {
  return terms === true || dimensions === undefined
}

function hasWords({ config }: CollectionInfo): boolean {
  return config.params.sparse_vectors?.[WORDS] !== undefined
}

/** Makes room for terms in a collection that has none. */
async function addWords({ server, name, release }: ToOpen, signal: AbortSignal | undefined): Promise<void> {
  const { client } = server
  if (client.createVectorName === undefined || !isAtLeast(release, ADDS_VECTORS)) {
    const who = client.createVectorName === undefined ? 'This client' : `This server (${release.join('.')})`
    const message =
      `The collection ${name} was made without room for terms. ${who} cannot add it, Qdrant and its client from ` +
      `${ADDS_VECTORS.join('.')} on can: update, or delete the collection and run verify({ repair: true }), ` +
      'which makes its points again'
    throw new StoreError('CONFIGURATION', message)
  }
  const what = `make room for terms in collection ${name}`
  const ask = <T>(run: () => Promise<T>) => call({ server, what }, signal, run)
  const create = client.createVectorName.bind(client)
  await ask(() => create(name, WORDS, { sparse: { modifier: 'idf' } }, { wait: true }))
  // The server answers before its shards have done it. What is done after it says when they have.
  checkCompleted([await ask(() => client.delete(name, { filter: { must: [NOTHING] }, wait: true }))], what)
}

function newCollection(space: SpaceDefinition, settings: QdrantSettings): Schemas['CreateCollection'] {
  return {
    vectors:
      space.dimensions === undefined
        ? {}
        : { size: space.dimensions, distance: DISTANCES[space.metric], on_disk: settings.onDisk ?? null },
    ...(holdsTerms(space) ? { sparse_vectors: { [WORDS]: newWords(settings) } } : {}),
    hnsw_config: settings.hnsw ?? null,
    quantization_config: settings.quantization ?? null,
    optimizers_config: settings.optimizers ?? null,
    shard_number: settings.shardNumber ?? null,
    replication_factor: settings.replicationFactor ?? null,
    write_consistency_factor: settings.writeConsistencyFactor ?? null,
  }
}

function newWords({ onDisk }: QdrantSettings): Schemas['SparseVectorParams'] {
  return { modifier: 'idf', ...(onDisk === undefined ? {} : { index: { on_disk: onDisk } }) }
}

/** A collection that the server will not make is a wrong setting, if the request was at fault. */
function asConfiguration(error: unknown): unknown {
  const isRefused = StoreError.isInstance(error) && error.code === 'INDEX_FAILED' && !error.retryable && !error.setup
  return isRefused ? new StoreError('CONFIGURATION', error.message, { cause: error.cause }) : error
}

function checkSame(info: CollectionInfo, name: string, { dimensions, metric }: SpaceDefinition): void {
  const { vectors, sparse_vectors: sparse } = info.config.params
  const words = sparse?.[WORDS]
  if (words !== undefined && words.modifier !== 'idf')
    throw new StoreError('MODEL_MISMATCH', `The collection ${name} has vectors named ${WORDS} that are no terms`)
  const stored = vectors as { readonly size?: unknown; readonly distance?: unknown } | undefined | null
  const hasNone = Object.keys(stored ?? {}).length === 0
  if (dimensions === undefined ? hasNone : stored?.size === dimensions && stored.distance === DISTANCES[metric]) return
  const found = hasNone
    ? 'no vectors but of terms'
    : typeof stored?.size === 'number'
      ? `${stored.size} dimensions (${stored.distance})`
      : 'other kinds of vectors'
  const asked = dimensions === undefined ? 'terms alone' : `${dimensions} dimensions (${DISTANCES[metric]})`
  throw new StoreError('MODEL_MISMATCH', `The collection ${name} has ${found}, not ${asked}`)
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
