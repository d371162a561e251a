import { parseFilterPath } from '../document/filter-paths.js'
import { parsePath } from '../document/paths.js'
import { resolveOptions } from '../embedding/options.js'
import { invalid } from '../errors.js'
import type { Filterable, Metric } from '../ports/vector-records.js'
import { resolveReranking } from '../reranking/options.js'
import { languages } from '../words/language.js'
import { syncModes } from '../write/writer.js'
import { checkBoolean, checkInteger, checkOneOf, checkOptions, checkTtl } from './arguments.js'
import type { IndexOptions, KeywordsOptions, StoreOptions } from './store-options.js'

const storeOptions = [
  'collection', 'kv', 'vectors', 'embedder', 'cache', 'index', 'sync', 'schema', 'ttlMs', 'refreshTtlOnRead', 'embedding', 'reranker', 'reranking', 'maxPending',
  'maxDriftMs', 'leaseMs', 'settleMs', 'sweepMs',
] // biome-ignore format: a list
const indexOptions = ['fields', 'filterable', 'metric', 'keywords']
const embeddingOptions = [
  'concurrency',
  'maxBatchSize',
  'maxBatchTokens',
  'retries',
  'attemptTimeoutMs',
  'rateLimit',
  'pricePerMillionTokens',
  'onTooLong',
]
const rerankingOptions = ['concurrency', 'maxBatchSize', 'maxBatchTokens', 'retries', 'attemptTimeoutMs', 'rateLimit']
const metrics = ['cosine', 'dot', 'euclidean']
const filterableTypes = ['keyword', 'integer', 'float', 'boolean', 'datetime']

/** The options of a store with every default filled in. */
export interface ResolvedStoreOptions {
  readonly fields: readonly string[]
  /** By normalised paths. */
  readonly filterable: Filterable
  readonly metric: Metric
  /** Absent: no words. */
  readonly keywords: KeywordsOptions | undefined
  readonly maxPending: number
  readonly maxDriftMs: number
  readonly leaseMs: number
  readonly settleMs: number
  readonly sweepMs: number
}

/** Checks the options of createStore before anything is opened. INVALID_ARGUMENT names the option. */
export function resolveStoreOptions(options: StoreOptions<object, object>): ResolvedStoreOptions {
  checkOptions(options, storeOptions)
  const { collection, kv, vectors, embedder, cache, schema, index = {}, embedding = {} } = options
  if (typeof collection !== 'string' || !/^[a-z][a-z0-9_]{0,31}$/.test(collection)) {
    throw invalid('collection', 'a name that matches ^[a-z][a-z0-9_]{0,31}$')
  }
  if (typeof kv?.open !== 'function') throw invalid('kv', 'a KVBackend, such as memoryKV() or sqlite({ path }).kv')
  if (vectors !== undefined && typeof vectors?.open !== 'function')
    throw invalid('vectors', 'a VectorIndex, such as memoryIndex()')
  if (embedder !== undefined && typeof embedder?.embed !== 'function')
    throw invalid('embedder', 'an Embedder, such as local()')
  if (embedder !== undefined) checkModel(embedder.model)
  checkOptions(index, indexOptions, 'index')
  const keywords = checkKeywords(index.keywords)
  if (vectors !== undefined && embedder === undefined && keywords === undefined)
    throw invalid('embedder', 'an Embedder beside vectors, or index.keywords')
  if (vectors === undefined && (embedder !== undefined || keywords !== undefined)) {
    const beside = [...(embedder ? ['embedder'] : []), ...(keywords ? ['index.keywords'] : [])].join(' and ')
    throw invalid('vectors', `a VectorIndex, such as memoryIndex(), beside ${beside}: there is none`)
  }
  if (cache !== undefined && typeof cache?.getMany !== 'function')
    throw invalid('cache', 'an EmbeddingCache, such as lruCache({ maxEntries: 10000 })')
  if (schema !== undefined && typeof schema?.['~standard']?.validate !== 'function')
    throw invalid('schema', 'a Standard Schema')
  checkOptions(embedding, embeddingOptions, 'embedding')
  if (embedding.rateLimit !== undefined)
    checkOptions(embedding.rateLimit, ['requestsPerMinute', 'tokensPerMinute'], 'embedding.rateLimit')
  resolveOptions(embedding, embedder?.limits)
  checkOneOf(embedding.onTooLong, 'embedding.onTooLong', ['error', 'truncate', 'chunk'])
  const { pricePerMillionTokens: price } = embedding
  if (price !== undefined && !(Number.isFinite(price) && price >= 0)) {
    throw invalid('embedding.pricePerMillionTokens', 'a number of at least 0')
  }
  checkReranker(options)
  checkOneOf(options.sync, 'sync', syncModes)
  checkTtl(options.ttlMs, 'ttlMs')
  checkBoolean(options.refreshTtlOnRead, 'refreshTtlOnRead')
  return {
    fields: checkFields(index.fields),
    filterable: checkFilterable(index.filterable),
    metric: checkMetric(index.metric),
    keywords,
    maxPending: integer(options.maxPending, 'maxPending', 1, 2000),
    maxDriftMs: integer(options.maxDriftMs, 'maxDriftMs', 0, 60_000),
    leaseMs: integer(options.leaseMs, 'leaseMs', 100, 10_000),
    settleMs: integer(options.settleMs, 'settleMs', 0, 3 * 60 * 60 * 1000),
    sweepMs: integer(options.sweepMs, 'sweepMs', 1, 60_000),
  }
}

