import { createStore, type Language, StoreError } from '@tandemstore/core'
import type { Reranker } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'

/**
 * Opens a store with these options, so that a wrong one is told before anything is embedded.
 *
 * @throws StoreError CONFIGURATION for a language that core does not know, and a reranker that is none.
 */
export async function checkWords(language: Language | undefined, reranker?: Reranker): Promise<void> {
  try {
    const store = await createStore({
      collection: 'check',
      kv: memoryKV(),
      vectors: memoryIndex(),
      reranker,
      index: { keywords: { language } },
    })
    await store.close()
  } catch (error) {
    if (!StoreError.isInstance(error)) throw error
    throw new StoreError('CONFIGURATION', error.message, { field: error.field, cause: error })
  }
}
