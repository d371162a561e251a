import { GoogleGenAI } from '@google/genai'
import { GoogleGenerativeAI } from '@google/generative-ai'
import { StoreError } from '@tandemstore/core'
import { embedderSuite } from '@tandemstore/testkit'
import {
  type EmbeddingFault,
  type EmbeddingServer,
  startEmbeddingServer,
  startHttpServer,
} from '@tandemstore/testkit/services'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type GeminiOptions, gemini } from '../src/index.js'

type ClientName = 'own' | '@google/genai' | '@google/generative-ai'
const clientNames = ['own', '@google/genai', '@google/generative-ai'] as const

/** An embedder by one of the clients, on the server. */
function make(
  server: Pick<EmbeddingServer, 'geminiUrl' | 'apiKey'>,
  name: ClientName,
  options: Partial<GeminiOptions> = {},
  apiKey = server.apiKey,
) {
  const baseUrl = server.geminiUrl
  const given: GeminiOptions = { model: 'gemini-embedding-001', dimensions: 8, ...options }
  if (name === 'own') return gemini({ ...given, apiKey, baseUrl })
  if (name === '@google/genai')
    return gemini({ ...given, client: new GoogleGenAI({ apiKey, httpOptions: { baseUrl } }) })
  return gemini({ ...given, baseUrl, client: new GoogleGenerativeAI(apiKey) })
}

for (const name of clientNames) {
  for (const options of [
    { model: 'gemini-embedding-001', dimensions: 768 },
    { model: 'gemini-embedding-2', dimensions: undefined },
  ]) {
    embedderSuite(`${options.model}, client ${name}`, async () => {
      const server = await startEmbeddingServer()
      return { embedder: make(server, name, options), cleanup: () => server.close() }
    })
  }
}

const asDocument = { purpose: 'document' } as const
let server: EmbeddingServer
beforeEach(async () => {
  server = await startEmbeddingServer({ refuses: (text) => text.includes('forbidden') })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await server.close()
})

