import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { createOpenAICompatible as createV2 } from '@ai-sdk/openai-compatible-v1'
import { createOpenAICompatible as createV3 } from '@ai-sdk/openai-compatible-v2'
import { type EmbeddingModelV4, LoadAPIKeyError, NoSuchModelError } from '@ai-sdk/provider'
import { StoreError } from '@tandemstore/core'
import { embedderSuite } from '@tandemstore/testkit'
import {
  type EmbeddingFault,
  type EmbeddingServer,
  startEmbeddingServer,
  startHttpServer,
} from '@tandemstore/testkit/services'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AiSdkModel, type AiSdkOptions, aiSdk } from '../src/index.js'

const versions = ['v2', 'v3', 'v4'] as const
type Version = (typeof versions)[number]

/** A model by the provider for OpenAI-compatible servers, in the version of the interface. */
function modelOf(
  server: Pick<EmbeddingServer, 'openAIUrl' | 'apiKey'>,
  version: Version,
  name = 'text-embedding-3-small',
  apiKey = server.apiKey,
): AiSdkModel {
  const settings = { name: 'test', apiKey, baseURL: server.openAIUrl }
  if (version === 'v2') return createV2(settings).textEmbeddingModel(name)
  if (version === 'v3') return createV3(settings).embeddingModel(name)
  return createOpenAICompatible(settings).embeddingModel(name)
}

for (const version of versions) {
  embedderSuite(`aiSdk, ${version}`, async () => {
    const server = await startEmbeddingServer()
    const prefixes = { query: 'query: ', document: 'passage: ' }
    return { embedder: aiSdk({ model: modelOf(server, version), prefixes }), cleanup: () => server.close() }
  })
}

const asDocument = { purpose: 'document' } as const
let server: EmbeddingServer
beforeEach(async () => {
  server = await startEmbeddingServer({ refuses: (text) => text.includes('forbidden') })
})
afterEach(() => server.close())

/** A model that does what is said, and else what one that is told nothing does. */
const fakeModel = (parts: Partial<EmbeddingModelV4>): EmbeddingModelV4 => ({
  specificationVersion: 'v4',
  provider: 'fake',
  modelId: 'model',
  maxEmbeddingsPerCall: undefined,
  supportsParallelCalls: true,
  doEmbed: async ({ values }) => ({ embeddings: values.map(() => [1, 0]), warnings: [] }),
  ...parts,
})

