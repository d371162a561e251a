import { createStore, StoreError } from '@tandemstore/core'
import type { Embedder, VectorIndex } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { describe, expect, test } from 'vitest'
import { watchEmbedder } from '../../src/compare/embedder-errors.js'
import { good } from './tea-corpus.js'

const index = memoryIndex()

/** An index that does not find anything, in its own way. */
function failingIndex(error: Error): VectorIndex {
  const fail = async () => {
    throw error
  }
  return { ...index, open: async (space, options) => ({ ...(await index.open(space, options)), query: fail }) }
}

/** What a search fails with, and whether that is blamed on the embedder. */
async function blamed(embedder: Embedder, vectors: VectorIndex = index, timeoutMs = 1000) {
  const watched = watchEmbedder(embedder)
  await using store = await createStore({
    collection: 'test',
    kv: memoryKV(),
    vectors,
    embedder: watched.embedder,
    embedding: { retries: 0, attemptTimeoutMs: timeoutMs },
  })
  const error = await store.search([], { query: 'tea' }).catch((each: unknown) => each)
  if (!StoreError.isInstance(error)) throw new Error(`Not refused: ${String(error)}`)
  return { code: error.code, byEmbedder: watched.caused(error) }
}

const failing = (error: Error): Embedder => ({
  ...good(),
  embed: async () => {
    throw error
  },
})

describe('an error is the embedder’s', () => {
  test.each(['UNAVAILABLE', 'RATE_LIMITED', 'AUTHENTICATION', 'CONFIGURATION'] as const)(
    'where it says %s, and not where the index does',
    async (code) => {
      const error = new StoreError(code, 'No more today', { retryable: false })
      expect(await blamed(failing(error))).toEqual({ code, byEmbedder: true })
      expect(await blamed(good(), failingIndex(error))).toEqual({ code, byEmbedder: false })
    },
  )

  test('where it throws something else, at once or later', async () => {
    expect(await blamed(failing(new TypeError('x is not a function')))).toMatchObject({ byEmbedder: true })
    const sync: Embedder = {
      ...good(),
      embed: () => {
        throw new TypeError('x is not a function')
      },
    }
    expect(await blamed(sync)).toMatchObject({ byEmbedder: true })
  })

  test('where it does not answer in time, or with what is no vector', async () => {
    const silent: Embedder = {
      ...good(),
      embed: (_, { signal }) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    }
    expect(await blamed(silent, index, 20)).toEqual({ code: 'TIMEOUT', byEmbedder: true })
    expect(await blamed({ ...good(), embed: async () => ({ vectors: [[1, 2]] }) })).toMatchObject({ byEmbedder: true })
  })
})

test('all else of the embedder stays as it is', async () => {
  const embedder = { ...good(), limits: { maxInputs: 3 }, countTokens: (text: string) => text.length }
  const watched = watchEmbedder(embedder).embedder
  expect(watched).toMatchObject({ model: embedder.model, dimensions: 64, limits: { maxInputs: 3 } })
  expect(watched.countTokens?.('four')).toBe(4)
  const { countTokens: _, ...without } = embedder
  expect(watchEmbedder(without).embedder).not.toHaveProperty('countTokens')
})
