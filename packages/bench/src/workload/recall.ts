import type { Store } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { mean } from '../metrics/estimates.js'
import { exactSearch } from '../metrics/exact-search.js'
import { recallOfIndex } from '../metrics/recall-of-index.js'
import { ROOT, refOf } from './searches.js'
import { createBreath } from './waiting.js'

const LIMIT = 10
/** Documents of one call that reads vectors. */
const READ = 500

export interface RecallRun {
  readonly store: Store
  readonly embedder: Embedder
  readonly documents: number
  readonly queries: readonly string[]
  readonly signal: AbortSignal
  readonly onSearched: (done: number) => void
}

/** Which part of the ten nearest documents a search by vector finds: a comparison with every vector that is stored. */
export async function measureRecall(run: RecallRun): Promise<number> {
  const { store, embedder, queries, signal, onSearched } = run
  const exact = exactSearch(await storedVectors(run))
  const breath = createBreath(signal)
  const recalls: number[] = []
  for (const query of queries) {
    await breath()
    const [vector] = (await embedder.embed([query], { purpose: 'query', signal })).vectors
    if (vector === undefined) throw new Error('The embedder gave no vector for a query')
    const hits = await store.search(ROOT, { vector, limit: LIMIT, signal })
    const scored = hits.map(({ score = 0 }) => ({ score }))
    recalls.push(recallOfIndex(scored, exact.best(Float32Array.from(vector), LIMIT)))
    onSearched(recalls.length)
  }
  return mean(recalls)
}

/**
 * Lets an approximate index group all its vectors. The file's thread does one step of that, a hundred vectors, before
 * each call: to copy, train and group takes three times as many steps as there are hundreds of vectors, at most.
 */
export async function waitUntilGrouped(store: Store, documents: number, signal: AbortSignal): Promise<void> {
  // The first search begins the copy.
  await store.search(ROOT, { query: 'begin', mode: 'vector', limit: 1, signal })
  for (let calls = 0; calls < 100 + documents / 10; calls += 1) await store.get(ROOT, 'none', { signal })
}

async function storedVectors({ store, documents, signal }: RecallRun): Promise<Map<string, Float32Array[]>> {
  const stored = new Map<string, Float32Array[]>()
  for (let first = 0; first < documents; first += READ) {
    const refs = Array.from({ length: Math.min(READ, documents - first) }, (_, i) => refOf(first + i))
    const parts = await store.parts(refs, { vectors: true, signal })
    for (const [i, of] of parts.entries())
      stored.set(
        refs[i]?.key ?? '',
        of.flatMap(({ vector }) => (vector === undefined ? [] : [Float32Array.from(vector)])),
      )
  }
  return stored
}
