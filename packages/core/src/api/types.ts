import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Json } from '../document/paths.js'
import type { EmbeddingOptions } from '../embedding/pipeline.js'
import type { StoreError } from '../errors.js'
import type { StoreEvents } from '../observe/events.js'
import type { StoreStats } from '../observe/stats.js'
import type { DocumentRef, Namespace, Version } from '../ports/common.js'
import type { Embedder } from '../ports/embedder.js'
import type { EmbeddingCache } from '../ports/embedding-cache.js'
import type { KVBackend } from '../ports/kv-backend.js'
import type { VectorIndex } from '../ports/vector-index.js'
import type { Filterable, Metric } from '../ports/vector-records.js'
import type { FilterInput } from './filter-input.js'

/** The value of a document where no schema says more: any JSON object. */
export type JsonObject = { readonly [name: string]: Json }

/**
 * When a write counts as done. `wait`: when its vector is searchable. `background`: when the document is durable, and the vector follows by itself. `manual`: when the document
 * is durable, and nothing is embedded until `flush()`.
 */
export type SyncMode = 'wait' | 'background' | 'manual'

export interface IndexOptions {
  /** Paths whose texts get vectors: `title`, `a.b`, `a[*].b`, `a[0]`; `$` is the whole value as JSON. Default: `['$']`. */
  readonly fields?: readonly string[]
  /** Paths that get a payload index, with their type. Every path can be filtered by; a declared one fast, and one of type `datetime` also by ranges of dates. */
  readonly filterable?: Filterable
  /** Default: `cosine`. */
  readonly metric?: Metric
}

export interface StoreOptions<T extends object = JsonObject, Input extends object = T> {
  /** Names the tables and the vector spaces: `^[a-z][a-z0-9_]{0,31}$`. */
  readonly collection: string
  readonly kv: KVBackend
  /** With `embedder`: where the vectors are kept. Without both the store keeps documents only. */
  readonly vectors?: VectorIndex | undefined
  readonly embedder?: Embedder | undefined
  /** Vectors of texts embedded before. */
  readonly cache?: EmbeddingCache | undefined
  readonly index?: IndexOptions
  /** Default: `background`. */
  readonly sync?: SyncMode
  /** Any Standard Schema (Zod, Valibot, ArkType, …): checks values on write, and types them. What it puts out is stored. */
  readonly schema?: StandardSchemaV1<Input, T> | undefined
  /** Time to live of every put that says nothing else, milliseconds. Default: for ever. */
  readonly ttlMs?: number | undefined
  /** Whether reading a document with a time to live starts it anew (once a tenth of it has passed). Default: false. */
  readonly refreshTtlOnRead?: boolean
  /** Defaults come from the embedder's limits. */
  readonly embedding?: EmbeddingOptions
  /** Writes whose points are not written yet, before put waits. Default: 2,000. */
  readonly maxPending?: number
  /** How far a version may lie ahead of this machine's clock, milliseconds. Default: 60,000. */
  readonly maxDriftMs?: number
  /** How long a writer that stopped without a word counts as alive, milliseconds. Default: 10,000. */
  readonly leaseMs?: number
  /** How long a write whose outcome is unknown may still take effect, milliseconds. Default: 3 hours, as long as Cassandra keeps hints. */
  readonly settleMs?: number
  /** How often expired documents and points are swept, milliseconds. Default: 60,000. */
  readonly sweepMs?: number
}

export interface Document<T extends object = JsonObject> extends DocumentRef {
  readonly value: T
  /** Opaque; for `ifVersion`. A later version is a greater string. */
  readonly version: Version
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly expiresAt?: Date
}

export interface SignalOptions {
  /** Ends the wait with ABORTED. A write that had begun may still take effect. */
  readonly signal?: AbortSignal | undefined
}

export interface PutOptions extends SignalOptions {
  /** Time to live, milliseconds, at least 1. */
  readonly ttlMs?: number | undefined
  /** `false`: no vectors; a list: these paths instead of the collection's. Kept with the document. */
  readonly index?: false | readonly string[] | undefined
  /** Fails with CONFLICT if the document exists. */
  readonly ifAbsent?: boolean | undefined
  /** Fails with CONFLICT unless the document has this version. */
  readonly ifVersion?: Version | undefined
  readonly sync?: SyncMode | undefined
}

export interface PutManyDocument<Input extends object = JsonObject>
  extends DocumentRef,
    Pick<PutOptions, 'ttlMs' | 'index' | 'ifAbsent' | 'ifVersion'> {
  readonly value: Input
}

