import { keyvCache } from '@tandemstore/cache-keyv'
import type { EmbeddingCache } from '@tandemstore/core/adapter'
import { gemini } from '@tandemstore/embed-gemini'
import { openai } from '@tandemstore/embed-openai'
import type { EmbeddingAnswer, EmbeddingFault } from '@tandemstore/testkit/services'
import Keyv from 'keyv'
import { describe, expect, it, vi } from 'vitest'
import { notes, small, useEmbeddingServer } from './fixture.ts'

const fixture = useEmbeddingServer()
const change = (how: (data: NonNullable<EmbeddingAnswer['data']>) => unknown): EmbeddingFault => ({
  kind: 'change',
  change: ({ data = [], ...rest }) => ({ ...rest, data: how(data) }),
})
/** Each document is found by its own text, and best by that. */
async function expectAllFound(store: Awaited<ReturnType<typeof fixture.open>>, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const [hit] = await store.search(['notes'], { query: `note ${i}`, limit: 1 })
    expect(hit?.document.key).toBe(`${i}`)
    expect(hit?.score).toBeCloseTo(1, 5)
  }
}

describe('an answer that is wrong', () => {
  it.each<[string, EmbeddingFault]>([
    ['too few vectors', change((data) => data.slice(1))],
    ['too many vectors', change((data) => [...data, data[0]])],
    ['no vectors at all', { kind: 'change', change: () => ({}) }],
    ['the first half of the JSON', { kind: 'truncate' }],
    ['no JSON', { kind: 'change', change: () => 'gateway' }],
    ['a connection that breaks', { kind: 'drop' }],
  ])('by %s is asked for again', async (_, fault) => {
    const store = await fixture.open(fixture.wire.openai(small))
    fixture.server.next(fault)
    const { failed } = await store.putMany(notes(5), { sync: 'wait' })
    expect(failed).toEqual([])
    expect(fixture.server.requests).toHaveLength(2)
    await expectAllFound(store, 5)
  })

  it('only by its order gives each text its own vector', async () => {
    const store = await fixture.open(fixture.wire.openai(small))
    fixture.server.next(change((data) => [...data].reverse()))
    await store.putMany(notes(5), { sync: 'wait' })
    expect(fixture.server.requests).toHaveLength(1)
    await expectAllFound(store, 5)
  })

  const base64 = (numbers: readonly number[]) => Buffer.from(Float32Array.from(numbers).buffer).toString('base64')
  it.each([
    ['a NaN', base64([...Array(15).fill(0.25), Number.NaN]), 'EMBEDDING_FAILED'],
    ['an infinite number', base64([...Array(15).fill(0.25), Number.POSITIVE_INFINITY]), 'EMBEDDING_FAILED'],
    ['null for a number', [...Array(15).fill(0.25), null], 'EMBEDDING_FAILED'],
    ['no number', [], 'EMBEDDING_FAILED'],
  ])('by %s in one vector fails that document and no other', async (_, embedding, code) => {
    const store = await fixture.open(fixture.wire.openai(small))
    store.on('indexFailed', () => {})
    fixture.server.next(change((data) => data.map((each, i) => (i === 2 ? { ...each, embedding } : each))))
    const { written, failed } = await store.putMany(notes(5), { sync: 'wait' })
    expect(written).toBe(5)
    expect(failed).toMatchObject([{ key: '2', error: { code, retryable: false, key: '2' } }])
    expect((await store.health()).space?.points).toBe(4)
    // It may have been an accident, and is mended on request.
    await store.flush().catch(() => {})
    expect(await store.recover({ retryFailed: true })).toMatchObject({ projected: 1, failed: 0 })
    await expectAllFound(store, 5)
  })

  it('by another length in one vector keeps that document waiting, as no document is at fault for it', async () => {
    const store = await fixture.open(fixture.wire.openai(small))
    const blocked = vi.fn()
    store.on('indexBlocked', blocked)
    const embedding = base64(Array(8).fill(0.25))
    fixture.server.next(change((data) => data.map((each, i) => (i === 2 ? { ...each, embedding } : each))))
    const { written, failed } = await store.putMany(notes(5), { sync: 'wait' })
    expect(written).toBe(5)
    expect(failed).toMatchObject([{ key: '2', error: { code: 'MODEL_MISMATCH', retryable: false, key: '2' } }])
    expect(blocked).toHaveBeenCalledOnce()
    await store.flush()
    await expectAllFound(store, 5)
    expect(await store.health()).not.toHaveProperty('blocked')
  })

  it('to the first question, for the length of the vectors, is asked for again', async () => {
    fixture.server.next({ kind: 'error', status: 500 }, { kind: 'truncate' })
    const store = await fixture.open(fixture.wire.openai({ model: 'all-minilm' }))
    expect((await store.health()).space?.dimensions).toBe(384)
    expect(fixture.server.requests).toHaveLength(3)
  })
})

