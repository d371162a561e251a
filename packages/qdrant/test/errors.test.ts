import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { QdrantClient } from '@qdrant/js-client-rest'
import { StoreError, type VectorSpace } from '@tandemstore/core/adapter'
import { startHttpServer } from '@tandemstore/testkit/services'
import { afterEach, describe, expect, test } from 'vitest'
import { qdrant } from '../src/index.js'
import { documentOf, versionAt } from './documents.js'
import { spaceOf } from './scratch.js'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

/** A server that answers the opening of a space, and any other request as told. */
async function fake(answer: Answer, version = '1.18.3'): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = []
  const info = { config: { params: { vectors: { size: 4, distance: 'Cosine' } } }, payload_schema: {} }
  const server = createServer((request, response) => {
    requests.push(request)
    const path = request.url ?? ''
    const tell = (body: unknown): void => void response.end(JSON.stringify(body))
    if (path.endsWith('/sub/') || path === '/') tell({ title: 'fake', version })
    else if (path.endsWith('/exists')) tell({ result: { exists: true } })
    else if (path.includes('/index')) tell({ result: { operation_id: 1, status: 'completed' } })
    else if (/\/collections\/space$/.test(path) && request.method === 'GET') tell({ result: info })
    else {
      answer(request, response)
      request.resume()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

async function spaceAnswering(answer: Answer, options: { timeoutMs?: number } = {}): Promise<VectorSpace> {
  const { url } = await fake(answer)
  return qdrant({ url, ...options }).open(spaceOf())
}

function status(code: number, error: string, headers: Record<string, string> = {}): Answer {
  return (_, response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ status: { error } }))
  }
}

describe('answers become codes', () => {
  test.each([
    [400, 'INDEX_FAILED', false],
    [401, 'AUTHENTICATION', false],
    [403, 'AUTHENTICATION', false],
    [404, 'INDEX_FAILED', false],
    [408, 'TIMEOUT', true],
    [413, 'INDEX_FAILED', false],
    [429, 'RATE_LIMITED', true],
    [500, 'INDEX_FAILED', true],
    [502, 'UNAVAILABLE', true],
    [503, 'UNAVAILABLE', true],
    [504, 'TIMEOUT', true],
  ])('%i is %s', async (code, expected, retryable) => {
    const space = await spaceAnswering(status(code, 'what was wrong'))
    const error = await space.count().catch((each: unknown) => each)
    expect(StoreError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({ code: expected, retryable, message: expect.stringContaining('count') })
    expect(error).toMatchObject({ message: expect.stringContaining('what was wrong') })
  })

  test('Retry-After is passed on', async () => {
    const space = await spaceAnswering(status(429, 'slow down', { 'retry-after': '7' }))
    await expect(space.count()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 7000 })
  })

  test('a date as Retry-After is no other error', async () => {
    const space = await spaceAnswering(status(429, 'slow down', { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }))
    await expect(space.count()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: undefined })
  })

  test('no answer in time is TIMEOUT', async () => {
    const space = await spaceAnswering(() => {}, { timeoutMs: 1000 })
    const message = expect.stringMatching(/127\.0\.0\.1:\d+ could not count .*within 1000 ms/)
    await expect(space.count()).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true, message })
  })

  test('no server is UNAVAILABLE, with the address and the reason', async () => {
    const { url } = await fake(() => {})
    for (const close of open.splice(0)) await close()
    const error = (await qdrant({ url })
      .open(spaceOf())
      .catch((each: unknown) => each)) as StoreError
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    expect(error.message).toContain(`${url}: connect ECONNREFUSED`)
  })

  test.each([
    [(url: string) => url.replace('http:', 'https:'), 'plain http://'],
    [() => 'http://127.0.0.1:6000', 'bad port'],
  ])('a connection that no waiting mends is CONFIGURATION', async (toUrl, words) => {
    const { url } = await fake(() => {})
    const error = { code: 'CONFIGURATION', retryable: false, message: expect.stringContaining(words) }
    await expect(qdrant({ url: toUrl(url) }).open(spaceOf())).rejects.toMatchObject(error)
  })

  test('a connection that breaks is UNAVAILABLE', async () => {
    const space = await spaceAnswering((request) => request.socket.destroy())
    await expect(space.count()).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true })
  })

  test.each(['text/html', 'application/json'])(
    'what is not an answer of Qdrant is a fault of the set-up (%s)',
    async (type) => {
      const space = await spaceAnswering((_, response) => {
        response.writeHead(200, { 'content-type': type }).end('<html>a proxy</html>')
      })
      const message = expect.stringContaining('127.0.0.1')
      const error = { code: 'INDEX_FAILED', setup: true, retryable: false, message }
      await expect(space.count()).rejects.toMatchObject(error)
      await expect(space.replace([documentOf('k', versionAt(1))])).rejects.toMatchObject(error)
    },
  )

  test.each([
    [404, "Not found: Collection `space` doesn't exist!"],
    [500, 'Service internal error: No space left on device (os error 28)'],
    [507, 'Insufficient Storage'],
  ])('%i %s is no fault of a document', async (code, words) => {
    const space = await spaceAnswering(status(code, words))
    const error = { code: 'INDEX_FAILED', setup: true, retryable: false, message: expect.stringContaining(words) }
    await expect(space.replace([documentOf('k', versionAt(1))])).rejects.toMatchObject(error)
  })

  test('an answer that breaks off is UNAVAILABLE', async () => {
    const space = await spaceAnswering((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"result": {"count": 1')
    })
    await expect(space.count()).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true })
  })

  test('what the server repeats of a request is not shown', async () => {
    const secret = 'a secret of many letters'
    const echo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const body = (await request.setEncoding('utf8').toArray()).join('')
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ status: { error: `Wrong input: ${secret} ${body}` } }))
    }
    const space = await spaceAnswering((request, response) => void echo(request, response))
    const document = documentOf('k', versionAt(1), { values: { title: { strings: [secret] } } })
    const filter = { op: 'in', path: 'title', values: [secret] } as const
    const query = { vector: Float32Array.of(1, 0, 0, 0), prefix: [], now: 0, limit: 1, filter }
    for (const asking of [() => space.replace([document]), () => space.query(query)]) {
      const error = (await asking().catch((each: unknown) => each)) as StoreError
      expect(error).toMatchObject({ code: 'INDEX_FAILED', message: expect.stringContaining('Wrong input') })
      expect(error.message).not.toContain(secret)
      expect(error.message.length).toBeLessThan(450)
    }
  })

  test.each(['acknowledged', 'wait_timeout'])('an update that is only %s is TIMEOUT', async (update) => {
    const space = await spaceAnswering((_, response) => {
      response.end(JSON.stringify({ result: [{ operation_id: 1, status: 'completed' }, { status: update }] }))
    })
    const replace = space.replace([documentOf('k', versionAt(1))])
    await expect(replace).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true })
  })
})

