import type { Schemas } from '@qdrant/js-client-rest'
import { invalid } from '@tandemstore/core/adapter'
import type { QdrantClientLike } from './client.js'

/** Where the server is. */
export type QdrantConnection =
  | {
      /**
       * Such as `http://127.0.0.1:6333`; a path in it is kept, user, password and query are refused. Without a port,
       * Qdrant's own: 6333.
       */
      readonly url: string
      readonly apiKey?: string | undefined
      /** How long one request may take, in milliseconds. Default 30,000. */
      readonly timeoutMs?: number | undefined
    }
  | {
      /** A client of `@qdrant/js-client-rest`. It stays the caller's, and is never closed here. */
      readonly client: QdrantClientLike
    }

/** How new collections are made and how they are searched. A collection that exists keeps the settings it has. */
export interface QdrantSettings {
  /**
   * Put before the name of each space to name its collection, where several applications share a server. Default none.
   */
  readonly collectionPrefix?: string | undefined
  /**
   * How many leading labels of a namespace make a tenant, whose points Qdrant stores side by side. Default 2, which
   * suits `['users', '42']`. No result depends on it.
   */
  readonly tenantDepth?: number | undefined
  /**
   * Compares with every point that passes the filter instead of walking the graph. Slow on large spaces. Default false.
   */
  readonly exact?: boolean | undefined
  /** How many candidates the graph search keeps; more is slower and finds more. Default: the server's. */
  readonly hnswEf?: number | undefined
  /** As Qdrant's API takes it. */
  readonly hnsw?: Schemas['HnswConfigDiff'] | undefined
  /** As Qdrant's API takes it. */
  readonly quantization?: Schemas['QuantizationConfig'] | undefined
  /** As Qdrant's API takes it. */
  readonly optimizers?: Schemas['OptimizersConfigDiff'] | undefined
  /** Vectors on disk instead of in memory. */
  readonly onDisk?: boolean | undefined
  readonly shardNumber?: number | undefined
  /** Above 1, writes go through the leader of their shard (`ordering: strong`). */
  readonly replicationFactor?: number | undefined
  readonly writeConsistencyFactor?: number | undefined
}

export type QdrantOptions = QdrantConnection & QdrantSettings

const naturals = ['timeoutMs', 'hnswEf', 'shardNumber', 'replicationFactor', 'writeConsistencyFactor'] as const

/** Refuses what is wrong in the options before anything connects. */
export function checkOptions(options: QdrantOptions): void {
  const given: Partial<Record<string, unknown>> = { ...options }
  if ((given.url === undefined) === (given.client === undefined)) throw invalid('url', 'either url or client')
  if (given.client !== undefined && (given.apiKey !== undefined || given.timeoutMs !== undefined))
    throw invalid('client', 'no apiKey or timeoutMs beside a client, which has its own')
  if (given.url !== undefined) checkUrl(String(given.url))
  for (const name of naturals) {
    const value = given[name]
    if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) > 0))
      throw invalid(name, 'a whole number above 0')
  }
  const depth = options.tenantDepth
  if (depth !== undefined && !(Number.isSafeInteger(depth) && depth >= 1 && depth <= 16))
    throw invalid('tenantDepth', 'a whole number from 1 to 16')
  if (options.collectionPrefix !== undefined && !/^[A-Za-z0-9_-]{0,100}$/.test(options.collectionPrefix))
    throw invalid('collectionPrefix', 'at most 100 letters, digits, _ or -')
}

/** What is not sent to the server must not be passed over. No message shows the URL, which may hold a secret. */
function checkUrl(given: string): void {
  const url = /^https?:\/\/./.test(given) && URL.canParse(given) ? new URL(given) : undefined
  if (url === undefined) throw invalid('url', 'an http:// or https:// URL')
  const { username, password, search, hash } = url
  if (username !== '' || password !== '')
    throw invalid('url', 'no user and password in it: give apiKey, or a client with headers of its own')
  if (search !== '' || hash !== '')
    throw invalid('url', 'neither query nor fragment in it: give apiKey, or a client with headers of its own')
}
