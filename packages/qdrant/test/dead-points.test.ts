import { createStore } from '@tandemstore/core'
import type { VectorIndex } from '@tandemstore/core/adapter'
import { memoryKV } from '@tandemstore/core/memory'
import { fakeEmbedder, script } from '@tandemstore/testkit'
import { describe, expect, test } from 'vitest'
import { scratch, service } from './scratch.js'

describe.skipIf(service === undefined)(`finding and paging, on a Qdrant found by way of: ${service?.way}`, () => {
  const { index } = scratch('dead_points')

  async function filled(collection: string) {
    const vectors = script<VectorIndex>(index())
    const store = await createStore({
      collection,
      kv: memoryKV(),
      vectors: vectors.port,
      embedder: fakeEmbedder({ dimensions: 8 }),
      index: { fields: ['title'] },
      sync: 'manual',
    })
    const many = Array.from({ length: 1300 }, (_, i) => ({
      namespace: ['a'],
      key: `k${i}`,
      value: { title: `sea ${i % 50}` },
    }))
    await store.putMany(many)
    await store.put(['a'], 'live', { title: 'stone fire' })
    await store.flush()
    return { store, vectors, many }
  }

  test('a live document is found behind more dead ones than one query may ask for, in few queries', async () => {
    const { store, vectors, many } = await filled('dead')
    // Durable; the points go with the next flush.
    expect((await store.deleteMany(many)).failed).toEqual([])
    for (const limit of [1, 10, 1000]) {
      const before = vectors.callsOf('query').length
      const hits = await store.search(['a'], { query: 'sea', limit })
      expect(hits.map(({ document }) => document.key)).toEqual(['live'])
      expect(vectors.callsOf('query').length - before).toBeLessThanOrEqual(13)
    }
    await store.flush()
    await store.close()
  })

  test('pages lead to every document once, best first, behind 1,000 too', async () => {
    const { store } = await filled('pages')
    const keys: string[] = []
    const scores: number[] = []
    let cursor: string | undefined
    do {
      const page = await store.search(['a'], { query: 'sea 7', limit: 200, cursor })
      keys.push(...page.map(({ document }) => document.key))
      scores.push(...page.map(({ score }) => score))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(keys).toHaveLength(1301)
    expect(new Set(keys).size).toBe(1301)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    await store.close()
  })
})
