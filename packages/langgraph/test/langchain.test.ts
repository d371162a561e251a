import { Embeddings } from '@langchain/core/embeddings'
import { OpenAIEmbeddings } from '@langchain/openai'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { embedderSuite } from '@tandemstore/testkit'
import { type EmbeddingServer, startEmbeddingServer } from '@tandemstore/testkit/services'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fromLangChain, TandemStore } from '../src/index.js'

const model = 'text-embedding-3-small'
const openAI = (server: EmbeddingServer, apiKey = server.apiKey): OpenAIEmbeddings =>
  new OpenAIEmbeddings({ model, apiKey, configuration: { baseURL: server.openAIUrl } })

embedderSuite('fromLangChain, with OpenAIEmbeddings', async () => {
  const server = await startEmbeddingServer()
  return { embedder: fromLangChain(openAI(server), { model }), cleanup: () => server.close() }
})

const asDocument = { purpose: 'document' } as const
const plain = (parts: Partial<Record<'embedDocuments' | 'embedQuery', (given: never) => Promise<unknown>>> = {}) =>
  ({
    embedDocuments: async (texts: string[]) => texts.map(() => [1, 0]),
    embedQuery: async () => [0, 1],
    ...parts,
  }) as never

describe('fromLangChain', () => {
  let server: EmbeddingServer
  beforeEach(async () => {
    server = await startEmbeddingServer({ refuses: (text) => text.includes('forbidden') })
  })
  afterEach(() => server.close())

  it('says what the model is', () => {
    expect(fromLangChain(plain(), { model: 'm' })).toMatchObject({
      model: { provider: 'langchain', name: 'm' },
      dimensions: undefined,
      limits: { maxInputs: 100 },
    })
    expect(fromLangChain(plain(), { model: 'm', dimensions: 2, limits: { maxInputTokens: 5 } })).toMatchObject({
      model: { provider: 'langchain', name: 'm', options: { dimensions: 2 } },
      dimensions: 2,
      limits: { maxInputs: 100, maxInputTokens: 5 },
    })
    const small = new OpenAIEmbeddings({ model, apiKey: 'x', batchSize: 7 })
    expect(fromLangChain(small, { model }).limits?.maxInputs).toBe(7)
  })

  it.each([
    [{}, { model: 'm' }, 'embeddings'],
    [plain(), undefined, 'model'],
    [plain(), { model: '' }, 'model'],
    [plain(), { model: 'm', dimensions: 0.5 }, 'dimensions'],
  ])('refuses bad options: %#', (embeddings, options, field) => {
    expect(() => fromLangChain(embeddings as never, options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', field }),
    )
  })

  it('embeds queries as queries', async () => {
    const embedder = fromLangChain(plain(), { model: 'm' })
    expect(await embedder.embed(['a', 'b'], { purpose: 'query' })).toEqual({ vectors: [[0, 1], [0, 1]] }) // biome-ignore format: one line
    expect(await embedder.embed(['a'], asDocument)).toEqual({ vectors: [[1, 0]] })
  })

  it.each([
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 7000 },
    ],
    [
      { status: 429, code: 'insufficient_quota' },
      { code: 'RATE_LIMITED', setup: true, retryable: false },
    ],
    [{ status: 500 }, { code: 'UNAVAILABLE', retryable: true }],
    [{ status: 503 }, { code: 'UNAVAILABLE', retryable: true }],
    [{ status: 401 }, { code: 'AUTHENTICATION', retryable: false }],
    [{ status: 404 }, { code: 'CONFIGURATION', retryable: false }],
  ])('tells %o of OpenAI, after one request', async (fault, expected) => {
    server.next({ kind: 'error', ...fault })
    const embeddings = openAI(server)
    const embedder = fromLangChain(embeddings, { model })
    await expect(embedder.embed(['a'], asDocument)).rejects.toMatchObject(expected)
    expect(server.requests).toHaveLength(1)
    // Whoever else uses the embeddings goes on as before.
    server.next({ kind: 'error', status: 500 })
    expect(await embeddings.embedQuery('a')).toHaveLength(1536)
    expect(server.requests).toHaveLength(3)
  })

  it('tells a refused text and a server that is gone', async () => {
    const embedder = fromLangChain(openAI(server), { model })
    await expect(embedder.embed(['a forbidden text'], asDocument)).rejects.toMatchObject({ code: 'EMBEDDING_FAILED' })
    await server.close()
    await expect(embedder.embed(['a'], asDocument)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true })
  })

  it.each([
    [
      Object.assign(new Error('x'), { response: { status: 429, headers: { 'retry-after': '2' } } }),
      { code: 'RATE_LIMITED', retryAfterMs: 2000 },
    ],
    [Object.assign(new Error('x'), { statusCode: 502 }), { code: 'UNAVAILABLE' }],
    [Object.assign(new Error('x'), { status_code: 400 }), { code: 'EMBEDDING_FAILED' }],
    [Object.assign(new Error('x'), { $metadata: { httpStatusCode: 403 } }), { code: 'AUTHENTICATION' }],
    [
      Object.assign(new Error('x'), { status: 429, code: 'insufficient_quota' }),
      { code: 'RATE_LIMITED', setup: true, retryable: false },
    ],
    [Object.assign(new Error('x'), { lc_error_code: 'MODEL_RATE_LIMIT' }), { code: 'RATE_LIMITED' }],
    [new DOMException('x', 'TimeoutError'), { code: 'TIMEOUT' }],
    [
      new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }),
      { code: 'UNAVAILABLE' },
    ],
    [new Error('what is this?'), { code: 'EMBEDDING_FAILED' }],
    ['a text', { code: 'EMBEDDING_FAILED' }],
  ])('reads errors of other clients: %#', async (error, expected) => {
    const embedder = fromLangChain(plain({ embedDocuments: () => Promise.reject(error) }), { model: 'm' })
    await expect(embedder.embed(['a'], asDocument)).rejects.toMatchObject({ ...expected, cause: error })
  })

  it('does not repeat the texts that a server repeats', async () => {
    const text = 'a secret that is long enough to be told from other words'
    const error = Object.assign(new Error(`400 cannot embed "${text}"`), { status: 400 })
    const embedder = fromLangChain(plain({ embedDocuments: () => Promise.reject(error) }), { model: 'm' })
    const failed = await Promise.resolve(embedder.embed([text], asDocument)).catch((each: Error) => each.message)
    expect(failed).toBe('Embedding with m failed: 400 cannot embed "[text]"')
  })

  it('takes empty vectors for an outage', async () => {
    const embedder = fromLangChain(plain({ embedDocuments: async () => [[1], []] }), { model: 'm' })
    await expect(embedder.embed(['a', 'b'], asDocument)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('stops waiting when it is aborted', async () => {
    const embedder = fromLangChain(plain({ embedDocuments: () => new Promise(() => {}) }), { model: 'm' })
    const controller = new AbortController()
    const call = embedder.embed(['a'], { ...asDocument, signal: controller.signal })
    controller.abort()
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('takes embeddings whose class has private members', async () => {
    class Private extends Embeddings {
      readonly #answer = [1, 0]
      async embedDocuments(texts: string[]): Promise<number[][]> {
        return this.caller.call(async () => texts.map(() => this.#answer))
      }
      async embedQuery(): Promise<number[]> {
        return this.#answered()
      }
      #answered(): number[] {
        return this.#answer
      }
    }
    for (const purpose of ['document', 'query'] as const) {
      const embedder = fromLangChain(new Private({}), { model: 'm' })
      expect(await embedder.embed(['a'], { purpose })).toEqual({ vectors: [[1, 0]] })
    }
  })

  it('gives a store what LangGraph calls its index', async () => {
    const store = new TandemStore({
      collection: 'openai',
      kv: memoryKV(),
      vectors: memoryIndex(),
      index: { dims: 1536, embeddings: openAI(server), model, fields: ['text'] },
    })
    await store.batch(
      Array.from({ length: 1000 }, (_, i) => ({ namespace: ['n'], key: `${i}`, value: { text: `item ${i}` } })),
    )
    // Ten, where nothing else keeps the processor busy.
    expect(server.requests.length).toBeLessThan(200)
    expect(await store.search(['n'], { query: 'item 7', limit: 3 })).toHaveLength(3)
    await store.stop()
  })
})
