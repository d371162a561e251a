import { createStore } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'

/**
 * Embeds a word as a store would: loads the model, asks the provider, tries again where that may help, and checks the
 * vector.
 */
export async function tryEmbedder(embedder: Embedder, signal?: AbortSignal): Promise<void> {
  const embedding = { retries: 2 }
  await using store = await createStore({
    collection: 'try',
    kv: memoryKV(),
    vectors: memoryIndex(),
    embedder,
    embedding,
  })
  await store.search([], { query: 'word', signal })
}
