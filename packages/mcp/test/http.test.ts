import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { Store } from '@tandemstore/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type HttpOptions, type ServedHttp, serveHttp } from '../src/index.js'
import {
  answerOf,
  callTool,
  cli,
  newClient,
  openStore,
  type ProtocolVersion,
  protocols,
  temporaryFolder,
} from './support.js'

const namespace = ['users', 'ann']
const token = 'a-token-of-some-length'

async function serve(store: Store, options: Partial<HttpOptions> = {}): Promise<ServedHttp> {
  const served = await serveHttp(store, { namespace, port: 0, ...options })
  onTestFinished(() => served.close())
  return served
}

async function connectHttp(
  url: string,
  bearer: string | undefined,
  version: ProtocolVersion = '2026-07-28',
): Promise<Client> {
  const headers: Record<string, string> = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }
  const client = newClient(version)
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }))
  return client
}

interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
}

/** `fetch` lets nobody set Host. */
function post(url: string, headers: Record<string, string>, body = JSON.stringify(initialize)): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const all = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers }
  const sent = request(url, { method: 'POST', headers: all }, (response) => {
    let text = ''
    response.on('data', (chunk) => {
      text += chunk
    })
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    response.on('error', reject)
  })
  sent.on('error', reject)
  sent.end(body)
  return promise
}

describe.each(protocols)('HTTP, protocol %s', (version) => {
  it('serves the tools and the resources', async () => {
    const store = await openStore()
    const { url } = await serve(store, { token })
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/)
    const client = await connectHttp(url, token, version)
    expect((await client.listTools()).tools).toHaveLength(6)
    await answerOf(client, 'memory_save', { text: 'green tea', key: 'drink' })
    expect((await answerOf(client, 'memory_search', { query: 'tea' })).hits).toMatchObject([{ key: 'drink' }])
    expect((await store.get(namespace, 'drink'))?.value).toEqual({ text: 'green tea' })
    const { contents } = await client.readResource({ uri: 'memory:drink' })
    expect(contents).toMatchObject([{ text: expect.stringContaining('green tea') }])
    await expect(client.readResource({ uri: 'memory:nope' })).rejects.toThrow('memory:nope')
    expect((await callTool(client, 'memory_save', { text: 7 })).isError).toBe(true)
    const large = await callTool(client, 'memory_save', { text: 'x'.repeat(2_000_000) })
    expect(large.isError).toBe(true)
  })

  it('keeps users apart, each by their token', async () => {
    const store = await openStore()
    const authenticate = (bearer: string) =>
      bearer.startsWith('token-of-') ? { clientId: bearer.slice(9) } : undefined
    const options = {
      authenticate,
      namespace: ({ authInfo }) => ['users', authInfo?.clientId ?? ''],
    } satisfies Partial<HttpOptions>
    const { url } = await serve(store, options)
    const [ann, bob] = [
      await connectHttp(url, 'token-of-ann', version),
      await connectHttp(url, 'token-of-bob', version),
    ]
    await Promise.all(
      Array.from({ length: 10 }, async (_, i) => {
        await answerOf(ann, 'memory_save', { key: `${i}`, text: `secret of ann ${i}` })
        await answerOf(bob, 'memory_save', { key: `${i}`, text: `secret of bob ${i}` })
      }),
    )
    for (const [client, user, other] of [
      [ann, 'ann', 'bob'],
      [bob, 'bob', 'ann'],
    ] as const) {
      const { hits } = await answerOf(client, 'memory_search', { query: 'secret', limit: 100 })
      expect(hits).toHaveLength(10)
      expect(JSON.stringify(hits)).not.toContain(`of ${other}`)
      expect((await answerOf(client, 'memory_get', { key: '3' })).value).toEqual({ text: `secret of ${user} 3` })
      for (const labels of [[other], ['..', other], ['users', other]])
        expect((await callTool(client, 'memory_get', { key: '3', labels })).isError).toBe(true)
    }
    expect(await store.count(['users', 'ann'])).toBe(10)
    await expect(connectHttp(url, 'nobody', version)).rejects.toThrow()
  })
})

describe('closing HTTP', () => {
  it('ends open requests, and may be done twice', async () => {
    const store = await openStore()
    const served = await serve(store, { token, onError: () => {} })
    const client = await connectHttp(served.url, token)
    const subscription = await client.listen({ toolsListChanged: true })
    await served.close()
    await subscription.closed
    await served.close()
    await expect(answerOf(client, 'memory_list')).rejects.toThrow()
    expect(await store.count([])).toBe(0)
  })
})