export interface PutManyOptions extends SignalOptions {
  readonly sync?: SyncMode | undefined
  /** Called when some are written, the last time before the call resolves. In mode `background` most are searchable later: `result.indexed` and the event `indexed` tell. */
  readonly onProgress?: ((progress: PutManyProgress) => void) | undefined
}

export interface PutManyProgress {
  /** Documents durable so far. */
  readonly written: number
  readonly failed: number
  /** Documents whose vectors are searchable so far. */
  readonly indexed: number
}

export interface Failure extends DocumentRef {
  readonly error: StoreError
}

export interface PutManyResult {
  /** Documents durable. */
  readonly written: number
  /** The documents that were not written, or in mode `wait` not indexed, and why. */
  readonly failed: readonly Failure[]
  /** Resolves with their number when every document written is searchable; rejects, saying which, when some never will be. */
  readonly indexed: Promise<number>
}

export interface DeleteManyResult {
  readonly deleted: number
  readonly failed: readonly Failure[]
  /** Resolves with their number when no deleted document has a point any more. */
  readonly indexed: Promise<number>
}

/** What a write gives back. */
export interface Receipt {
  readonly version: Version
  /** Resolves when this version, a newer one or its deletion is searchable; rejects when it never will be. Ignoring it is safe. */
  readonly indexed: Promise<void>
}

export interface DeleteOptions extends SignalOptions {
  readonly ifVersion?: Version | undefined
  readonly sync?: SyncMode | undefined
}

export interface GetOptions extends SignalOptions {
  /** Overrides the store's `refreshTtlOnRead`. */
  readonly refreshTtl?: boolean | undefined
}

export interface SearchOptions<T extends object = JsonObject> extends SignalOptions {
  /** A text to embed and search for. */
  readonly query?: string | undefined
  /** A vector to search for, of the embedder's dimensions. */
  readonly vector?: Float32Array | readonly number[] | undefined
  readonly filter?: FilterInput<T> | undefined
  /** 1 to 1,000. Default: 10. */
  readonly limit?: number | undefined
  /** Default: 0. `offset + limit` is at most 1,000. */
  readonly offset?: number | undefined
  readonly minScore?: number | undefined
  /** Waits for these writes first, so that the search sees them. */
  readonly after?: Receipt | readonly Receipt[] | undefined
}

export interface SearchHit<T extends object = JsonObject> {
  readonly document: Document<T>
  /** Higher is better: cosine in [-1, 1], the dot product, or the negated Euclidean distance. Absent in a search without query and vector. */
  readonly score?: number
  /** What part of the document matched best: a configured path, and which of its texts, from 0. Absent likewise. */
  readonly matched?: { readonly field: string; readonly part: number }
  /** The document has changed since its points were written; it still passes the filter. */
  readonly stale?: true
}

/** A hit of a search by query or vector. */
export interface ScoredHit<T extends object = JsonObject> extends SearchHit<T> {
  readonly score: number
  readonly matched: { readonly field: string; readonly part: number }
}

/** Options of a search that scores what it finds. */
export type ScoredSearchOptions<T extends object = JsonObject> = SearchOptions<T> &
  ({ readonly query: string } | { readonly vector: Float32Array | readonly number[] })

