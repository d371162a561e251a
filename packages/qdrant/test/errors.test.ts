import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { QdrantClient } from '@qdrant/js-client-rest'
import { StoreError, type VectorSpace } from '@tandemstore/core/adapter'
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
    request.resume()
    const path = request.url ?? ''
    const tell = (body: unknown): void => void response.end(JSON.stringify(body))
    if (path.endsWith('/sub/') || path === '/') tell({ title: 'fake', version })
    else if (path.endsWith('/exists')) tell({ result: { exists: true } })
    else if (path.includes('/index')) tell({ result: { operation_id: 1, status: 'completed' } })
    else if (/\/collections\/space$/.test(path) && request.method === 'GET') tell({ result: info })
    else answer(request, response)
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
    await expect(space.count()).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true })
  })

  test('no server is UNAVAILABLE', async () => {
    const { url } = await fake(() => {})
    for (const close of open.splice(0)) await close()
    await expect(qdrant({ url }).open(spaceOf())).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true })
  })

  test('a connection that breaks is UNAVAILABLE', async () => {
    const space = await spaceAnswering((request) => request.socket.destroy())
    await expect(space.count()).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true })
  })

  test('what is not an answer of Qdrant is INDEX_FAILED', async () => {
    const space = await spaceAnswering((_, response) => void response.end('<html>a proxy</html>'))
    await expect(space.count()).rejects.toMatchObject({ code: 'INDEX_FAILED' })
  })

  test.each(['acknowledged', 'wait_timeout'])('an update that is only %s is TIMEOUT', async (update) => {
    const space = await spaceAnswering((_, response) => {
      response.end(JSON.stringify({ result: [{ operation_id: 1, status: 'completed' }, { status: update }] }))
    })
    const replace = space.replace([documentOf('k', versionAt(1))])
    await expect(replace).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true })
  })
})

describe('opening', () => {
  test.each(['1.15.4', '0.11.0'])('refuses a server of version %s', async (version) => {
    const { url } = await fake(() => {}, version)
    const opening = qdrant({ url }).open(spaceOf())
    await expect(opening).rejects.toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining(version) })
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
