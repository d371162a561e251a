import { afterEach, describe, expect, it, vi } from 'vitest'
import { createStore, passages, StoreError, type StoreOptions } from '../../src/index.js'
import { memoryIndex, memoryKV } from '../../src/memory/index.js'
import type { Reranker } from '../../src/ports/reranker.js'

const words = (text: string) => text.toLowerCase().match(/\w+/g) ?? []

/** Near what shares letters. */
const embedder = {
  model: { provider: 'test', name: 'letters' },
  dimensions: 26,
  embed: (texts: readonly string[]) => ({
    vectors: texts.map((text) => {
      const counts = new Float32Array(26).fill(0.01)
      for (const letter of text.toLowerCase().match(/[a-z]/g) ?? []) {
        const at = letter.charCodeAt(0) - 97
        counts[at] = (counts[at] as number) + 1
      }
      return counts
    }),
  }),
}

/** What says "best" is best: something that neither leg knows. */
const reranker = {
  name: 'test/best',
  rerank: vi.fn<Reranker['rerank']>((_, texts) =>
    texts.map((text) => words(text).filter((word) => word === 'best').length / 10),
  ),
}
afterEach(() => {
  reranker.rerank.mockClear()
})

const documents = ['tea', 'tea best', 'tea tea tea', 'tea best best', 'tea and biscuits', 'coffee best best best']
async function open(more: Partial<StoreOptions> = {}) {
  const store = await createStore({
    collection: 'reranked',
    kv: memoryKV(),
    vectors: memoryIndex(),
    embedder,
    reranker,
    index: { fields: ['text'], keywords: true },
    ...more,
  })
  await store.putMany(
    documents.map((text, i) => ({ namespace: ['n'], key: `d${i}`, value: { text } })),
    { sync: 'wait' },
  )
  return store
}
const texts = (hits: readonly { document: { value: object } }[]) =>
  hits.map(({ document }) => (document.value as { text: string }).text)

describe.each(['hybrid', 'vector', 'keyword'] as const)('search in mode %s with rerank', (mode) => {
  it('puts the candidates in the order of the reranker, by the text that matched', async () => {
    await using store = await open()
    const plain = await store.search(['n'], { query: 'tea', mode, limit: 6 })
    expect(reranker.rerank).not.toHaveBeenCalled()
    const hits = await store.search(['n'], { query: 'tea', mode, limit: 2, rerank: true })
    expect(reranker.rerank.mock.calls[0]?.slice(0, 2)).toEqual(['tea', texts(plain)])
    expect(texts(hits)).toEqual(
      mode === 'keyword' ? ['tea best best', 'tea best'] : ['coffee best best best', 'tea best best'],
    )
    for (const { score, scores, document } of hits) {
      expect(scores.rerank).toBe(score)
      expect({ ...scores, rerank: undefined }).toEqual({
        ...plain.find((each) => each.document.key === document.key)?.scores,
        rerank: undefined,
      })
    }
    expect(hits.cursor).toBeUndefined()
  })

  it('reranks so many candidates, and gives pages among them by offset', async () => {
    await using store = await open()
    const best = texts(await store.search(['n'], { query: 'tea', mode, limit: 3 }))
    const hits = await store.search(['n'], { query: 'tea', mode, limit: 3, rerank: { candidates: 3 } })
    expect(texts(hits).sort()).toEqual(best.sort())
    const second = await store.search(['n'], { query: 'tea', mode, limit: 2, offset: 1, rerank: { candidates: 3 } })
    expect(texts(second)).toEqual(texts(hits).slice(1))
  })
})

describe('search with rerank', () => {
  it('holds minScore against the score of the reranker', async () => {
    await using store = await open()
    const hits = await store.search(['n'], { query: 'tea', rerank: true, minScore: 0.2 })
    expect(texts(hits)).toEqual(['coffee best best best', 'tea best best'])
  })

  it('keeps the order, and says so once, when the reranker fails; or throws', async () => {
    await using store = await open()
    const told = vi.fn()
    store.on('rerankFailed', told)
    const plain = await store.search(['n'], { query: 'tea', limit: 4, minScore: 0.1 })
    reranker.rerank.mockImplementation(() => {
      throw new StoreError('AUTHENTICATION', 'no key')
    })
    for (let i = 0; i < 2; i += 1)
      expect(await store.search(['n'], { query: 'tea', limit: 4, minScore: 0.1, rerank: true })).toEqual(plain)
    expect(told).toHaveBeenCalledTimes(1)
    const refused = store.search(['n'], { query: 'tea', rerank: true, degrade: false })
    await expect(refused).rejects.toMatchObject({ code: 'AUTHENTICATION' })
    const { reranker: stats, latency } = await store.stats()
    expect(stats).toMatchObject({
      name: 'test/best',
      searches: { reranked: 0, degraded: 3 },
      calls: { made: 3, failed: 3 },
    })
    expect(latency.rerank.count).toBe(0)
  })

  it('gives passages what it found, best first', async () => {
    reranker.rerank.mockImplementation((_, given) =>
      given.map((text) => words(text).filter((word) => word === 'best').length),
    )
    await using store = await open()
    const hits = await store.search(['n'], { query: 'tea', rerank: true, limit: 2 })
    expect(passages(hits, { maxTokens: 100 })).toEqual({
      text: '[1] coffee best best best\n\n[2] tea best best',
      sources: [
        { namespace: ['n'], key: 'd5', field: 'text', part: 0 },
        { namespace: ['n'], key: 'd3', field: 'text', part: 0 },
      ],
    })
  })

  it.each([
    ['options.rerank', { vector: new Float32Array(26).fill(1), rerank: true }],
    ['options.rerank', { query: 'tea', rerank: 'yes' }],
    ['options.rerank.candidates', { query: 'tea', rerank: { candidates: 0 } }],
    ['options.rerank.candidates', { query: 'tea', limit: 20, offset: 10, rerank: { candidates: 29 } }],
    ['options.rerank.top', { query: 'tea', rerank: { top: 3 } }],
    ['options.cursor', { query: 'tea', rerank: true, cursor: 'x' }],
    ['options.unscored', { query: 'tea', rerank: true, unscored: 'append' }],
  ])('refuses a wrong %s', async (field, options) => {
    await using store = await open()
    await expect(store.search(['n'], options as never)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field })
  })

  it('is refused by a store without a reranker, and a wrong reranker by createStore', async () => {
    await using store = await open({ reranker: undefined })
    await expect(store.search(['n'], { query: 'tea', rerank: true })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
    expect(await store.search(['n'], { query: 'tea', rerank: false, limit: 1 })).toHaveLength(1)
    for (const wrong of [{ name: '', rerank: () => [] }, { name: 'x' }])
      await expect(open({ reranker: wrong as never })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        field: 'reranker',
      })
    await expect(open({ reranking: { retries: -1 } })).rejects.toMatchObject({ field: 'reranking.retries' })
    await expect(open({ reranking: { cache: true } as never })).rejects.toMatchObject({ field: 'reranking.cache' })
  })
})
