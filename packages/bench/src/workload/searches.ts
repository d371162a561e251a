import type { SearchMode, Store } from '@tandemstore/core'
import { summarizeLatencies } from '../latency.js'
import type { Latencies } from '../result.js'
import { createBreath } from './waiting.js'

/** Every document of a benchmark lies below this, in a few namespaces. */
export const ROOT = ['bench'] as const
const NAMESPACES = 10

/** Where the document of a number is kept. */
export function refOf(number: number): { readonly namespace: readonly string[]; readonly key: string } {
  return { namespace: [...ROOT, `n${number % NAMESPACES}`], key: `document-${number}` }
}

export interface SearchRun {
  readonly store: Store
  /** Searches that are made in turns. */
  readonly queries: readonly { readonly mode: SearchMode; readonly texts: readonly string[] }[]
  readonly signal: AbortSignal
  readonly onSearched: (done: number) => void
}

/**
 * Searches for ten documents with one query after the other, by mode. Each query is embedded, unless the mode is
 * `keyword` or the store's cache holds it.
 */
export async function measureSearches(run: SearchRun): Promise<ReadonlyMap<SearchMode, Latencies>> {
  const { store, queries, signal, onSearched } = run
  const breath = createBreath(signal)
  const durations = new Map<SearchMode, number[]>(queries.map(({ mode }) => [mode, []]))
  const turns = Math.max(...queries.map(({ texts }) => texts.length))
  for (let turn = 0; turn < turns; turn += 1) {
    for (const { mode, texts } of queries) {
      const query = texts[turn]
      if (query === undefined) continue
      await breath()
      const start = performance.now()
      await store.search(ROOT, { query, mode, limit: 10, signal })
      durations.get(mode)?.push(performance.now() - start)
    }
    onSearched(turn + 1)
  }
  return new Map([...durations].map(([mode, each]) => [mode, summarizeLatencies(each)]))
}
