/** What the suites of the official stores import, with a TandemStore in the place of each store. Only names are translated: of options, and of what RedisStore gives back. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Operation, OperationResults } from '@langchain/langgraph-checkpoint'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { sqlite } from '@tandemstore/sqlite'
import { type ComposedOptions, type LangChainEmbeddings, TandemStore } from '../src/index.js'

export * from '@langchain/langgraph-checkpoint'

type Embed = LangChainEmbeddings | ((texts: string[]) => Promise<number[][]>)

interface PeerIndex {
  readonly dims: number
  readonly embeddings?: Embed
  readonly embed?: Embed
  readonly fields?: string[]
  readonly distanceMetric?: string
  readonly distanceType?: string
}

interface PeerOptions {
  readonly index?: PeerIndex
  readonly ttl?: { readonly defaultTtl?: number; readonly defaultTTL?: number; readonly refreshOnRead?: boolean }
}

const metrics: Readonly<Record<string, 'cosine' | 'euclidean' | 'dot'>> = {
  cosine: 'cosine',
  l2: 'euclidean',
  L2: 'euclidean',
  ip: 'dot',
  IP: 'dot',
  inner_product: 'dot',
}

function databases(): Pick<ComposedOptions, 'kv' | 'vectors'> {
  if (process.env.TANDEM_PEERS_ON !== 'sqlite') return { kv: memoryKV(), vectors: memoryIndex() }
  return sqlite({ path: join(mkdtempSync(join(tmpdir(), 'tandem-peers-')), 'store.sqlite') })
}

function toEmbeddings(embed: Embed | undefined): LangChainEmbeddings {
  if (embed === undefined) throw new Error('An index without embeddings')
  const embedDocuments = typeof embed === 'function' ? embed : (texts: string[]) => embed.embedDocuments(texts)
  const asDocument = async (text: string): Promise<number[]> => (await embedDocuments([text]))[0] ?? []
  const hasQuery = typeof embed !== 'function' && typeof embed.embedQuery === 'function'
  return { embedDocuments, embedQuery: hasQuery ? (text) => embed.embedQuery(text) : asDocument }
}

function toOptions({ index, ttl }: PeerOptions): ComposedOptions {
  const metric = metrics[index?.distanceMetric ?? index?.distanceType ?? 'cosine']
  const defaultTtl = ttl?.defaultTtl ?? ttl?.defaultTTL
  return {
    collection: 'peers',
    ...databases(),
    unindexed: 'omit',
    ...(index === undefined
      ? {}
      : {
          index: {
            dims: index.dims,
            embeddings: toEmbeddings(index.embed ?? index.embeddings),
            model: 'peers',
            fields: index.fields,
            metric,
          },
        }),
    ...(ttl === undefined ? {} : { ttl: { defaultTtl, refreshOnRead: ttl.refreshOnRead } }),
  }
}

class StandIn extends TandemStore {
  constructor(options: PeerOptions = {}) {
    super(toOptions(options))
  }

  setup(): Promise<void> {
    return this.start()
  }

  close(): Promise<void> {
    return this.stop()
  }

  /** Without the options of another search than this one's. */
  override search(prefix: string[], options: Record<string, unknown> = {}): ReturnType<TandemStore['search']> {
    const { filter, limit, offset, query, refreshTTL } = options as Parameters<TandemStore['search']>[1] & object
    const defined = Object.entries({ filter, limit, offset, query, refreshTTL }).filter(
      ([, value]) => value !== undefined,
    )
    return super.search(prefix, Object.fromEntries(defined))
  }
}

export class InMemoryStore extends StandIn {}

export class PostgresStore extends StandIn {
  static fromConnString(_url: string, options?: PeerOptions): PostgresStore {
    return new PostgresStore(options)
  }
}

export class RedisStore extends StandIn {
  constructor(_client: unknown, options?: PeerOptions) {
    super(options)
  }

  static async fromConnString(_url: string, options?: PeerOptions): Promise<RedisStore> {
    return new RedisStore(undefined, options)
  }

  /** RedisStore takes its options as the fourth argument. */
  override put(
    namespace: string[],
    key: string,
    value: Record<string, unknown>,
    options: false | string[] | { readonly ttl?: number; readonly index?: false | string[] } = {},
  ): Promise<void> {
    if (options === false || Array.isArray(options)) return super.put(namespace, key, value, options)
    return super.put(namespace, key, value, options.index, options.ttl === undefined ? {} : { ttl: options.ttl })
  }

  /** RedisStore gives null for a put, and items with dates of other names. */
  override async batch<Op extends Operation[]>(operations: Op): Promise<OperationResults<Op>> {
    const results: unknown[] = await super.batch(operations)
    const renamed = results.map((result) => {
      if (result === undefined || result === null) return null
      if (Array.isArray(result)) return result
      const { createdAt, updatedAt } = result as { createdAt: Date; updatedAt: Date }
      return { ...result, created_at: createdAt, updated_at: updatedAt }
    })
    return renamed as OperationResults<Op>
  }
}

export class MongoDBStore extends StandIn {
  constructor({ indexConfig }: { readonly indexConfig?: PeerIndex }) {
    super(indexConfig === undefined ? {} : { index: indexConfig })
  }
}

/** The database that a suite would use beside its store. */
const nothing = { deleteMany: async () => undefined }

export class MongoClient {
  async connect(): Promise<void> {}
  async close(): Promise<void> {}
  db() {
    return { collection: () => nothing }
  }
}

class Pool {
  async query(): Promise<{ readonly rows: never[] }> {
    return { rows: [] }
  }
  async end(): Promise<void> {}
}

export const createRedisContainer = async () => ({ client: {}, url: 'redis://stand-in', cleanup: async () => {} })

export default { Pool }
