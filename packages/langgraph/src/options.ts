import type { KeywordsOptions, Store, StoreOptions } from '@tandemstore/core'
import { type Embedder, type Filterable, invalid, type Metric } from '@tandemstore/core/adapter'
import { fromLangChain, isLangChain, type LangChainEmbeddings } from './langchain.js'

/** LangGraph's `IndexConfig`, and what Tandem has to know beyond it. */
export interface TandemIndexConfig {
  /**
   * Length of the vectors. Default: what an embedder of Tandem says, else learnt by embedding a word. With LangChain
   * embeddings a part of the model's identity.
   */
  readonly dims?: number | undefined
  /** LangChain embeddings, or an embedder of Tandem such as `local()` or `openai({ model })`. */
  readonly embeddings: LangChainEmbeddings | Embedder
  /**
   * Paths whose texts get vectors: `text`, `a.b`, `chapters[*].content`, `authors[0].name`; `$` is the whole value.
   * Default: `['$']`.
   */
  readonly fields?: readonly string[] | undefined
  /** Names the model: required with LangChain embeddings, which do not tell it. Vectors of two names never meet. */
  readonly model?: string | undefined
  /** Default: `cosine`. */
  readonly metric?: Metric | undefined
  /** Searches by words, too: a query is then a hybrid one, and its score is from 0 to 1. Default: by meaning alone. */
  readonly keywords?: true | KeywordsOptions | undefined
}

export interface TtlConfig {
  /** Time to live of items, minutes. Default: for ever. */
  readonly defaultTtl?: number | undefined
  /**
   * Whether reading an item, also by a search, starts its time to live anew (once a tenth of it has passed). Default:
   * false.
   */
  readonly refreshOnRead?: boolean | undefined
}

interface CommonOptions {
  readonly ttl?: TtlConfig | undefined
  /**
   * What a search by query does with items that have no vector (`index: false`, no text at the paths). `omit` leaves
   * them out, as PostgresStore and RedisStore do; `append` lists them after the others, without a score, as
   * InMemoryStore does. Default: `omit`.
   */
  readonly unindexed?: 'omit' | 'append' | undefined
  /**
   * When a put is done. `put`: when it can be found by a query. `search`: when it is durable; its vector is made in
   * the background, and a search by query waits for those of the puts before it. Default: `put`.
   */
  readonly visibility?: 'put' | 'search' | undefined
}

/**
 * Databases and a model of which a store is composed. They are opened by the first operation or `start()`, and closed
 * by `stop()`.
 */
export interface ComposedOptions
  extends CommonOptions,
    Omit<StoreOptions, 'index' | 'embedder' | 'sync' | 'schema' | 'ttlMs' | 'refreshTtlOnRead'> {
  /** Without it items are not searched by meaning. */
  readonly index?: TandemIndexConfig | undefined
  /**
   * Paths that get a payload index, with their type. Every path can be filtered by; a declared one fast, and one of
   * type `datetime` also by ranges of dates.
   */
  readonly filterable?: Filterable | undefined
  readonly store?: undefined
}

/** An open Tandem store, which stays the caller's. */
export interface GivenOptions extends CommonOptions {
  readonly store: Store
}

export type TandemStoreOptions = ComposedOptions | GivenOptions

/** What operations have to know, with every default filled in. */
export interface Settings {
  readonly ttlMs: number | undefined
  readonly refreshOnRead: boolean
  readonly appendUnindexed: boolean
  readonly waitInPut: boolean
  /** Paths declared `datetime`. */
  readonly dates: ReadonlySet<string>
}

/** Checks what is this package's own; the rest is checked where it is opened. @throws StoreError INVALID_ARGUMENT */
export function resolveSettings(options: TandemStoreOptions): Settings {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'an object')
  const { ttl = {}, unindexed, visibility } = options
  for (const name of Object.keys(ttl)) {
    if (name !== 'defaultTtl' && name !== 'refreshOnRead') throw invalid(`ttl.${name}`, 'defaultTtl or refreshOnRead')
  }
  checkOneOf(unindexed, 'unindexed', ['omit', 'append'])
  checkOneOf(visibility, 'visibility', ['put', 'search'])
  if (ttl.refreshOnRead !== undefined && typeof ttl.refreshOnRead !== 'boolean')
    throw invalid('ttl.refreshOnRead', 'true or false')
  const { filterable = {} } = options as ComposedOptions
  return {
    ttlMs: toMilliseconds(ttl.defaultTtl, 'ttl.defaultTtl'),
    refreshOnRead: ttl.refreshOnRead ?? false,
    appendUnindexed: unindexed === 'append',
    waitInPut: visibility !== 'search',
    dates: new Set(Object.keys(filterable).filter((path) => filterable[path] === 'datetime')),
  }
}

/** Minutes as milliseconds. */
export function toMilliseconds(minutes: number | undefined, field: string): number | undefined {
  if (minutes === undefined) return undefined
  if (!(Number.isFinite(minutes) && minutes > 0)) throw invalid(field, 'minutes, more than 0')
  return Math.max(1, Math.round(minutes * 60_000))
}

/** The options of the Tandem store below. @throws StoreError INVALID_ARGUMENT */
export function toStoreOptions(options: ComposedOptions): StoreOptions {
  const { index, filterable, vectors, ttl: _, unindexed: __, visibility, store: ___, ...rest } = options
  const sync = visibility === 'search' ? 'background' : 'wait'
  if (index === undefined) return { ...rest, sync, index: { ...(filterable === undefined ? {} : { filterable }) } }
  if (vectors === undefined) throw invalid('vectors', 'a VectorIndex beside index, such as memoryIndex()')
  const { fields, keywords, metric } = index
  return {
    ...rest,
    sync,
    vectors,
    embedder: toEmbedder(index),
    index: {
      ...(fields === undefined ? {} : { fields }),
      ...(keywords === undefined ? {} : { keywords }),
      ...(metric === undefined ? {} : { metric }),
      ...(filterable === undefined ? {} : { filterable }),
    },
  }
}

function toEmbedder({ dims, embeddings, model }: TandemIndexConfig): Embedder {
  if (dims !== undefined && !(Number.isSafeInteger(dims) && dims >= 1))
    throw invalid('index.dims', 'a whole number of at least 1')
  if (isLangChain(embeddings)) {
    if (model === undefined)
      throw invalid('index.model', 'the name of the model, such as text-embedding-3-small: LangChain does not tell it')
    return fromLangChain(embeddings, { model, dimensions: dims })
  }
  if (typeof embeddings?.embed !== 'function' || typeof embeddings.model !== 'object')
    throw invalid('index.embeddings', 'LangChain embeddings or an embedder of Tandem')
  if (model !== undefined) throw invalid('index.model', 'no model beside an embedder of Tandem, which tells its own')
  if (dims !== undefined && embeddings.dimensions !== undefined && embeddings.dimensions !== dims)
    throw invalid('index.dims', `${embeddings.dimensions}, as the embedder says, not ${dims}`)
  return embeddings
}

function checkOneOf(value: unknown, field: string, allowed: readonly unknown[]): void {
  if (value !== undefined && !allowed.includes(value)) throw invalid(field, `one of ${allowed.join(', ')}`)
}
