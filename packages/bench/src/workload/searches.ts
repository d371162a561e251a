import type { Store } from '@tandemstore/core'
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
  readonly queries: Iterable<string>
  readonly signal: AbortSignal
  readonly onSearched: (done: number) => void
}

/**
 * Searches for ten documents with one query after the other; each query is embedded, unless the store's cache holds
 * it.
 */
export async function measureSearches({ store, queries, signal, onSearched }: SearchRun): Promise<Latencies> {
  const breath = createBreath(signal)
  const durations: number[] = []
  for (const query of queries) {
    await breath()
    const start = performance.now()
    await store.search(ROOT, { query, limit: 10, signal })
    durations.push(performance.now() - start)
    onSearched(durations.length)
  }
  return summarizeLatencies(durations)
}