function checkReranker({ reranker, reranking = {} }: StoreOptions<object, object>): void {
  const isReranker = typeof reranker?.rerank === 'function' && typeof reranker.name === 'string' && reranker.name !== ''
  if (reranker !== undefined && !isReranker)
    throw invalid('reranker', 'a Reranker with a name, such as aiSdkReranker({ model })')
  checkOptions(reranking, rerankingOptions, 'reranking')
  if (reranking.rateLimit !== undefined)
    checkOptions(reranking.rateLimit, ['requestsPerMinute', 'tokensPerMinute'], 'reranking.rateLimit')
  resolveReranking(reranking, reranker?.limits)
}

function integer(value: number | undefined, field: string, min: number, fallback: number): number {
  if (value === undefined) return fallback
  checkInteger(value, field, min, 2 ** 31 - 1)
  return value
}

/** In other notations `$.a` is the path `a`; here it would be a property named `$`, and no document would have it. */
function checkField(path: unknown, field: string): void {
  parsePath(path, field)
  if (/^\$[.[]/.test(String(path))) throw invalid(field, `a path without "$." before it; $ alone is the whole value`)
}

function checkFields(fields: readonly string[] | undefined): readonly string[] {
  if (fields === undefined) return ['$']
  if (!Array.isArray(fields) || fields.length === 0) throw invalid('index.fields', 'a list of at least one path')
  for (const [i, path] of fields.entries()) checkField(path, `index.fields[${i}]`)
  return [...new Set(fields)]
}

function checkFilterable(filterable: Filterable | undefined): Filterable {
  if (filterable === undefined) return {}
  if (typeof filterable !== 'object' || filterable === null || Array.isArray(filterable))
    throw invalid('index.filterable', 'paths and their types')
  return Object.fromEntries(
    Object.entries(filterable).flatMap(([path, type]) => {
      checkOneOf(type ?? null, `index.filterable.${path}`, filterableTypes)
      return parseFilterPath(path, `index.filterable.${path}`).map((each) => [each, type])
    }),
  )
}

function checkKeywords(keywords: IndexOptions['keywords']): KeywordsOptions | undefined {
  if (keywords === undefined || keywords === false) return undefined
  if (keywords === true) return {}
  if (typeof keywords !== 'object' || keywords === null) throw invalid('index.keywords', 'true, false or { language }')
  checkOptions(keywords, ['language'], 'index.keywords')
  const { language } = keywords
  checkOneOf(language, 'index.keywords.language', languages)
  return { language }
}

function checkMetric(metric: Metric | undefined): Metric {
  checkOneOf(metric, 'index.metric', metrics)
  return metric ?? 'cosine'
}

/** Two models must never share a space, so that each needs an identity. */
function checkModel(model: unknown): void {
  const { provider, name } = (model ?? {}) as { provider?: unknown; name?: unknown }
  if (typeof provider === 'string' && provider !== '' && typeof name === 'string' && name !== '') return
  throw invalid('embedder.model', "the model's identity: { provider, name, … }, both texts that are not empty")
}
