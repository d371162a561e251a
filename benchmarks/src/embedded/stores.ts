import { createStore, type Store } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'
import { DIMENSIONS, makeDocument, someVector, vectorAt } from './data.ts'

/** A store over a file; what it embeds are the numbers of vectors that were made before. */
export function openStore(
  path: string,
  options: { readonly vectors?: Float32Array; readonly maxBytes?: number } = {},
): Promise<Store> {
  const { vectors, maxBytes } = options
  const embedder: Embedder = {
    model: { provider: 'bench', name: 'given' },
    dimensions: DIMENSIONS,
    embed: (texts) => ({
      vectors: texts.map((text) => (vectors === undefined ? someVector() : vectorAt(vectors, Number(text)).slice())),
    }),
  }
  return createStore({
    collection: 'bench',
    ...sqlite({ path, ...(maxBytes !== undefined && { memory: { maxBytes } }) }),
    embedder,
    index: { fields: ['text'], filterable: { group: 'integer' } },
  })
}

export async function fill(store: Store, count: number): Promise<number> {
  const start = performance.now()
  const { indexed } = await store.putMany(
    (function* () {
      for (let i = 0; i < count; i += 1) yield makeDocument(i)
    })(),
  )
  if ((await indexed) !== count) throw new Error('Not every document is searchable')
  return (count * 1000) / (performance.now() - start)
}