describe('gemini, by its options', () => {
  it('knows the models and what they take', () => {
    const first = gemini({ model: 'gemini-embedding-001', apiKey: 'key' })
    expect(first).toMatchObject({ dimensions: 3072, limits: { maxInputs: 100, maxInputTokens: 2048 } })
    expect(first.model).toEqual({ provider: 'gemini', name: 'gemini-embedding-001', normalized: true })
    const second = gemini({ model: 'models/gemini-embedding-2-preview', apiKey: 'key', dimensions: 768 })
    expect(second).toMatchObject({ dimensions: 768, limits: { maxInputTokens: 8192 } })
    expect(second.model.prefixes).toEqual({ document: 'title: none | text: ', query: 'task: search result | query: ' })
    expect(second.model.options).toEqual({ dimensions: 768 })
    expect(gemini({ model: 'other', apiKey: 'key', limits: { maxInputs: 5 } })).toMatchObject({
      dimensions: undefined,
      limits: { maxInputs: 5 },
    })
  })

  it('sends one text at a time to Vertex AI', () => {
    const client = new GoogleGenAI({ vertexai: true, project: 'p', location: 'l' })
    expect(gemini({ model: 'gemini-embedding-001', client }).limits).toMatchObject({ maxInputs: 1 })
  })

  it('takes the key and the server from the environment, and says at once that there is no key', async () => {
    for (const name of ['GOOGLE_API_KEY', 'GEMINI_API_KEY']) vi.stubEnv(name, '')
    const error = { code: 'CONFIGURATION', message: expect.stringContaining('GEMINI_API_KEY') }
    expect(() => gemini({ model: 'gemini-embedding-001' })).toThrow(expect.objectContaining(error))
    vi.stubEnv('GEMINI_API_KEY', server.apiKey)
    vi.stubEnv('GOOGLE_GEMINI_BASE_URL', server.geminiUrl)
    const { vectors } = await gemini({ model: 'gemini-embedding-001' }).embed(['a'], asDocument)
    expect(vectors[0]).toHaveLength(3072)
  })

  it.each([
    [undefined, 'model'],
    [{ model: '' }, 'model'],
    [{ model: 'gemini-embedding-001', dimensions: 3073 }, 'dimensions'],
    [{ model: 'other', dimensions: 0 }, 'dimensions'],
    [{ model: 'gemini-embedding-001', client: {} }, 'client'],
  ])('refuses %j', (options, field) => {
    expect(() => gemini(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', field }))
  })
})

describe.each(clientNames)('gemini, client %s', (name) => {
  const embedder = (options?: Partial<GeminiOptions>) => make(server, name, options)

  /** The error of one call to which the server does this. */
  async function errorAfter(fault: EmbeddingFault): Promise<StoreError> {
    server.next(fault)
    const error = await Promise.resolve(embedder().embed(['a', 'b'], asDocument)).catch((thrown: unknown) => thrown)
    expect(StoreError.isInstance(error), String(error)).toBe(true)
    expect(server.requests, 'core tries again, not the client').toHaveLength(1)
    return error as StoreError
  }

  it('tells gemini-embedding-001 by taskType what a text is for, and the length, one content a text', async () => {
    await embedder().embed(['a', 'b'], asDocument)
    await embedder({ dimensions: undefined }).embed(['c'], { purpose: 'query' })
    const requests = server.requests.map(({ path, body }) => [path, body.requests])
    const model = 'models/gemini-embedding-001'
    const path = expect.stringMatching(/^\/v1(beta)?\/models\/gemini-embedding-001:batchEmbedContents$/)
    const content = (text: string) => expect.objectContaining({ parts: [{ text }] })
    expect(requests).toEqual([
      [
        path,
        ['a', 'b'].map((text) => ({
          model,
          content: content(text),
          taskType: 'RETRIEVAL_DOCUMENT',
          outputDimensionality: 8,
        })),
      ],
      [path, [{ model, content: content('c'), taskType: 'RETRIEVAL_QUERY' }]],
    ])
  })

  it('tells gemini-embedding-2 by words before the text', async () => {
    const second = embedder({ model: 'gemini-embedding-2' })
    await second.embed(['a', 'b'], asDocument)
    await second.embed(['c'], { purpose: 'query' })
    const sent = server.requests.map(({ body }) => body.requests)
    expect(sent.flat().map(({ content }) => content.parts)).toEqual([
      [{ text: 'title: none | text: a' }],
      [{ text: 'title: none | text: b' }],
      [{ text: 'task: search result | query: c' }],
    ])
    expect(sent.flat().every(({ taskType }) => taskType === undefined)).toBe(true)
  })

  it('normalises what the server does not', async () => {
    server.next({ kind: 'change', change: () => ({ embeddings: [{ values: [3, 4] }] }) })
    const { vectors } = await embedder().embed(['a'], asDocument)
    expect(Array.from(vectors[0] ?? [])).toEqual([Math.fround(0.6), Math.fround(0.8)])
  })

  it('passes on a wrong count of vectors, for core to see', async () => {
    server.next({ kind: 'change', change: ({ embeddings = [] }) => ({ embeddings: embeddings.slice(1) }) })
    expect((await embedder().embed(['a', 'b'], asDocument)).vectors).toHaveLength(1)
    server.next({ kind: 'change', change: () => ({}) })
    expect((await embedder().embed(['a', 'b'], asDocument)).vectors).toHaveLength(0)
  })

  it.each([
    [401, 'AUTHENTICATION', false],
    [403, 'AUTHENTICATION', false],
    [404, 'CONFIGURATION', false],
    [400, 'EMBEDDING_FAILED', false],
    [413, 'EMBEDDING_FAILED', false],
    [408, 'TIMEOUT', true],
    [429, 'RATE_LIMITED', true],
    [500, 'UNAVAILABLE', true],
    [503, 'UNAVAILABLE', true],
  ])('takes %i for %s', async (status, code, retryable) => {
    const error = await errorAfter({ kind: 'error', status, message: 'because' })
    expect(error).toMatchObject({ code, retryable, message: expect.stringContaining('because') })
  })

  it('reads from the details of a 429 how long to wait', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.074824224s' }]
    expect(await errorAfter({ kind: 'error', status: 429, details })).toMatchObject({ retryAfterMs: 34_075 })
  })

  it.each(['drop', 'truncate'] as const)('takes a connection that ends by %s for UNAVAILABLE', async (kind) => {
    expect(await errorAfter({ kind })).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
  })

  /** The error of one call to a server of this address. */
  async function errorAt(geminiUrl: string, texts = ['a']): Promise<StoreError> {
    const embedder = make({ geminiUrl, apiKey: 'key' }, name)
    const error = await Promise.resolve(embedder.embed(texts, asDocument)).catch((thrown: unknown) => thrown)
    expect(StoreError.isInstance(error), String(error)).toBe(true)
    return error as StoreError
  }

  it('takes a web page for a fault of the set-up', async () => {
    await using page = await startHttpServer((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>'),
    )
    const error = await errorAt(page.url)
    expect(error).toMatchObject({ code: 'UNAVAILABLE', setup: true, retryable: false })
    expect(error.message).toContain('<html>')
  })

  it('shows no text that the server repeats', async () => {
    await using echo = await startHttpServer(async (request, response) => {
      const body = (await request.setEncoding('utf8').toArray()).join('')
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({ error: { code: 400, message: `Invalid value: ${body}`, status: 'INVALID_ARGUMENT' } }),
      )
    })
    const error = await errorAt(echo.url, [`MY SECRET ${'x'.repeat(50_000)}`])
    expect(error).toMatchObject({ code: 'EMBEDDING_FAILED', message: expect.stringContaining('Invalid value') })
    expect(error.message).not.toContain('SECRET')
    expect(error.message.length).toBeLessThan(450)
  })

  it('says what could not be reached', async () => {
    const error = await errorAt('http://127.0.0.1:4')
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('127.0.0.1:4') })
  })

  it('is aborted while it waits, with the reason, and before it begins', async () => {
    server.next({ kind: 'hang' })
    const controller = new AbortController()
    const options = { purpose: 'query', signal: controller.signal } as const
    const check = expect(embedder().embed(['a'], options)).rejects.toMatchObject({
      code: 'ABORTED',
      cause: { message: 'enough' },
    })
    await server.received(1)
    controller.abort(new Error('enough'))
    await check
    await expect(embedder().embed(['a'], options)).rejects.toMatchObject({ code: 'ABORTED' })
    expect(server.requests).toHaveLength(1)
  })

  it('says what the server says of a key, a model and a text', async () => {
    await expect(make(server, name, {}, 'wrong').embed(['a'], asDocument)).rejects.toMatchObject({
      code: 'AUTHENTICATION',
    })
    await expect(embedder({ model: 'none' }).embed(['a'], asDocument)).rejects.toMatchObject({ code: 'CONFIGURATION' })
    for (const texts of [['fine', 'forbidden'], [''], ['word '.repeat(9000)], Array(101).fill('a')]) {
      const error = { code: 'EMBEDDING_FAILED', retryable: false }
      await expect(embedder().embed(texts, asDocument)).rejects.toMatchObject(error)
    }
  })

  it('makes no request for no text', async () => {
    expect((await embedder().embed([], asDocument)).vectors).toEqual([])
    expect(server.requests).toHaveLength(0)
  })
})