describe('secrets', () => {
  test('neither the key nor the points follow a redirect', async () => {
    await using thief = await startHttpServer((_, response) => response.end('{}'))
    const move: Answer = (request, response) => {
      request.resume()
      response.writeHead(307, { location: `${thief.url}${request.url}?token=secret` }).end()
    }
    await using server = await startHttpServer(move)
    const opening = qdrant({ url: server.url, apiKey: 'SECRET-KEY' }).open(spaceOf())
    const error = { code: 'CONFIGURATION', retryable: false, message: expect.stringContaining(thief.url) }
    await expect(opening).rejects.toMatchObject(error)
    const { url } = await fake(move)
    const space = await qdrant({ url, apiKey: 'SECRET-KEY' }).open(spaceOf())
    await expect(space.replace([documentOf('k', versionAt(1))])).rejects.toMatchObject(error)
    await expect(space.scan({ prefix: [], limit: 1 })).rejects.toMatchObject(error)
    await expect(space.drop()).rejects.toMatchObject(error)
    expect(thief.requests).toHaveLength(0)
  })

  test.each([
    ['http://user:secret@127.0.0.1:6333', 'user and password'],
    ['http://127.0.0.1:6333/qdrant?token=secret', 'query'],
    ['http://127.0.0.1:6333/#secret', 'fragment'],
    ['http://', 'URL'],
  ])('what of a URL would not be sent is refused: %s', (url, words) => {
    let error: StoreError | undefined
    try {
      qdrant({ url })
    } catch (thrown) {
      error = thrown as StoreError
    }
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', field: 'url', message: expect.stringContaining(words) })
    expect(error?.message).not.toContain('secret')
  })
})

