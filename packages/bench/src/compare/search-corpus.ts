import { type ModelStats, StoreError } from '@tandemstore/core'
import { summarizeLatencies } from '../latency.js'
import { toRanking } from '../metrics/ranking.js'
import type { Latencies } from '../result.js'
import { createBreath } from '../workload/waiting.js'
import { type CorpusStore, NAMESPACE, statsOf } from './ingest-corpus.js'
import type { MeasureOptions } from './measure-embedder.js'

export interface SearchedCorpus {
  readonly cold: Latencies
  readonly cached: Latencies
  /** Ids of the documents found, by the text of the query; none for one that cannot be embedded. */
  readonly rankings: ReadonlyMap<string, readonly string[]>
  /** Before the searches that are only scored, which nobody but a benchmark makes. */
  readonly stats: ModelStats
}

/** What a search that is timed asks for, as an application would. */
export const TIMED_LIMIT = 10
/** As deep as the deepest score looks. */
const SCORED_LIMIT = 100

/**
 * Searches with each text of a query, one after another: timed before and after its vector is cached, and once more,
 * deeper, to be scored.
 */
export async function searchCorpus(
  store: CorpusStore,
  { corpus, open, progress, signal }: MeasureOptions,
  warnings: string[],
): Promise<SearchedCorpus> {
  const { name } = open
  // Each text is cold only once.
  const texts = [...new Set(corpus.queries.map(({ text }) => text))]
  let refused: StoreError | undefined
  const search = async (what: string, among: readonly string[], limit: number) => {
    progress.begin(`${name}: ${what} searches`, among.length, 'searches')
    const breath = createBreath(signal)
    const found = new Map<string, { readonly ids: readonly string[]; readonly ms: number }>()
    for (const [done, query] of among.entries()) {
      await breath()
      const start = performance.now()
      try {
        const hits = await store.search(NAMESPACE, { query, limit, signal })
        const ms = performance.now() - start
        const scored = hits.map(({ document, score }) => ({
          id: corpus.documents[Number(document.key)]?.id ?? '',
          score,
        }))
        found.set(query, { ids: toRanking(scored), ms })
      } catch (error) {
        if (!StoreError.isInstance(error) || error.code !== 'EMBEDDING_FAILED') throw error
        refused = error
      }
      progress.update(done + 1)
    }
    return found
  }
  const latencies = (found: Awaited<ReturnType<typeof search>>) =>
    summarizeLatencies([...found.values()].map(({ ms }) => ms))

  // Not measured: what the first search of a process has to load and compile.
  await store.search(NAMESPACE, { query: 'warm up', limit: TIMED_LIMIT, signal })
  const cold = await search('cold', texts, TIMED_LIMIT)
  const usable = [...cold.keys()]
  if (refused !== undefined) {
    const of = `${texts.length - usable.length} of ${texts.length} queries`
    warnings.push(`${name}: ${of} cannot be embedded and score 0: ${refused.message}`)
  }
  const cached = await search('cached', usable, TIMED_LIMIT)
  const stats = await statsOf(store)
  const scored = await search('scored', usable, SCORED_LIMIT)
  return {
    cold: latencies(cold),
    cached: latencies(cached),
    rankings: new Map([...scored].map(([text, { ids }]) => [text, ids])),
    stats,
  }
}