it('takes the time limit of a client for TIMEOUT', async () => {
  server.next({ kind: 'hang' })
  const client = new GoogleGenAI({ apiKey: server.apiKey, httpOptions: { baseUrl: server.geminiUrl, timeout: 20 } })
  await expect(gemini({ model: 'gemini-embedding-001', client }).embed(['a'], asDocument)).rejects.toMatchObject({
    code: 'TIMEOUT',
  })
})

it('follows no redirect with its key and its texts', async () => {
  await using thief = await startHttpServer((_, response) => response.end('{}'))
  await using redirecting = await startHttpServer((request, response) => {
    request.resume()
    response.writeHead(307, { location: thief.url }).end()
  })
  const embedder = gemini({ model: 'gemini-embedding-001', apiKey: 'key', baseUrl: redirecting.url })
  await expect(embedder.embed(['a'], asDocument)).rejects.toMatchObject({
    code: 'CONFIGURATION',
    message: expect.stringContaining('redirect'),
  })
  expect(redirecting.requests).toHaveLength(1)
  expect(thief.requests).toHaveLength(0)
})

it('takes the server of the environment for its own client and for one of @google/generative-ai', async () => {
  vi.stubEnv('GOOGLE_GEMINI_BASE_URL', server.geminiUrl)
  for (const client of [undefined, new GoogleGenerativeAI(server.apiKey)])
    await gemini({ model: 'gemini-embedding-001', apiKey: server.apiKey, client }).embed(['a'], asDocument)
  expect(server.requests).toHaveLength(2)
})
