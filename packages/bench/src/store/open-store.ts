import { createStore, type Json, type JsonObject, type Store, StoreError, type StoreOptions } from '@tandemstore/core'
import type { KVBackend, VectorIndex } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import type { StoreKind } from '../options.js'
import { claimScyllaQdrant, type ScyllaQdrantConnection, settingsOf } from './scylla-qdrant.js'
import { claimSqlite, type SqliteConnection } from './sqlite-file.js'

/** Where the store is. Only what the kind needs is read. */
export interface StoreConnection extends SqliteConnection, ScyllaQdrantConnection {}

/** Which store, and where. */
export interface StorePlace extends StoreConnection {
  readonly kind: StoreKind
  /** Names the tables and vector spaces: `^[a-z][a-z0-9_]{0,31}$`. */
  readonly collection: string
}

export type BenchStoreOptions<T extends object = JsonObject> = StorePlace &
  Pick<StoreOptions<T>, 'cache' | 'sync' | 'index' | 'embedding'> & {
    readonly embedder: NonNullable<StoreOptions<T>['embedder']>
    readonly signal?: AbortSignal | undefined
  }

export interface BenchStore<T extends object = JsonObject> {
  readonly store: Store<T>
  /** The databases with their versions, where they tell. */
  readonly versions: Readonly<Record<string, string>>
  /** What a reader of its numbers should know of the databases. */
  readonly warnings: readonly string[]
  /** Closes the store and deletes everything that was written for it. May be called twice. */
  remove(): Promise<void>
}

/** A place in databases that this run has marked as its own. */
export interface Claim {
  readonly kv: KVBackend
  readonly vectors: VectorIndex
  readonly versions: Readonly<Record<string, string>>
  /** As `BenchStore.warnings`. */
  readonly warnings?: readonly string[]
  /** Deletes all that was written, the mark last, and disconnects. */
  remove(): Promise<void>
}

/** What is still under way is thrown away, so there is no need to wait for much of it. */
const CLOSE_MS = 1000

/**
 * Opens an empty store that benchmarks may write to. What it makes bears a mark; what is there and does not bear it
 * is left untouched, and what a killed run left is deleted first.
 *
 * @throws StoreError CONFIGURATION where there is something that bench did not make, or where a run is under way; and
 * what `createStore` throws.
 */
export async function openBenchStore<T extends object = JsonObject>(
  options: BenchStoreOptions<T>,
): Promise<BenchStore<T>> {
  const { collection, embedder, cache, sync, index, embedding, signal } = options
  if (!/^[a-z][a-z0-9_]{0,31}$/.test(collection))
    throw new StoreError('INVALID_ARGUMENT', 'collection: expected ^[a-z][a-z0-9_]{0,31}$', { field: 'collection' })
  if (options.search === 'approximate' && options.kind !== 'sqlite')
    throw new StoreError('CONFIGURATION', "search: 'approximate' is of the store sqlite", { field: 'search' })
  signal?.throwIfAborted()
  const { kv, vectors, versions, warnings = [], remove } = await claim(options)
  try {
    signal?.throwIfAborted()
    const store = await createStore<T>({
      collection,
      kv,
      vectors,
      embedder,
      cache,
      ...(sync === undefined ? {} : { sync }),
      ...(index === undefined ? {} : { index }),
      ...(embedding === undefined ? {} : { embedding }),
    })
    let removing: Promise<void> | undefined
    return {
      store,
      versions,
      warnings,
      remove() {
        removing ??= store
          .close({ timeoutMs: CLOSE_MS })
          .finally(remove)
          .then(() => {})
        return removing
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** What tells one place from another, without keys. */
export function identityOf({ kind, collection, ...connection }: StorePlace): Json {
  const { contactPoints, url, localDataCenter, keyspace } = settingsOf(connection)
  if (kind === 'scylla-qdrant') return [kind, collection, contactPoints ?? null, url ?? null, localDataCenter, keyspace]
  return [kind, collection, ...(kind === 'sqlite' ? [connection.path ?? null, connection.search ?? 'exact'] : [])]
}

async function claim({ kind, ...options }: StorePlace & Pick<BenchStoreOptions, 'signal'>): Promise<Claim> {
  if (kind === 'sqlite') return claimSqlite(options)
  if (kind === 'scylla-qdrant') return claimScyllaQdrant(options)
  return { kv: memoryKV(), vectors: memoryIndex(), versions: {}, remove: async () => {} }
}