describe('what a text is for', () => {
  const asGemini = (model: string) =>
    gemini({ model, dimensions: 16, apiKey: fixture.server.apiKey, baseUrl: fixture.server.geminiUrl })
  const requestsSent = () => fixture.server.requests.flatMap(({ body }) => body.requests)

  it('is told to the model, and kept apart in the cache', async () => {
    const keyv = new Keyv()
    const cache = keyvCache({ keyv })
    const store = await fixture.open(asGemini('gemini-embedding-001'), { cache, sync: 'wait' })
    await store.put(['notes'], 'a', { text: 'one text' })
    for (let i = 0; i < 3; i += 1) await store.search(['notes'], { query: 'one text' })
    await store.put(['notes'], 'b', { text: 'one text' })
    const tasks = requestsSent().map(({ taskType }) => taskType)
    expect(tasks).toEqual(['RETRIEVAL_DOCUMENT', 'RETRIEVAL_QUERY'])
    expect((await store.stats()).embeddings?.cache).toMatchObject({ hits: 3, misses: 2, errors: 0 })
  })

  it('is told by words where the model wants those, and by the prefixes it is given', async () => {
    const first = await fixture.open(asGemini('gemini-embedding-2'), { sync: 'wait' })
    await first.put(['notes'], 'a', { text: 'one text' })
    await first.search(['notes'], { query: 'one text' })
    expect(requestsSent().map(({ content }) => content.parts[0].text)).toEqual([
      'title: none | text: one text',
      'task: search result | query: one text',
    ])
    const prefixes = { document: 'passage: ', query: 'query: ' }
    const second = await fixture.open(fixture.wire.openai({ ...small, prefixes }), { sync: 'wait' })
    await second.put(['notes'], 'b', { text: 'one text' })
    await second.search(['notes'], { query: 'one text' })
    expect(fixture.wire.sent.flatMap(({ texts }) => texts)).toEqual(['passage: one text', 'query: one text'])
  })
})

describe('a cache', () => {
  const failing = (method: 'getMany' | 'setMany' | 'both', how: () => Promise<never>): EmbeddingCache => ({
    name: 'failing',
    getMany: (keys) => (method === 'setMany' ? keys.map(() => undefined) : how()),
    setMany: () => (method === 'getMany' ? undefined : how()),
    clear: () => {},
    size: () => ({}),
  })

  it.each(['getMany', 'setMany', 'both'] as const)('that fails in %s fails no put and is counted', async (method) => {
    const cache = failing(method, () => Promise.reject(new Error('the disk is full')))
    const store = await fixture.open(fixture.wire.openai(small), { cache, sync: 'wait' })
    const errors: unknown[] = []
    store.on('embedding', (event) => {
      if (event.type === 'cache-error') errors.push(event.error)
    })
    const { failed } = await store.putMany(notes(50), { sync: 'wait' })
    expect(failed).toEqual([])
    await store.put(['notes'], 'more', { text: 'one more' })
    await expectAllFound(store, 3)
    const counted = (await store.stats()).embeddings?.cache.errors
    expect(counted).toBeGreaterThan(0)
    expect(errors).toHaveLength(counted as number)
  })

  it('that throws at once, or gives nonsense, is a miss, too', async () => {
    let at = 0
    // Each read is one error, and each write.
    const nonsense = [
      () => {
        throw new Error('not today')
      },
      () => [],
      () => ['text'],
      () => [new Float32Array(3)],
      () => undefined,
    ]
    const cache = {
      ...failing('both', () => Promise.reject(new Error('x'))),
      getMany: () => nonsense[at++ % nonsense.length]?.() as never,
    }
    const store = await fixture.open(fixture.wire.openai(small), { cache, sync: 'wait' })
    for (const { key, namespace, value } of notes(10)) await store.put(namespace, key, value)
    await expectAllFound(store, 10)
    expect((await store.stats()).embeddings?.cache).toMatchObject({ hits: 0, errors: 40 })
  })

  it('that never answers holds up one put by a second, and the next ones not at all', async () => {
    const never = new Promise<never>(() => {})
    const store = await fixture.open(fixture.wire.openai(small), {
      cache: failing('getMany', () => never),
      sync: 'wait',
    })
    await store.put(['notes'], '0', { text: 'note 0' })
    const { failed } = await store.putMany(notes(50), { sync: 'wait' })
    expect(failed).toEqual([])
    expect((await store.stats()).embeddings?.cache).toMatchObject({ hits: 0, errors: 1 })
  })

  it('on a Keyv whose store fails is told of, and fails no put', async () => {
    const broken = new Map()
    broken.get = () => {
      throw new Error('connection lost')
    }
    const cache = keyvCache({ keyv: new Keyv({ store: broken }) })
    const store = await fixture.open(fixture.wire.openai(small), { cache, sync: 'wait' })
    const { failed } = await store.putMany(notes(20), { sync: 'wait' })
    expect(failed).toEqual([])
    expect((await store.stats()).embeddings?.cache.errors).toBeGreaterThan(0)
  })
})

describe('the key', () => {
  it('that is missing is said before anything is opened or asked', () => {
    for (const name of ['OPENAI_API_KEY', 'GOOGLE_API_KEY', 'GEMINI_API_KEY']) vi.stubEnv(name, '')
    const error = expect.objectContaining({ code: 'CONFIGURATION', message: expect.stringMatching(/needs a key/) })
    expect(() => openai(small)).toThrow(error)
    expect(() => gemini({ model: 'gemini-embedding-001' })).toThrow(error)
    expect(fixture.server.requests).toHaveLength(0)
  })

  it('that is wrong is AUTHENTICATION for every document, after a few requests', async () => {
    const { server } = fixture
    const store = await fixture.open(openai({ ...small, apiKey: 'wrong', baseURL: server.openAIUrl }))
    store.on('indexFailed', () => {})
    const { failed } = await store.putMany(notes(500), { sync: 'wait' })
    expect(failed).toHaveLength(500)
    expect(new Set(failed.map(({ error }) => error.code))).toEqual(new Set(['AUTHENTICATION']))
    expect(server.requests.length).toBeLessThanOrEqual(10)
  })
})