describe('opening', () => {
  test('says of what is no Qdrant that it is none', async () => {
    for (const body of ['<html>', '{}', 'null', '{"version": "nginx"}']) {
      await using page = await startHttpServer((_, response) => response.end(body))
      const error = { code: 'CONFIGURATION', message: expect.stringContaining(`${page.url} is no Qdrant`) }
      await expect(qdrant({ url: page.url }).open(spaceOf()), body).rejects.toMatchObject(error)
    }
  })

  test.each(['1.15.4', '0.11.0'])('refuses a server of version %s', async (version) => {
    const { url } = await fake(() => {}, version)
    const opening = qdrant({ url }).open(spaceOf())
    await expect(opening).rejects.toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining(version) })
  })

  test('says what to do where a server before 1.18 cannot make room for terms', async () => {
    const { url, requests } = await fake(() => {}, '1.17.1')
    const opening = qdrant({ url }).open({ ...spaceOf(), terms: true })
    const message = expect.stringMatching(/space was made without room for terms.*1\.17.*1\.18.*repair: true/)
    await expect(opening).rejects.toMatchObject({ code: 'CONFIGURATION', message, retryable: false })
    expect(requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  test('says so where the client that was given has no call for it', async () => {
    const { url } = await fake(() => {})
    const client = Object.assign(new QdrantClient({ url, checkCompatibility: false }), { createVectorName: undefined })
    const opening = qdrant({ client }).open({ ...spaceOf(), terms: true })
    await expect(opening).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('This client'),
    })
  })

  test.each(['1.16.0', '1.100.0', '2.0.0', '1.18.3-dev'])('takes a server of version %s', async (version) => {
    const { url } = await fake(() => {}, version)
    await (await qdrant({ url }).open(spaceOf())).close()
  })

  test('the key and the path of the URL go with every request, and none asks for a packed answer', async () => {
    const { url, requests } = await fake(() => {})
    await qdrant({ url: `${url}/sub/`, apiKey: 'secret' }).open(spaceOf())
    expect(requests.length).toBeGreaterThan(3)
    for (const { headers, url: path } of requests) {
      expect(headers['api-key']).toBe('secret')
      expect(headers['accept-encoding']).toBe('identity')
      expect(path).toMatch(/^\/sub\//)
    }
  })

  test('an injected client is used', async () => {
    const { url, requests } = await fake(status(404, 'gone'))
    const client = new QdrantClient({ url, checkCompatibility: false })
    const space = await qdrant({ client }).open(spaceOf())
    await space.close()
    await expect(space.count()).rejects.toMatchObject({ code: 'CLOSED' })
    const before = requests.length
    await expect(client.count('space')).rejects.toMatchObject({ status: 404 })
    expect(requests.length).toBe(before + 1)
  })

  test.each([
    [{}, 'url'],
    [{ url: 'localhost:6333' }, 'url'],
    [{ url: 'http://127.0.0.1', client: {} }, 'url'],
    [{ client: {}, apiKey: 'k' }, 'client'],
    [{ url: 'http://127.0.0.1', timeoutMs: 0 }, 'timeoutMs'],
    [{ url: 'http://127.0.0.1', tenantDepth: 17 }, 'tenantDepth'],
    [{ url: 'http://127.0.0.1', collectionPrefix: 'a/b' }, 'collectionPrefix'],
  ])('refuses the options %o', (options, field) => {
    expect(() => qdrant(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', field }))
  })
})

test('abort ends the wait, not the request', async () => {
  const arrived = Promise.withResolvers<ServerResponse>()
  const space = await spaceAnswering((_, response) => arrived.resolve(response))
  const controller = new AbortController()
  const counting = space.count({ signal: controller.signal })
  const response = await arrived.promise
  controller.abort(new Error('enough'))
  await expect(counting).rejects.toThrow('enough')
  expect(response.destroyed).toBe(false)
})

describe('a hit that was deleted while Qdrant answered', () => {
  const hit = (
    key: string,
    score: number,
    payload: object = { namespace: ['n'], key, field: 'f', part: 0, micros: 1, writer: 1 },
  ) => ({
    id: key,
    hits: [{ id: key, version: 1, score, payload: { document: key, ...payload } }],
  })

  async function answering(groups: object[], next: object[]): Promise<VectorSpace> {
    return spaceAnswering((request, response) => {
      const result = request.url?.includes('/query/groups') ? { groups } : { points: next }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ result, status: 'ok' }))
    })
  }
  const query = { vector: Float32Array.of(1, 0, 0, 0), prefix: [], now: 0, limit: 3 }

  test('is left out, and what comes behind it is asked for', async () => {
    const space = await answering(
      [hit('a', 0.9), hit('torn', 0.8, {}), hit('b', 0.7)],
      [{ id: 'c', version: 1, score: 0.6 }],
    )
    const { matches, more } = await space.query(query)
    expect(matches.map(({ key }) => key)).toEqual(['a', 'b'])
    expect(more).toBe(true)
  })

  test('may be the only one', async () => {
    const space = await answering([hit('torn', 0.8, {})], [])
    expect(await space.query(query)).toEqual({ matches: [], more: false })
  })
})
