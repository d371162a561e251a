import type { Json, Language, SearchMode } from '@tandemstore/core'
import type { Reranker } from '@tandemstore/core/adapter'
import type { Corpus } from '../corpus/corpus.js'
import type { OpenEmbedder } from '../embedders/available.js'
import { quality } from '../metrics/estimates.js'
import { exactSearch } from '../metrics/exact-search.js'
import { type QueryScores, scoreQuery } from '../metrics/scores.js'
import type { Progress } from '../progress.js'
import type { ComparedEmbedder } from '../result.js'
import { openBenchStore, type StorePlace } from '../store/open-store.js'
import { createBreath } from '../workload/waiting.js'
import { type CapturedVectors, captureVectors } from './capture-vectors.js'
import { type IngestedCorpus, ingestCorpus } from './ingest-corpus.js'
import type { EmbedderState } from './run-state.js'
import { scoreModes } from './score-modes.js'
import { type SearchedCorpus, searchCorpus } from './search-corpus.js'

export interface MeasureOptions {
  readonly corpus: Corpus
  readonly open: OpenEmbedder
  readonly state: EmbedderState
  readonly place: StorePlace
  /** A text above the model's limit: cut it there, or embed it in parts. */
  readonly onTooLong: 'truncate' | 'chunk'
  /** Searches by vector are always measured. */
  readonly modes: readonly SearchMode[]
  /** Of the words. */
  readonly language: Language | undefined
  readonly reranker: Reranker | undefined
  readonly seed: number
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** All that is known of one embedder before it is compared with others. Plain JSON. */
export interface MeasuredEmbedder {
  readonly result: Omit<ComparedEmbedder, 'significance'>
  /** nDCG@10 by exact search, in the order of the corpus' queries. */
  readonly ndcgByQuery: readonly number[]
  /** For the report's configuration: the model's identity, and its limit. */
  readonly configuration: Json
  /** Databases with their versions. */
  readonly versions: Readonly<Record<string, string>>
  /** Of the databases, the same for each embedder. */
  readonly storeWarnings: readonly string[]
  readonly warnings: readonly string[]
}

/**
 * Puts a corpus into an empty store, searches it with every query, deletes it, and scores what the store and what
 * exact search finds.
 */
export async function measureEmbedder(options: MeasureOptions): Promise<MeasuredEmbedder> {
  const { corpus, open, state, place, onTooLong, seed, progress, signal } = options
  const { name, embedder } = open
  const { cache } = state
  const warnings: string[] = []
  const bench = await openBenchStore<{ readonly text: string }>({
    ...place,
    embedder,
    cache,
    sync: 'wait',
    index: { fields: ['text'] },
    embedding: { onTooLong },
    signal,
  })
  let ingested: IngestedCorpus
  let searched: SearchedCorpus
  try {
    ingested = await ingestCorpus(bench.store, options, warnings)
    cache.endFile()
    searched = await searchCorpus(bench.store, options, warnings)
    if (onTooLong === 'truncate') warnings.push(...(await cutDocuments(options)))
  } finally {
    await bench.remove()
  }
  const { rankings } = searched
  const byIndex = corpus.queries.map(({ text, judgements }) => scoreQuery(rankings.get(text) ?? [], judgements))
  progress.begin(`${name}: exact searches`, corpus.queries.length, 'searches')
  const captured = await captureVectors({ corpus, embedder, cache, onTooLong, signal })
  const exact = await scoreExactly(captured, options)
  const modes = await scoreModes(options, exact, warnings)
  const { dimensions } = captured
  const { model, limits } = embedder
  return {
    result: {
      name,
      dimensions,
      bytesPerVector: dimensions * Float32Array.BYTES_PER_ELEMENT,
      exact: quality(exact, seed),
      index: quality(byIndex, seed),
      ...(modes === undefined ? {} : { modes }),
      documentsPerSecond: ingested.documentsPerSecond,
      throughput: ingested.throughput,
      latency: { cold: searched.cold, cached: searched.cached },
      ...usage(ingested, searched, open.pricePerMillionTokens),
    },
    ndcgByQuery: exact.map(({ ndcgAt10 }) => ndcgAt10),
    // As JSON has no undefined.
    configuration: JSON.parse(JSON.stringify({ name, model, maxInputTokens: limits?.maxInputTokens })) as Json,
    versions: bench.versions,
    storeWarnings: bench.warnings,
    warnings,
  }
}

/** How many documents the model did not read to their end, where that is known. */
async function cutDocuments({ corpus, open, signal }: MeasureOptions): Promise<string[]> {
  const { name, embedder } = open
  const limit = embedder.limits?.maxInputTokens
  if (limit === undefined || embedder.countTokens === undefined) return []
  const breath = createBreath(signal)
  let cut = 0
  for (const { text } of corpus.documents) {
    await breath()
    if (embedder.countTokens(text) > limit) cut += 1
  }
  const of = `${cut} of ${corpus.documents.length} documents`
  return cut === 0 ? [] : [`${name}: ${of} are longer than the ${limit} tokens it reads, and were cut there`]
}

async function scoreExactly(
  { documents, queries }: CapturedVectors,
  { corpus, progress, signal }: MeasureOptions,
): Promise<QueryScores[]> {
  const search = exactSearch(documents)
  const breath = createBreath(signal)
  const scores: QueryScores[] = []
  for (const { text, judgements } of corpus.queries) {
    await breath()
    const vector = queries.get(text)
    scores.push(scoreQuery(vector === undefined ? [] : search.nearest(vector, 100), judgements))
    progress.update(scores.length)
  }
  return scores
}

type Usage = Pick<ComparedEmbedder, 'tokens' | 'tokensEstimated' | 'cost' | 'cacheHitRate'>

/** As the store counted it. */
function usage(ingested: IngestedCorpus, { stats }: SearchedCorpus, price: number | undefined): Usage {
  const tokens = ingested.earlierTokens + stats.tokens.reported + stats.tokens.estimated
  return {
    tokens,
    tokensEstimated: ingested.earlierEstimated || stats.tokens.estimated > 0,
    ...(price === undefined ? {} : { cost: { perMillionTokens: price, run: (tokens * price) / 1e6 } }),
    cacheHitRate: ingested.hitRate,
  }
}
