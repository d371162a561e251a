import type { IncomingMessage, ServerResponse } from 'node:http'
import { createCohere } from '@ai-sdk/cohere'
import { LoadAPIKeyError, type RerankingModelV3, type RerankingModelV4 } from '@ai-sdk/provider'
import { StoreError } from '@tandemstore/core'
import { fakeReranker, rerankerSuite } from '@tandemstore/testkit'
import { startHttpServer } from '@tandemstore/testkit/services'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aiSdkReranker } from '../src/index.js'

interface RerankRequest {
  readonly query: string
  readonly documents: readonly string[]
  readonly top_n?: number
}

const bodyOf = async (request: IncomingMessage) =>
  JSON.parse((await request.setEncoding('utf8').toArray()).join('')) as RerankRequest
const answer = (response: ServerResponse, status: number, body: unknown, headers = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

/** The answer of Cohere's API: the best ten unless asked for more, best first. */
async function rank({ query, documents, top_n = 10 }: RerankRequest) {
  const scores = await fakeReranker().rerank(query, documents, {})
  const results = scores.map((score, index) => ({ index, relevance_score: score }))
  return { id: '1', results: results.sort((a, b) => b.relevance_score - a.relevance_score).slice(0, top_n), meta: {} }
}

const modelAt = (baseURL: string, apiKey = 'key') => createCohere({ baseURL, apiKey }).reranking('rerank-v3.5')
const serve = () =>
  startHttpServer(async (request, response) => answer(response, 200, await rank(await bodyOf(request))))

rerankerSuite('aiSdkReranker, v4, by the provider of Cohere', async () => {
  const server = await serve()
  return { reranker: aiSdkReranker({ model: modelAt(server.url) }), cleanup: () => server.close() }
})

/** A model that gives the ranking it is told to, or ranks as the fake does. */
const fakeModel = (ranking?: { index: number; relevanceScore: number }[] | Error): RerankingModelV4 => ({
  specificationVersion: 'v4',
  provider: 'fake',
  modelId: 'model',
  doRerank: async ({ query, documents }) => {
    if (ranking instanceof Error) throw ranking
    const { results } = await rank({ query, documents: documents.values as string[], top_n: 1000 })
    return {
      ranking: ranking ?? results.map(({ index, relevance_score }) => ({ index, relevanceScore: relevance_score })),
    }
  },
})

rerankerSuite('aiSdkReranker, v3', async () => {
  const model: RerankingModelV3 = { ...fakeModel(), specificationVersion: 'v3' } as never
  return { reranker: aiSdkReranker({ model, limits: { maxInputs: 20 } }) }
})

describe('aiSdkReranker, by its options', () => {
  it('says what it is, and passes on what the provider shall be told', async () => {
    const seen: unknown[] = []
    const model: RerankingModelV4 = {
      ...fakeModel(),
      doRerank: async (options) => {
        seen.push(options)
        return { ranking: [{ index: 0, relevanceScore: 1 }] }
      },
    }
    const providerOptions = { fake: { priority: 1 } }
    const reranker = aiSdkReranker({ model, providerOptions, limits: { maxInputs: 5 } })
    expect(reranker).toMatchObject({ name: 'fake/model', limits: { maxInputs: 5 } })
    expect(await reranker.rerank('q', ['a'], {})).toEqual([1])
    expect(seen).toEqual([{ query: 'q', documents: { type: 'text', values: ['a'] }, topN: 1, providerOptions }])
  })

  it.each([undefined, { model: 'cohere/rerank-v3.5' }, { model: {} }])('refuses %j', (options) => {
    expect(() => aiSdkReranker((options ?? {}) as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', field: 'model' }),
    )
  })
})

describe('aiSdkReranker, by how a call fails', () => {
  let reply: (request: IncomingMessage, response: ServerResponse) => unknown
  let server: Awaited<ReturnType<typeof startHttpServer>>
  beforeEach(async () => {
    server = await startHttpServer((request, response) => void reply(request, response))
  })
  afterEach(() => server.close())

  async function errorOf(texts = ['a', 'b'], signal?: AbortSignal): Promise<StoreError> {
    const call = async () => aiSdkReranker({ model: modelAt(server.url) }).rerank('what?', texts, { signal })
    const error = await call().catch((thrown: unknown) => thrown)
    expect(StoreError.isInstance(error), String(error)).toBe(true)
    expect(server.requests.length, 'core tries again, not the SDK').toBeLessThanOrEqual(1)
    return error as StoreError
  }

  it.each([
    [401, 'AUTHENTICATION', false],
    [403, 'AUTHENTICATION', false],
    [404, 'CONFIGURATION', false],
    [400, 'RERANK_FAILED', false],
    [422, 'RERANK_FAILED', false],
    [408, 'TIMEOUT', true],
    [429, 'RATE_LIMITED', true],
    [500, 'UNAVAILABLE', true],
  ])('takes %i for %s', async (status, code, retryable) => {
    reply = (_, response) => answer(response, status, { message: 'because' }, { 'retry-after': '2' })
    const error = await errorOf()
    expect(error).toMatchObject({ code, retryable, message: expect.stringContaining('because') })
    if (status === 429) expect(error.retryAfterMs).toBe(2000)
  })

  it('shows neither query nor text that the server repeats', async () => {
    reply = async (request, response) =>
      answer(response, 422, { message: `Bad: ${JSON.stringify(await bodyOf(request))}` })
    const error = await errorOf(['MY SECRET plans for the coming quarter'])
    expect(error.message).toContain('Bad')
    expect(error.message).not.toContain('SECRET')
  })

  it('takes an answer of another form, or none, for UNAVAILABLE', async () => {
    reply = (_, response) => answer(response, 200, { ranking: [] })
    expect(await errorOf()).toMatchObject({ code: 'UNAVAILABLE', setup: true })
    await server.close()
    const gone = async () => aiSdkReranker({ model: modelAt(server.url) }).rerank('q', ['a'], {})
    await expect(gone()).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true })
  })

  it('is aborted while it waits, with the reason', async () => {
    const abort = new AbortController()
    reply = () => abort.abort(new Error('enough'))
    expect(await errorOf(['a'], abort.signal)).toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } })
  })

  const score = (index: number) => ({ index, relevanceScore: 0.5 })
  it.each([
    ['no score of text 1', [score(0)]],
    ['two scores of text 0', [score(0), score(0)]],
    ['a score of text 2, and there are 2', [score(0), score(1), score(2)]],
    ['a score of text -1', [score(-1), score(1)]],
  ])('takes %s for RERANK_FAILED', async (what, ranking) => {
    const reranker = aiSdkReranker({ model: fakeModel(ranking) })
    await expect(reranker.rerank('q', ['a', 'b'], {})).rejects.toMatchObject({
      code: 'RERANK_FAILED',
      message: expect.stringContaining(what),
    })
  })

  it.each([
    [new LoadAPIKeyError({ message: 'no key' }), 'CONFIGURATION'],
    [Object.assign(new Error('slow'), { name: 'TimeoutError' }), 'TIMEOUT'],
    [new Error('anything'), 'RERANK_FAILED'],
  ])('takes %s of a provider for %s', async (thrown, code) => {
    const reranker = aiSdkReranker({ model: fakeModel(thrown) })
    await expect(reranker.rerank('q', ['a'], {})).rejects.toMatchObject({ code, cause: thrown })
  })
})