describe('aiSdk, by its options', () => {
  it('says what the model is', () => {
    expect(aiSdk({ model: fakeModel({}) }).model).toEqual({ provider: 'ai-sdk', name: 'fake/model' })
    const providerOptions = { document: { fake: { inputType: 'document' } }, query: { fake: { inputType: 'query' } } }
    const { model, dimensions } = aiSdk({
      model: fakeModel({}),
      dimensions: 2,
      providerOptions,
      prefixes: { query: 'q' },
    })
    expect(dimensions).toBe(2)
    expect(model.prefixes).toEqual({ query: 'q' })
    expect(model.options).toEqual({
      dimensions: 2,
      document: '{"fake":{"inputType":"document"}}',
      query: '{"fake":{"inputType":"query"}}',
    })
  })

  it('takes the limits the model declares, at once or later', async () => {
    expect(aiSdk({ model: fakeModel({ maxEmbeddingsPerCall: 96, supportsParallelCalls: false }) }).limits).toEqual({
      maxInputs: 96,
      maxConcurrency: 1,
    })
    expect(aiSdk({ model: fakeModel({ maxEmbeddingsPerCall: Number.POSITIVE_INFINITY }) }).limits).toEqual({})
    expect(
      aiSdk({ model: fakeModel({ maxEmbeddingsPerCall: 96 }), limits: { maxInputs: 10, maxInputTokens: 500 } }).limits,
    ).toEqual({ maxInputs: 10, maxInputTokens: 500 })
    const later = aiSdk({
      model: fakeModel({ maxEmbeddingsPerCall: Promise.resolve(5), supportsParallelCalls: Promise.resolve(false) }),
    })
    await later.embed(['a'], asDocument)
    expect(later.limits).toEqual({ maxInputs: 5, maxConcurrency: 1 })
  })

  it('tells by the calls that the limits cannot be had', async () => {
    const model = fakeModel({ maxEmbeddingsPerCall: Promise.reject(new LoadAPIKeyError({ message: 'no key' })) })
    await expect(aiSdk({ model }).embed(['a'], asDocument)).rejects.toMatchObject({ code: 'CONFIGURATION' })
  })

  it('tells the provider what the purpose is', async () => {
    const seen: unknown[] = []
    const doEmbed: EmbeddingModelV4['doEmbed'] = async ({ values, providerOptions }) => {
      seen.push(providerOptions)
      return { embeddings: values.map(() => [1]), warnings: [] }
    }
    const providerOptions: AiSdkOptions['providerOptions'] = { query: { fake: { inputType: 'query' } } }
    const embedder = aiSdk({ model: fakeModel({ doEmbed }), providerOptions })
    await embedder.embed(['a'], asDocument)
    await embedder.embed(['a'], { purpose: 'query' })
    expect(seen).toEqual([undefined, { fake: { inputType: 'query' } }])
  })

  it('asks models of v4 for the length, and reports the tokens used', async () => {
    const { vectors, tokens } = await aiSdk({ model: modelOf(server, 'v4'), dimensions: 8 }).embed(
      ['12345678'],
      asDocument,
    )
    expect(vectors[0]).toHaveLength(8)
    expect(tokens).toBe(2)
    await aiSdk({ model: modelOf(server, 'v3'), dimensions: 1536 }).embed(['a'], asDocument)
    expect(server.requests.map(({ body }) => body.dimensions)).toEqual([8, undefined])
  })

  it.each([
    [undefined, 'model'],
    [{ model: 'openai/text-embedding-3-small' }, 'model'],
    [{ model: fakeModel({}), dimensions: 0 }, 'dimensions'],
  ])('refuses %j', (options, field) => {
    expect(() => aiSdk(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', field }))
  })
})

describe.each(versions)('aiSdk, %s, by how a call fails', (version) => {
  const make = () => aiSdk({ model: modelOf(server, version) })

  async function errorAfter(fault: EmbeddingFault): Promise<StoreError> {
    server.next(fault)
    const error = await Promise.resolve(make().embed(['a', 'b'], asDocument)).catch((thrown: unknown) => thrown)
    expect(StoreError.isInstance(error), String(error)).toBe(true)
    expect(server.requests, 'core tries again, not the SDK').toHaveLength(1)
    return error as StoreError
  }

  it.each([
    [401, 'AUTHENTICATION', false],
    [403, 'AUTHENTICATION', false],
    [404, 'CONFIGURATION', false],
    [400, 'EMBEDDING_FAILED', false],
    [422, 'EMBEDDING_FAILED', false],
    [408, 'TIMEOUT', true],
    [409, 'UNAVAILABLE', true],
    [429, 'RATE_LIMITED', true],
    [500, 'UNAVAILABLE', true],
    [503, 'UNAVAILABLE', true],
  ])('takes %i for %s', async (status, code, retryable) => {
    const error = await errorAfter({ kind: 'error', status, message: 'because' })
    expect(error).toMatchObject({ code, retryable, message: expect.stringContaining('because') })
  })

  it.each([
    [{ 'retry-after': '2' }, 2000],
    [{ 'Retry-After-Ms': '120' }, 120],
    [{}, undefined],
  ])('reads from %j how long to wait', async (headers, retryAfterMs) => {
    expect((await errorAfter({ kind: 'error', status: 429, headers } as EmbeddingFault)).retryAfterMs).toBe(
      retryAfterMs,
    )
  })

  it.each(['drop', 'truncate'] as const)('takes a connection that ends by %s for UNAVAILABLE', async (kind) => {
    expect(await errorAfter({ kind })).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
  })

  it('takes an answer of another form for UNAVAILABLE', async () => {
    const error = await errorAfter({ kind: 'change', change: () => ({ vectors: 1 }) })
    expect(error).toMatchObject({ code: 'UNAVAILABLE', setup: true })
  })

  /** The error of one call to a server of this address. */
  async function errorAt(openAIUrl: string, texts = ['a']): Promise<StoreError> {
    const embedder = aiSdk({ model: modelOf({ openAIUrl, apiKey: 'key' }, version) })
    const error = await Promise.resolve(embedder.embed(texts, asDocument)).catch((thrown: unknown) => thrown)
    expect(StoreError.isInstance(error), String(error)).toBe(true)
    return error as StoreError
  }

  it('takes a web page for a fault of the set-up, and says where it came from', async () => {
    await using page = await startHttpServer((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>'),
    )
    const error = await errorAt(page.url)
    expect(error).toMatchObject({ code: 'UNAVAILABLE', setup: true, retryable: false })
    for (const words of [page.url, 'Please log in']) expect(error.message).toContain(words)
  })

  it('shows no text that the server repeats', async () => {
    await using echo = await startHttpServer(async (request, response) => {
      const body = (await request.setEncoding('utf8').toArray()).join('')
      response.writeHead(422, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { message: `Invalid value: ${body}` } }))
    })
    const error = await errorAt(echo.url, [`MY SECRET ${'x'.repeat(50_000)}`])
    expect(error).toMatchObject({ code: 'EMBEDDING_FAILED', message: expect.stringContaining('Invalid value') })
    expect(error.message).not.toContain('SECRET')
    expect(error.message.length).toBeLessThan(450)
  })

  it('does not hope for money', async () => {
    const error = await errorAfter({ kind: 'error', status: 429, code: 'insufficient_quota' })
    expect(error).toMatchObject({ code: 'RATE_LIMITED', setup: true, retryable: false })
  })

  it('names the address and the reason where nothing can be reached, and what is wrong for good', async () => {
    const refused = await errorAt('http://127.0.0.1:4')
    expect(refused).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    expect(refused.message).toContain('http://127.0.0.1:4/embeddings: connect ECONNREFUSED 127.0.0.1:4')
    const tls = await errorAt(server.openAIUrl.replace('http:', 'https:'))
    expect(tls).toMatchObject({ code: 'CONFIGURATION', retryable: false, message: expect.stringContaining('http://') })
  })

  it('takes a server that is not there for UNAVAILABLE', async () => {
    const gone = make()
    await server.close()
    await expect(gone.embed(['a'], asDocument)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('is aborted while it waits, with the reason, and before it begins', async () => {
    server.next({ kind: 'hang' })
    const controller = new AbortController()
    const options = { purpose: 'query', signal: controller.signal } as const
    const check = expect(make().embed(['a'], options)).rejects.toMatchObject({
      code: 'ABORTED',
      cause: { message: 'enough' },
    })
    await server.received(1)
    controller.abort(new Error('enough'))
    await check
    await expect(make().embed(['a'], options)).rejects.toMatchObject({ code: 'ABORTED' })
    expect(server.requests).toHaveLength(1)
  })

  it('says what the server says of a key, a model, a text, and too many texts', async () => {
    const wrongKey = aiSdk({ model: modelOf(server, version, undefined, 'wrong') })
    await expect(wrongKey.embed(['a'], asDocument)).rejects.toMatchObject({ code: 'AUTHENTICATION' })
    const noModel = aiSdk({ model: modelOf(server, version, 'none') })
    await expect(noModel.embed(['a'], asDocument)).rejects.toMatchObject({ code: 'CONFIGURATION' })
    for (const texts of [['fine', 'forbidden'], [''], Array(3000).fill('a')]) {
      await expect(make().embed(texts, asDocument)).rejects.toMatchObject({
        code: 'EMBEDDING_FAILED',
        retryable: false,
      })
    }
  })
})

it.each([
  [new NoSuchModelError({ modelId: 'm', modelType: 'embeddingModel' }), 'CONFIGURATION'],
  [Object.assign(new Error('slow'), { name: 'TimeoutError' }), 'TIMEOUT'],
  [Object.assign(new Error('ended'), { name: 'AbortError' }), 'TIMEOUT'],
  [new TypeError('fetch failed'), 'UNAVAILABLE'],
  [new Error('anything'), 'EMBEDDING_FAILED'],
])('takes %s of a provider for %s', async (thrown, code) => {
  const doEmbed = () => Promise.reject(thrown)
  await expect(aiSdk({ model: fakeModel({ doEmbed }) }).embed(['a'], asDocument)).rejects.toMatchObject({
    code,
    cause: thrown,
  })
})
