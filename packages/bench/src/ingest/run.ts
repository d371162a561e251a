import type { PutManyDocument, Store } from '@tandemstore/core'
import type { EmbeddingCache } from '@tandemstore/core/adapter'
import { summarizeLatencies } from '../latency.js'
import { count } from '../numbers.js'
import type { IngestRun } from '../result.js'
import { type BenchStore, openBenchStore } from '../store/open-store.js'
import { indexOf, modesOf } from '../workload/keywords.js'
import { measureRecall, waitUntilGrouped } from '../workload/recall.js'
import { measureSearches, refOf } from '../workload/searches.js'
import { startThroughput } from '../workload/throughput.js'
import { createBreath, raceAbort } from '../workload/waiting.js'
import type { Workload } from '../workload/workload.js'
import type { IngestOptions } from './ingest.js'

export interface RunOptions extends Workload, Pick<IngestOptions, 'sync' | 'searches'> {
  readonly kind: IngestRun['kind']
  readonly documents: number
  readonly cache: EmbeddingCache
  /** The number of the first query, so that no two runs with one cache ask the same. */
  readonly firstQuery: number
}

/** One row of the report, and the databases it was measured on. */
export interface MeasuredRun {
  readonly run: IngestRun
  readonly versions: BenchStore['versions']
  readonly warnings: BenchStore['warnings']
}

/** Fills an empty store, searches it and deletes it. The time ends when the last document is searchable. */
export async function measureRun(options: RunOptions): Promise<MeasuredRun> {
  const { place, embedder, cache, sync, kind, documents, signal, progress, searches, firstQuery, texts, keywords } =
    options
  const title = `${count(documents)} documents, ${kind}`
  progress.begin(`${title}: opening`, 1, 'stores')
  const bench = await openBenchStore({ ...place, embedder, cache, sync, index: indexOf(keywords), signal })
  try {
    const { store, versions, warnings } = bench
    const all = numbers(documents).map((number) => ({ ...refOf(number), value: { text: texts.document(number) } }))
    progress.begin(title, documents, 'documents')
    const throughput = startThroughput()
    const endListening = store.on('indexed', () => {
      throughput.add()
      progress.update(throughput.done)
    })
    await (kind === 'one-by-one' ? putOneByOne(store, all, signal) : putAll(store, all, options))
    endListening()
    const { durationMs, points } = throughput.end()
    const isApproximate = place.search === 'approximate'
    if (isApproximate) await waitUntilGrouped(store, documents, signal)
    progress.begin(`${title}: searches`, searches, 'searches')
    const queries = (first: number): string[] => numbers(searches, first).map((number) => texts.query(number))
    // A hybrid search embeds its query, which must not have been asked before. One by words embeds nothing.
    const [own, others] = [queries(firstQuery), queries(firstQuery + searches)]
    const found = await measureSearches({
      store,
      queries: modesOf(keywords).map((mode) => ({ mode, texts: mode === 'hybrid' ? others : own })),
      signal,
      onSearched: progress.update,
    })
    const recall = { store, embedder, documents, queries: own, signal, onSearched: progress.update }
    const recallAt10 = isApproximate && kind === 'cold' ? await measureRecall(recall) : undefined
    const [search, keyword, hybrid] = (['vector', 'keyword', 'hybrid'] as const).map((mode) => found.get(mode))
    const run = {
      documents,
      kind,
      durationMs,
      documentsPerSecond: (documents * 1000) / durationMs,
      throughput: points,
      search: search ?? summarizeLatencies([]),
      ...(keyword && hybrid && { wordSearch: { keyword, hybrid } }),
      ...(recallAt10 !== undefined && { recallAt10 }),
    }
    return { run, versions, warnings }
  } finally {
    progress.begin(`${title}: deleting`, 1, 'stores')
    await bench.remove()
  }
}

async function putAll(store: Store, all: readonly PutManyDocument[], { sync, signal }: RunOptions): Promise<void> {
  const { failed, indexed } = await store.putMany(all, { signal })
  const [first] = failed
  if (first !== undefined) throw first.error
  if (sync === 'manual') await store.flush({ signal })
  await raceAbort(indexed, signal)
}

/** The baseline: what one writes who knows nothing of batches. */
async function putOneByOne(store: Store, all: readonly PutManyDocument[], signal: AbortSignal): Promise<void> {
  const breath = createBreath(signal)
  for (const { namespace, key, value } of all) {
    await breath()
    const { indexed } = await store.put(namespace, key, value, { sync: 'background', signal })
    await raceAbort(indexed, signal)
  }
}

function numbers(count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, i) => first + i)
}
