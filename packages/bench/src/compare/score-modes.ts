import { createStore, type SearchOptions, type Store, StoreError } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { quality } from '../metrics/estimates.js'
import { toRanking } from '../metrics/ranking.js'
import { type QueryScores, scoreQuery } from '../metrics/scores.js'
import type { ComparedMode, ComparedModes } from '../result.js'
import { createBreath } from '../workload/waiting.js'
import type { MeasureOptions } from './measure-embedder.js'
import { pairedTest } from './significance.js'

const NAMESPACE = ['corpus']
/** As deep as the deepest score looks. */
const SCORED_LIMIT = 100
/** What `search({ rerank: true })` reranks. */
const RERANKED = 50

type ModesStore = Store<{ readonly text: string }>
type Rankings = ReadonlyMap<string, readonly string[]>

/**
 * Scores searches by words, by words and meaning, and reranked, with the same vectors that `byVector` was scored with.
 * They are searches of a store in memory, whose index is exact.
 *
 * @param byVector Scores of exact search by vector, in the order of the corpus' queries.
 */
export async function scoreModes(
  options: MeasureOptions,
  byVector: readonly QueryScores[],
  warnings: string[],
): Promise<ComparedModes | undefined> {
  const { corpus, open, modes, reranker, seed, progress } = options
  const wanted = modes.filter((mode) => mode !== 'vector')
  if (wanted.length === 0) return undefined
  const store = await openModesStore(options)
  try {
    const scored: { [Mode in ComparedMode]?: ComparedModes[Mode] } = {}
    const score = (mode: ComparedMode, rankings: Rankings): void => {
      const scores = corpus.queries.map(({ text, judgements }) => scoreQuery(rankings.get(text) ?? [], judgements))
      const [ours, base] = [scores, byVector].map((all) => all.map(({ ndcgAt10 }) => ndcgAt10)) as [number[], number[]]
      scored[mode] = { ...quality(scores, seed), significance: pairedTest(ours, base, seed) }
    }
    for (const mode of wanted) {
      progress.begin(`${open.name}: ${mode} searches`, corpus.queries.length, 'searches')
      const rankings = await rankAll(store, options, { mode, limit: SCORED_LIMIT })
      score(mode, rankings)
      if (mode !== 'hybrid' || reranker === undefined) continue
      progress.begin(`${open.name}: reranked searches`, corpus.queries.length, 'searches')
      const reranked = await rerankAll(store, options, rankings)
      if (StoreError.isInstance(reranked))
        warnings.push(`${open.name}: ${reranker.name} failed, so reranking was not scored: ${reranked.message}`)
      else score('reranked', reranked)
    }
    return scored
  } finally {
    await store.close({ timeoutMs: 1000 })
  }
}

/** With every document of the corpus. Vectors come from the cache. */
async function openModesStore(options: MeasureOptions): Promise<ModesStore> {
  const { corpus, open, state, onTooLong, language, reranker, signal } = options
  const store = await createStore<{ readonly text: string }>({
    collection: 'modes',
    kv: memoryKV(),
    vectors: memoryIndex(),
    embedder: open.embedder,
    cache: state.cache,
    reranker,
    index: { fields: ['text'], keywords: { language } },
    embedding: { onTooLong },
    sync: 'wait',
  })
  // What cannot be embedded was told when the store under test took it.
  store.on('indexFailed', () => {})
  store.on('searchDegraded', () => {})
  try {
    const all = corpus.documents.map(({ text }, i) => ({ namespace: NAMESPACE, key: String(i), value: { text } }))
    const { failed } = await store.putMany(all, { signal })
    for (const { error } of failed) if (error.code !== 'EMBEDDING_FAILED') throw error
    return store
  } catch (error) {
    await store.close({ timeoutMs: 1000 })
    throw error
  }
}

/** What a search with each text of a query finds. */
async function rankAll(
  store: ModesStore,
  { corpus, progress, signal }: MeasureOptions,
  search: SearchOptions,
  goOn: () => boolean = () => true,
): Promise<Rankings> {
  const breath = createBreath(signal)
  const rankings = new Map<string, readonly string[]>()
  for (const query of new Set(corpus.queries.map(({ text }) => text))) {
    await breath()
    if (!goOn()) break
    try {
      const hits = await store.search(NAMESPACE, { ...search, query, signal })
      const scored = hits.map(({ document, score = 0 }) => ({
        id: corpus.documents[Number(document.key)]?.id ?? '',
        score,
      }))
      rankings.set(query, toRanking(scored))
    } catch (error) {
      // A query that the model refuses scores 0, which was told when it was searched for by vector.
      if (!StoreError.isInstance(error) || error.code !== 'EMBEDDING_FAILED') throw error
      rankings.set(query, [])
    }
    progress.update(rankings.size)
  }
  return rankings
}

/** The best in the reranker's order, and behind them the rest of the hybrid search. A failure of the reranker ends it. */
async function rerankAll(store: ModesStore, options: MeasureOptions, hybrid: Rankings): Promise<Rankings | StoreError> {
  let failure: StoreError | undefined
  store.on('rerankFailed', ({ error }) => {
    failure ??= error
  })
  const search = { mode: 'hybrid', rerank: { candidates: RERANKED }, limit: RERANKED } as const
  const best = await rankAll(store, options, search, () => failure === undefined)
  if (failure !== undefined) return failure
  return new Map(
    [...hybrid].map(([query, ranking]) => {
      const first = best.get(query) ?? []
      const known = new Set(first)
      return [query, [...first, ...ranking.filter((id) => !known.has(id))]]
    }),
  )
}