export interface ListOptions<T extends object = JsonObject> extends SignalOptions {
  readonly filter?: FilterInput<T> | undefined
  /** 1 to 1,000. Default: 100. */
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

export interface Page<Item> {
  readonly items: readonly Item[]
  /** Where to go on; absent at the end. A page may be shorter than `limit` and still have one. */
  readonly cursor?: string
}

export interface NamespacesOptions extends SignalOptions {
  readonly prefix?: Namespace | undefined
  readonly suffix?: Namespace | undefined
  /** Cuts namespaces to so many labels, each given once. */
  readonly maxDepth?: number | undefined
  /** 1 to 1,000. Default: 100. */
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

export interface RecoverOptions extends SignalOptions {
  /** Also tries again what had failed for good. */
  readonly retryFailed?: boolean | undefined
}

export interface RecoverResult {
  /** Documents that recovery has projected and is done with, also by itself, since the store was opened or `recover()` last told. */
  readonly projected: number
  /** Those that failed for good, now or earlier. */
  readonly failed: number
  /**
   * Intents kept because they belong to a writer that lives, which looks after them, or because the database shows nothing of their write, which may still arrive within
   * `settleMs`: so it is with a deletion, and with a write that its process did not live to make. The points of the latter are as their documents are stored. Nobody has to do anything.
   */
  readonly waiting: number
}

export interface VerifyOptions extends SignalOptions {
  /** Default: []. */
  readonly prefix?: Namespace | undefined
  /** Whether to mend what is found. Default: false. */
  readonly repair?: boolean | undefined
  readonly onProgress?: ((progress: VerifyResult) => void) | undefined
}

/** In documents. */
export interface VerifyResult {
  readonly checked: number
  /** With no point, or not with all. */
  readonly missing: number
  /** With points of another version, text or configuration. */
  readonly stale: number
  /** With points that should not be. */
  readonly orphaned: number
  readonly repaired: number
  /**
   * Out of step with the index, but with an operation or an intent that will mend them; in none of the counts above. Absent if there are none.
   * What a writer left that died is among them until it is recovered.
   */
  readonly pending?: number
}

export interface Health {
  readonly ok: boolean
  readonly kv: ComponentHealth
  /** Absent in a store without an index. */
  readonly vectors?: ComponentHealth
  readonly space?: SpaceHealth
}

export interface ComponentHealth {
  readonly ok: boolean
  /** How long the answer took, milliseconds. */
  readonly latencyMs: number
  readonly error?: StoreError
}

export interface SpaceHealth {
  readonly name: string
  readonly dimensions: number
  /** Whether every write goes to this model's space, and those before it was opened have been brought there; if not, `verify({ repair: true })` does it. Says nothing of what is on its way, or left to recovery. */
  readonly complete: boolean
  /** Points it holds, roughly. */
  readonly points?: number
}

export interface CloseOptions {
  /** How long to wait for what is under way, milliseconds. Default: 30,000. */
  readonly timeoutMs?: number | undefined
}

export interface CloseResult {
  /** Writes of this store whose points the next `recover()` has to write. What it was recovering of others is not counted. */
  readonly leftToRecovery: number
}

/** Documents and their vectors, in tandem. */
export interface Store<T extends object = JsonObject, Input extends object = T> extends AsyncDisposable {
  /** Stores a document. Last write wins, unless a condition is given. */
  put(namespace: Namespace, key: string, value: Input, options?: PutOptions): Promise<Receipt>
  /**
   * Stores many documents with bounded memory. A bad document does not stop the others. An error of the iterable itself is thrown as it is, when what it gave before has been
   * written; that stays.
   */
  putMany(
    documents: Iterable<PutManyDocument<Input>> | AsyncIterable<PutManyDocument<Input>>,
    options?: PutManyOptions,
  ): Promise<PutManyResult>
  /** The document, or `undefined`. */
  get(namespace: Namespace, key: string, options?: GetOptions): Promise<Document<T> | undefined>
  /** The documents in the order of the input, `undefined` where there is none. */
  getMany(refs: readonly DocumentRef[], options?: GetOptions): Promise<(Document<T> | undefined)[]>
  /** Deletes a document; deleting what is not there is no error. */
  delete(namespace: Namespace, key: string, options?: DeleteOptions): Promise<Receipt>
  deleteMany(refs: readonly DocumentRef[], options?: SignalOptions): Promise<DeleteManyResult>
  /** Deletes every document under a prefix of at least one label that was written before this call. */
  deleteNamespace(prefix: Namespace, options?: SignalOptions): Promise<Receipt>
  /** The documents under a prefix that are nearest to a query, best first; with neither query nor vector, in order of namespace and key. */
  search(prefix: Namespace, options: ScoredSearchOptions<T>): Promise<ScoredHit<T>[]>
  search(prefix: Namespace, options?: SearchOptions<T>): Promise<SearchHit<T>[]>
  /** The documents under a prefix in order of namespace and key, page by page. */
  list(prefix: Namespace, options?: ListOptions<T>): Promise<Page<Document<T>>>
  /** The namespaces that hold documents, in order, page by page. */
  namespaces(options?: NamespacesOptions): Promise<Page<Namespace>>
  /** Resolves when every write accepted before this call is searchable; rejects saying which are not. */
  flush(options?: SignalOptions): Promise<void>
  /** Projects what writers that are gone left behind. Runs by itself on opening; this waits for it. */
  recover(options?: RecoverOptions): Promise<RecoverResult>
  /** Compares every document with its points, and mends them if asked. */
  verify(options?: VerifyOptions): Promise<VerifyResult>
  stats(): Promise<StoreStats>
  health(options?: SignalOptions): Promise<Health>
  /** Listens to an event; gives a function that ends it. */
  on<Name extends keyof StoreEvents>(event: Name, listener: (payload: StoreEvents[Name]) => void): () => void
  /** Waits for what is under way, and closes. Later calls are refused with CLOSED. */
  close(options?: CloseOptions): Promise<CloseResult>
}