describe('HTTP refuses', () => {
  const bearer = `Bearer ${token}`

  it.each([
    ['no token', {}],
    ['another token', { authorization: 'Bearer another-token-of-length' }],
    ['the beginning of the token', { authorization: bearer.slice(0, -1) }],
    ['another scheme', { authorization: `Basic ${token}` }],
    ['an empty token', { authorization: 'Bearer ' }],
  ])('%s with 401 and a challenge', async (_name, headers) => {
    const { url } = await serve(await openStore(), { token })
    const answer = await post(url, headers as Record<string, string>)
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer /)
    expect(answer.body).not.toContain(token)
    expect((await post(url, { authorization: bearer })).status).toBe(200)
  })

  it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', '169.254.0.1', 'localhost.'])(
    'the Host %j with 403',
    async (host) => {
      const { url } = await serve(await openStore(), { token })
      const answer = await post(url, { host, authorization: bearer })
      expect(answer.status).toBe(403)
    },
  )

  it.each([
    'http://evil.example',
    'https://localhost.evil.example',
    'null',
    'http://127.0.0.1.evil.example:80',
    'file://',
  ])('the Origin %j with 403', async (origin) => {
    const { url } = await serve(await openStore(), { token })
    expect((await post(url, { origin, authorization: bearer })).status).toBe(403)
  })

  it('every name but those that were allowed', async () => {
    const { url } = await serve(await openStore(), { token, allowedHosts: ['localhost', 'memory.example'] })
    for (const host of ['localhost:1', 'memory.example', 'memory.example:8080'])
      expect((await post(url, { host, origin: `http://${host}`, authorization: bearer })).status).toBe(200)
    expect((await post(url, { host: '127.0.0.1', authorization: bearer })).status).toBe(403)
  })

  it('other paths, too large bodies and bodies that are no JSON', async () => {
    const { url } = await serve(await openStore(), { token, onError: () => {} })
    const headers = { authorization: bearer }
    expect((await post(url.replace('/mcp', '/'), headers)).status).toBe(404)
    expect((await post(url.replace('/mcp', '/mcp/../x'), headers)).status).toBe(404)
    expect((await post(url.replace('/mcp', '//'), headers)).status).toBe(404)
    expect(
      (await post(url, headers, 'x'.repeat(9_000_000)).catch((error) => ({ status: error.code }))).status,
    ).toSatisfy((status: unknown) => status === 413 || status === 'EPIPE' || status === 'ECONNRESET')
    expect((await post(url, headers, '{')).status).toBe(400)
    expect((await post(url, { ...headers, 'content-type': 'text/plain' })).status).toBe(415)
    expect((await post(url, headers)).status).toBe(200)
  })

  it('users whose authentication fails, without saying why', async () => {
    const told: unknown[] = []
    const authenticate = () => {
      throw new Error('the directory is down, password xyzzy')
    }
    const { url } = await serve(await openStore(), { authenticate, onError: (error) => told.push(error) })
    const answer = await post(url, { authorization: bearer })
    expect(answer.status).toBe(500)
    expect(answer.body).not.toContain('xyzzy')
    expect(told).toHaveLength(1)
  })

  it('tokens that have expired', async () => {
    const authenticate = () => ({ clientId: 'ann', expiresAt: 1_000_000 })
    const { url } = await serve(await openStore(), { authenticate })
    expect((await post(url, { authorization: bearer })).status).toBe(401)
  })

  it.each([
    [{}, 'options'],
    [{ token, insecure: true }, 'options'],
    [{ token, authenticate: () => undefined }, 'options'],
    [{ token: 'short' }, 'options.token'],
    [{ insecure: true, host: '0.0.0.0' }, 'options.insecure'],
    [{ token, port: 70_000 }, 'options.port'],
    [{ token, port: '80' }, 'options.port'],
    [{ token, hosts: [] }, 'options.hosts'],
    [{ token, allowedHosts: [''] }, 'options.allowedHosts'],
    [{ authenticate: 'yes' }, 'options.authenticate'],
    [{ token, namespace: [] }, 'options.namespace'],
  ])('the options %j', async (options, field) => {
    const store = await openStore()
    const opening = serveHttp(store, { namespace, port: 0, ...options } as never)
    await expect(opening).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', field })
  })

  it('a port that is taken', async () => {
    const store = await openStore()
    const { url } = await serve(store, { token })
    const again = serveHttp(store, { namespace, token, port: Number(new URL(url).port) })
    await expect(again).rejects.toMatchObject({ code: 'CONFIGURATION', message: /Cannot listen on 127\.0\.0\.1/ })
  })
})

describe('the command over HTTP', () => {
  async function start(args: readonly string[], env: Record<string, string> = {}) {
    const folder = await temporaryFolder()
    const child = spawn(process.execPath, [cli, '--http', '0', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TANDEM_MCP_DB: `${folder}/a.sqlite`, ...env },
    })
    onTestFinished(async () => {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      const [code] = await once(child, 'exit')
      expect(code).toBe(0)
    })
    const lines = createInterface({ input: child.stderr })[Symbol.asyncIterator]()
    const first = (await lines.next()).value as string
    const url = first.match(/http:\S+/)?.[0]
    if (url === undefined) throw new Error(first)
    return { url, nextLine: async () => (await lines.next()).value as string }
  }

  it('makes a token and tells it, unless it is given one or is insecure', async () => {
    const made = await start([])
    const bearer = (await made.nextLine()).match(/^Authorization: Bearer (\S{32})$/)?.[1]
    expect((await post(made.url, {})).status).toBe(401)
    await answerOf(await connectHttp(made.url, bearer), 'memory_list')

    const given = await start([], { TANDEM_MCP_TOKEN: token })
    await answerOf(await connectHttp(given.url, token), 'memory_list')
    expect((await post(given.url, {})).status).toBe(401)

    const insecure = await start(['--insecure'])
    const client = await connectHttp(insecure.url, undefined)
    await answerOf(client, 'memory_save', { text: 'x' })
    expect((await post(insecure.url, { host: 'evil.example' })).status).toBe(403)
    expect((await post(insecure.url, { origin: 'http://evil.example' })).status).toBe(403)
  })

  it('serves the users of a configuration', async () => {
    const config = fileURLToPath(new URL('./programs/users.config.ts', import.meta.url))
    const { url } = await start(['--config', config])
    const [ann, bob] = [await connectHttp(url, 'token-of-ann-123'), await connectHttp(url, 'token-of-bob-123')]
    await answerOf(ann, 'memory_save', { text: 'tea', key: 'a' })
    expect((await answerOf(bob, 'memory_list')).memories).toEqual([])
    expect((await answerOf(ann, 'memory_list')).memories).toHaveLength(1)
    expect((await post(url, { authorization: 'Bearer token-of-eve-123' })).status).toBe(401)
  })
})
