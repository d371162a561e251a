import { createStore, StoreError } from '@tandemstore/core'
import type { Embedder, EmbeddingCache, VectorIndex } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import type { Corpus } from '../corpus/corpus.js'
import { createBreath } from '../workload/waiting.js'

export interface CapturedVectors {
  readonly dimensions: number
  /** By document; none for one that cannot be embedded. */
  readonly documents: ReadonlyMap<string, readonly Float32Array[]>
  /** By the text of the query; none for one that cannot be embedded. */
  readonly queries: ReadonlyMap<string, Float32Array>
}

export interface CaptureOptions {
  readonly corpus: Corpus
  readonly embedder: Embedder
  /** Holds the vectors already, if they were made before. */
  readonly cache: EmbeddingCache
  readonly onTooLong: 'truncate' | 'chunk'
  readonly signal: AbortSignal
}

/**
 * The very vectors that a store makes of a corpus: cut, batched and checked by core, and picked up where an index
 * would take them.
 */
export async function captureVectors(options: CaptureOptions): Promise<CapturedVectors> {
  const { corpus, embedder, cache, onTooLong, signal } = options
  const documents = new Map<string, readonly Float32Array[]>()
  const queries = new Map<string, Float32Array>()
  let dimensions = 0
  let asked: Float32Array | undefined
  const memory = memoryIndex()
  const vectors: VectorIndex = {
    ...memory,
    open: async (space, callOptions) => {
      dimensions = space.dimensions ?? 0
      const opened = await memory.open(space, callOptions)
      return {
        ...opened,
        replace: async (all) => {
          for (const { key, points } of all) {
            const id = corpus.documents[Number(key)]?.id
            if (id !== undefined)
              documents.set(
                id,
                points.flatMap(({ vector }) => (vector ? [vector] : [])),
              )
          }
          return all.map(() => 'done')
        },
        query: async ({ vector }) => {
          asked = vector
          return { matches: [], more: false }
        },
      }
    },
  }
  const store = await createStore({
    collection: 'capture',
    kv: memoryKV(),
    vectors,
    embedder,
    cache,
    index: { fields: ['text'] },
    embedding: { onTooLong },
    sync: 'wait',
  })
  // What cannot be embedded was told when the store under test took it.
  store.on('indexFailed', () => {})
  try {
    const all = corpus.documents.map(({ text }, i) => ({ namespace: ['corpus'], key: String(i), value: { text } }))
    const { failed } = await store.putMany(all, { signal })
    for (const { error } of failed) if (error.code !== 'EMBEDDING_FAILED') throw error
    const breath = createBreath(signal)
    for (const text of new Set(corpus.queries.map((query) => query.text))) {
      await breath()
      try {
        await store.search(['corpus'], { query: text, signal })
      } catch (error) {
        if (StoreError.isInstance(error) && error.code === 'EMBEDDING_FAILED') continue
        throw error
      }
      if (asked !== undefined) queries.set(text, asked)
    }
  } finally {
    await store.close({ timeoutMs: 1000 })
  }
  return { dimensions, documents, queries }
}
