import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { EmbeddingOptions } from '../embedding/options.js'
import type { Embedder } from '../ports/embedder.js'
import type { EmbeddingCache } from '../ports/embedding-cache.js'
import type { KVBackend } from '../ports/kv-backend.js'
import type { Reranker } from '../ports/reranker.js'
import type { VectorIndex } from '../ports/vector-index.js'
import type { Filterable, Metric } from '../ports/vector-records.js'
import type { RerankingOptions } from '../reranking/options.js'
import type { Language } from '../words/language.js'
import type { JsonObject, SyncMode } from './documents.js'
import type { FieldPath } from './field-path.js'

/** How words are made of texts. */
export interface KeywordsOptions {
  /**
   * Finds a word by its other forms, too: `connections` by `connect`. Only for texts of one language. Default: words as
   * they are written.
   */
  readonly language?: Language | undefined
}

export interface IndexOptions<T extends object = JsonObject> {
  /**
   * Paths whose texts are indexed: `title`, `a.b`, `a[0]`, `a[-1]`, `a[*].b`, `a.*`, `{a,b}.c`; `$` is the whole
   * value as JSON. Default: `['$']`.
   */
  readonly fields?: readonly FieldPath<T>[] | undefined
  /**
   * Paths that get a payload index, with their type. Every path can be filtered by; a declared one fast, and one of
   * type `datetime` also by ranges of dates.
   */
  readonly filterable?: Filterable | undefined
  /** Default: `cosine`. */
  readonly metric?: Metric | undefined
  /**
   * Whether documents are found by words, too. A collection with documents gets or loses its words by
   * `verify({ repair: true })`, which embeds nothing again. CONFIGURATION where the index keeps no terms. Default: no.
   */
  readonly keywords?: boolean | KeywordsOptions | undefined
}

export interface StoreOptions<T extends object = JsonObject, Input extends object = T> {
  /** Names the tables and the vector spaces: `^[a-z][a-z0-9_]{0,31}$`. */
  readonly collection: string
  readonly kv: KVBackend
  /**
   * With `embedder`, or `index.keywords`, or both: where vectors and words are kept. Without it the store keeps
   * documents only.
   */
  readonly vectors?: VectorIndex | undefined
  readonly embedder?: Embedder | undefined
  /** Vectors of texts embedded before. */
  readonly cache?: EmbeddingCache | undefined
  /** For `search({ rerank })`: what scores the best hits anew, by query and text together. */
  readonly reranker?: Reranker | undefined
  readonly index?: IndexOptions<NoInfer<T>> | undefined
  /** Default: `background`. */
  readonly sync?: SyncMode | undefined
  /**
   * Any Standard Schema (Zod, Valibot, ArkType, …): checks values on write, and types them. What it puts out is
   * stored.
   */
  readonly schema?: StandardSchemaV1<Input, T> | undefined
  /** Time to live of every put that says nothing else, milliseconds. Default: for ever. */
  readonly ttlMs?: number | undefined
  /** Whether reading a document with a time to live starts it anew (once a tenth of it has passed). Default: false. */
  readonly refreshTtlOnRead?: boolean | undefined
  /** Defaults come from the embedder's limits. */
  readonly embedding?: EmbeddingOptions | undefined
  /** Defaults come from the reranker's limits. */
  readonly reranking?: RerankingOptions | undefined
  /** Puts whose points are not written yet, before put waits; and as many deletions. Default: 2,000. */
  readonly maxPending?: number | undefined
  /** How far a version may lie ahead of this machine's clock, milliseconds. Default: 60,000. */
  readonly maxDriftMs?: number | undefined
  /** How long a writer that stopped without a word counts as alive, milliseconds. Default: 10,000. */
  readonly leaseMs?: number | undefined
  /**
   * How long recovery waits for a write whose outcome is unknown, milliseconds. Default: 3 hours, the time for which
   * ScyllaDB and Cassandra make hints. A hint can be replayed later still; `verify()` finds what arrives then.
   */
  readonly settleMs?: number | undefined
  /** How often expired documents and points are swept, milliseconds. Default: 60,000. */
  readonly sweepMs?: number | undefined
}
