import { StoreError } from '@tandemstore/core'
import { embedderSuite } from '@tandemstore/testkit'
import {
  type EmbeddingFault,
  type EmbeddingServer,
  startEmbeddingServer,
  startHttpServer,
} from '@tandemstore/testkit/services'
import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type OpenAIOptions, openai } from '../src/index.js'

for (const options of [
  { model: 'text-embedding-3-small' },
  { model: 'text-embedding-3-large', dimensions: 256 },
  { model: 'all-minilm', prefixes: { query: 'query: ', document: 'passage: ' }, encodingFormat: 'float' },
] satisfies OpenAIOptions[]) {
  embedderSuite(`openai, ${JSON.stringify(options)}`, async () => {
    const server = await startEmbeddingServer()
    const embedder = openai({ ...options, apiKey: server.apiKey, baseURL: server.openAIUrl })
    return { embedder, cleanup: () => server.close() }
  })
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

const make = (options: Partial<OpenAIOptions> = {}) =>
  openai({
    model: 'text-embedding-3-small',
    dimensions: 8,
    apiKey: server.apiKey,
    baseURL: server.openAIUrl,
    ...options,
  })

/** The error of one call to which the server does this. */
async function errorAfter(fault: EmbeddingFault, options?: Partial<OpenAIOptions>): Promise<StoreError> {
  server.next(fault)
  const error = await Promise.resolve(make(options).embed(['a', 'b'], asDocument)).catch((thrown: unknown) => thrown)
  expect(StoreError.isInstance(error), String(error)).toBe(true)
  expect(server.requests, 'core tries again, not the SDK').toHaveLength(1)
  return error as StoreError
}

/** The error of one call, made to whatever server the embedder has. */
async function errorOf(embedder: ReturnType<typeof openai>, texts = ['a', 'b']): Promise<StoreError> {
  const error = await Promise.resolve(embedder.embed(texts, asDocument)).catch((thrown: unknown) => thrown)
  expect(StoreError.isInstance(error), String(error)).toBe(true)
  return error as StoreError
}

describe('openai, by its options', () => {
  it('knows the models of OpenAI and what they take', () => {
    const large = make({ model: 'text-embedding-3-large', dimensions: undefined })
    expect(large).toMatchObject({
      dimensions: 3072,
      limits: { maxInputs: 2048, maxInputTokens: 8192, maxRequestTokens: 300_000 },
    })
    expect(large.model).toEqual({ provider: 'openai', name: 'text-embedding-3-large', normalized: true })
    expect(make({ dimensions: 256 })).toMatchObject({ dimensions: 256, model: { options: { dimensions: 256 } } })
    expect(make({ model: 'text-embedding-ada-002', dimensions: undefined }).dimensions).toBe(1536)
  })

  it('claims nothing about a model it does not know', () => {
    const other = make({ model: 'all-minilm', dimensions: undefined })
    expect(other.dimensions).toBeUndefined()
    expect(other.limits).toEqual({})
    expect(other.model).toEqual({ provider: 'openai', name: 'all-minilm' })
    expect(make({ model: 'all-minilm', dimensions: 384, limits: { maxInputs: 10 } })).toMatchObject({
      dimensions: 384,
      limits: { maxInputs: 10 },
    })
  })

  it('sends what it was asked for, in base64, and no length to a model of one length', async () => {
    await make({ dimensions: 256 }).embed(['a'], asDocument)
    await make({ model: 'text-embedding-ada-002', dimensions: 1536, encodingFormat: 'float' }).embed(['a'], asDocument)
    expect(server.requests.map(({ body }) => body)).toEqual([
      { model: 'text-embedding-3-small', input: ['a'], dimensions: 256, encoding_format: 'base64' },
      { model: 'text-embedding-ada-002', input: ['a'], encoding_format: 'float' },
    ])
  })

  it('takes the key and the server from the environment, and says at once that there is no key', async () => {
    vi.stubEnv('OPENAI_API_KEY', '')
    expect(() => openai({ model: 'text-embedding-3-small' })).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION', message: expect.stringContaining('OPENAI_API_KEY') }),
    )
    expect(() => openai({ model: 'all-minilm', baseURL: server.openAIUrl })).not.toThrow()
    vi.stubEnv('OPENAI_BASE_URL', server.openAIUrl)
    // The same as the option: a server of one's own may want no key.
    expect(() => openai({ model: 'all-minilm' })).not.toThrow()
    vi.stubEnv('OPENAI_API_KEY', server.apiKey)
    const { vectors } = await openai({ model: 'text-embedding-3-small' }).embed(['a'], asDocument)
    expect(vectors[0]).toHaveLength(1536)
  })

  it('refuses an address from the environment as it does one from the options', () => {
    for (const [url, words] of [
      ['localhost:11434', 'http://'],
      ['http://user:secret@localhost', 'without user and password'],
    ] as const) {
      const expected = { code: 'INVALID_ARGUMENT', field: 'baseURL', message: expect.stringContaining(words) }
      expect(() => make({ baseURL: url })).toThrow(expect.objectContaining(expected))
      vi.stubEnv('OPENAI_BASE_URL', url)
      const fromEnvironment = { code: 'CONFIGURATION', message: expect.stringContaining('OPENAI_BASE_URL') }
      expect(() => make({ baseURL: undefined })).toThrow(expect.objectContaining(fromEnvironment))
    }
  })

  it('uses a client it is given, without the retries of that', async () => {
    const client = new OpenAI({ apiKey: server.apiKey, baseURL: server.openAIUrl, maxRetries: 5 })
    vi.stubEnv('OPENAI_API_KEY', '')
    const error = await errorAfter({ kind: 'error', status: 500 }, { client, apiKey: undefined, baseURL: undefined })
    expect(error.code).toBe('UNAVAILABLE')
    expect((await make({ client }).embed(['a'], asDocument)).vectors).toHaveLength(1)
  })

  it.each([
    [undefined, 'model'],
    [{ model: '' }, 'model'],
    [{ model: 'text-embedding-3-small', dimensions: 1537 }, 'dimensions'],
    [{ model: 'text-embedding-3-small', dimensions: 0 }, 'dimensions'],
    [{ model: 'text-embedding-ada-002', dimensions: 512 }, 'dimensions'],
    [{ model: 'other', dimensions: 1.5 }, 'dimensions'],
    [{ model: 'other', encodingFormat: 'int8' }, 'encodingFormat'],
    [{ model: 'other', client: {} }, 'client'],
  ])('refuses %j', (options, field) => {
    expect(() => openai(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', field }))
  })
})

describe('openai, by what the server answers', () => {
  it('gives each text its vector where the answer has another order', async () => {
    const { vectors } = await make().embed(['a', 'b', 'c'], asDocument)
    server.next({ kind: 'change', change: ({ data = [], ...rest }) => ({ ...rest, data: [...data].reverse() }) })
    expect((await make().embed(['a', 'b', 'c'], asDocument)).vectors).toEqual(vectors)
  })

  it('takes plain numbers from a server that ignores base64, and reports the tokens used', async () => {
    const answer = { data: [{ index: 0, embedding: [1, 2] }], usage: { prompt_tokens: 7 } }
    server.next({ kind: 'change', change: () => answer })
    const result = await make({ dimensions: 2 }).embed(['a'], asDocument)
    expect(result.tokens).toBe(7)
    expect(Array.from(result.vectors[0] ?? [])).toEqual([1, 2])
  })

  it('decodes base64 into vectors that share no buffer', async () => {
    const numbers = [1, -2.5, 2 ** -30]
    const embedding = Buffer.from(new Float32Array(numbers).buffer).toString('base64')
    server.next({ kind: 'change', change: () => ({ data: [0, 1].map((index) => ({ index, embedding })) }) })
    const { vectors } = await make({ dimensions: 3 }).embed(['a', 'b'], asDocument)
    expect(vectors).toEqual([new Float32Array(numbers), new Float32Array(numbers)])
    for (const vector of vectors as Float32Array[]) expect(vector.buffer.byteLength).toBe(12)
  })

  it('passes on a wrong count of vectors, for core to see', async () => {
    server.next({ kind: 'change', change: ({ data = [], ...rest }) => ({ ...rest, data: data.slice(1) }) })
    expect((await make().embed(['a', 'b'], asDocument)).vectors).toHaveLength(1)
    server.next({ kind: 'change', change: () => ({ object: 'list' }) })
    expect((await make().embed(['a', 'b'], asDocument)).vectors).toHaveLength(0)
  })

  it('refuses indexes that give two vectors to one text', async () => {
    const change = ({ data = [] }: { data?: readonly object[] }) => ({
      data: data.map((each) => ({ ...each, index: 0 })),
    })
    expect(await errorAfter({ kind: 'change', change })).toMatchObject({ code: 'EMBEDDING_FAILED', retryable: false })
  })

  it('makes no request for no text', async () => {
    expect(await make().embed([], asDocument)).toEqual({ vectors: [], tokens: 0 })
    expect(server.requests).toHaveLength(0)
  })
})

describe('openai, by how a call fails', () => {
  it.each([
    [401, 'AUTHENTICATION', false],
    [403, 'AUTHENTICATION', false],
    [404, 'CONFIGURATION', false],
    [405, 'CONFIGURATION', false],
    [400, 'EMBEDDING_FAILED', false],
    [413, 'EMBEDDING_FAILED', false],
    [422, 'EMBEDDING_FAILED', false],
    [408, 'TIMEOUT', true],
    [409, 'UNAVAILABLE', true],
    [429, 'RATE_LIMITED', true],
    [500, 'UNAVAILABLE', true],
    [529, 'UNAVAILABLE', true],
  ])('takes %i for %s', async (status, code, retryable) => {
    const error = await errorAfter({ kind: 'error', status, message: 'because' })
    expect(error).toMatchObject({ code, retryable, message: expect.stringContaining('because') })
  })

  it.each([
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': '0.25' }, 250],
    [{ 'retry-after-ms': '120', 'retry-after': '2' }, 120],
    [{ 'retry-after': new Date(Date.now() - 60_000).toUTCString() }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('reads from %j how long to wait', async (headers, retryAfterMs) => {
    const fault = { kind: 'error', status: 429, headers } as EmbeddingFault
    expect((await errorAfter(fault)).retryAfterMs).toBe(retryAfterMs)
  })

  it('reads a date to wait until', async () => {
    const headers = { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }
    const { retryAfterMs } = await errorAfter({ kind: 'error', status: 429, headers })
    expect(retryAfterMs).toBeGreaterThan(3_590_000)
    expect(retryAfterMs).toBeLessThanOrEqual(3_600_000)
  })

  it('reads how long to wait from a 503, too', async () => {
    const error = await errorAfter({ kind: 'error', status: 503, headers: { 'retry-after': '2' } })
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryAfterMs: 2000 })
  })

  it('does not hope for money', async () => {
    const error = await errorAfter({ kind: 'error', status: 429, code: 'insufficient_quota' })
    expect(error).toMatchObject({ code: 'RATE_LIMITED', retryable: false, setup: true })
  })

  it.each([false, true])(
    'takes a web page for a fault of the set-up, and says where it came from (own client: %s)',
    async (own) => {
      await using page = await startHttpServer((_, response) =>
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>'),
      )
      const client = own ? new OpenAI({ apiKey: 'k', baseURL: page.url }) : undefined
      const error = await errorOf(make({ baseURL: page.url, client }))
      expect(error).toMatchObject({ code: 'UNAVAILABLE', setup: true, retryable: false })
      for (const words of [page.url, 'Please log in']) expect(error.message).toContain(words)
    },
  )

  it.each([false, true])('follows no redirect with its key and its texts (own client: %s)', async (own) => {
    await using thief = await startHttpServer((_, response) => response.end('{}'))
    await using server = await startHttpServer((request, response) => {
      request.resume()
      response.writeHead(307, { location: `${thief.url}/v1?token=secret` }).end()
    })
    const client = own ? new OpenAI({ apiKey: 'k', baseURL: server.url }) : undefined
    const error = await errorOf(make({ baseURL: server.url, client }))
    expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining(`${thief.url}/v1`) })
    expect(error.message).not.toContain('secret')
    expect(thief.requests).toHaveLength(0)
    expect(server.requests).toHaveLength(1)
  })

  it('names the address and the reason where nothing can be reached, and what is wrong for good', async () => {
    const nobody = 'http://127.0.0.1:4/v1'
    const refused = await errorOf(make({ baseURL: nobody }))
    expect(refused).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    expect(refused.message).toContain(`${nobody}: connect ECONNREFUSED 127.0.0.1:4`)
    const tls = await errorOf(make({ baseURL: server.openAIUrl.replace('http:', 'https:') }))
    expect(tls).toMatchObject({ code: 'CONFIGURATION', retryable: false, message: expect.stringContaining('http://') })
    const badPort = await errorOf(make({ baseURL: 'http://127.0.0.1:6000/v1' }))
    expect(badPort).toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining('bad port') })
  })

  it('shows no text that the server repeats', async () => {
    await using echo = await startHttpServer(async (request, response) => {
      const { input } = JSON.parse((await request.setEncoding('utf8').toArray()).join(''))
      response.writeHead(422, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({ detail: [{ type: 'string_too_long', loc: ['body', 'input', 0], input: input[0] }] }),
      )
    })
    const text = `MY SECRET ${'x'.repeat(100_000)}`
    const error = await errorOf(make({ baseURL: echo.url, prefixes: { document: 'passage: ' } }), [text])
    expect(error.code).toBe('EMBEDDING_FAILED')
    expect(error.message).toContain('string_too_long')
    expect(error.message).not.toContain('SECRET')
    expect(error.message.length).toBeLessThan(450)
    expect(JSON.stringify(error)).not.toContain('SECRET')
  })

  it.each(['drop', 'truncate'] as const)('takes a connection that ends by %s for UNAVAILABLE', async (kind) => {
    expect(await errorAfter({ kind })).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
  })

  it.each(['abc', '####', ''])('takes base64 that is none for UNAVAILABLE: %j', async (embedding) => {
    const fault = { kind: 'change', change: () => ({ data: [{ index: 0, embedding }] }) } as const
    expect(await errorAfter(fault)).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('takes a server that is not there for UNAVAILABLE', async () => {
    const gone = make()
    await server.close()
    await expect(gone.embed(['a'], asDocument)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('takes the time limit of the client for TIMEOUT', async () => {
    const client = new OpenAI({ apiKey: server.apiKey, baseURL: server.openAIUrl, timeout: 20 })
    expect(await errorAfter({ kind: 'hang' }, { client })).toMatchObject({ code: 'TIMEOUT', retryable: true })
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

  it('says what the server says of a key, a model and a text', async () => {
    await expect(make({ apiKey: 'wrong' }).embed(['a'], asDocument)).rejects.toMatchObject({ code: 'AUTHENTICATION' })
    await expect(make({ model: 'none', dimensions: undefined }).embed(['a'], asDocument)).rejects.toMatchObject({
      code: 'CONFIGURATION',
    })
    for (const texts of [['fine', 'forbidden'], [''], ['word '.repeat(9000)]]) {
      const error = { code: 'EMBEDDING_FAILED', retryable: false }
      await expect(make().embed(texts, asDocument)).rejects.toMatchObject(error)
    }
  })

  it('keeps the key and the texts out of what is printed', async () => {
    const error = await errorAfter({ kind: 'error', status: 500 })
    expect(JSON.stringify(error)).not.toContain(server.apiKey)
  })
})
