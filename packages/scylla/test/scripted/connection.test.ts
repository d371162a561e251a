import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore } from '@tandemstore/core'
import { types } from 'cassandra-driver'
import { describe, expect, onTestFinished, test } from 'vitest'
import { scylla } from '../../src/index.js'
import { failureOf } from '../failures.js'
import { backend, openOn, startServer } from './server.js'

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `127.0.0.1:${(server.address() as { port: number }).port}`
}

/** A key and a certificate for 127.0.0.1, signed by itself. */
function makeCertificate(): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-tls-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject],
      {
        stdio: 'pipe',
      },
    )
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const settings = { localDataCenter: 'datacenter1', keyspace: 'app' }
const open = (point: string, options: Partial<Parameters<typeof scylla>[0]> = {}) =>
  scylla({ contactPoints: [point], ...settings, ...options }).open('notes')

describe('who does not answer', () => {
  test('a silent server is TIMEOUT, names the address, and a store gives up after one time-out', async () => {
    let connections = 0
    const silent = await listen(
      createServer(() => {
        connections += 1
      }),
    )
    const kv = scylla({ contactPoints: [silent], ...settings, socketOptions: { connectTimeout: 2000 } })
    const error = await failureOf(createStore({ collection: 'notes', kv }))
    expect(error).toMatchObject({ code: 'TIMEOUT', retryable: true })
    expect(error.message).toContain(`${silent}: no answer within 2000 ms`)
    // The store has tried four times.
    expect(connections).toBe(1)
  })

  test('an abort ends an opening at once, also while it waits for an answer', async () => {
    const controller = new AbortController()
    const silent = await listen(createServer(() => controller.abort(new Error('enough'))))
    // Longer than the test may take.
    const socketOptions = { connectTimeout: 300_000 }
    const kv = scylla({ contactPoints: [silent], ...settings, socketOptions })
    const error = await failureOf(kv.open('notes', { signal: controller.signal }))
    expect(error).toMatchObject({ code: 'ABORTED', cause: controller.signal.reason })
  })

  test('nobody there is UNAVAILABLE, with the reason of each address', async () => {
    const error = await failureOf(scylla({ contactPoints: ['127.0.0.1:1', '127.0.0.1:2'], ...settings }).open('notes'))
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    expect(error.message).toMatch(/127\.0\.0\.1:1: .*ECONNREFUSED.*127\.0\.0\.1:2: .*ECONNREFUSED/)
  })

  test('one contact point that is there is enough', async () => {
    const server = await startServer()
    await openOn(server, { contactPoints: ['127.0.0.1:1', ...server.contactPoints] })
  })

  test('a port that is none is CONFIGURATION', async () => {
    expect(await failureOf(open('127.0.0.1:99999'))).toMatchObject({
      code: 'CONFIGURATION',
      retryable: false,
      message: expect.stringContaining('127.0.0.1:99999'),
    })
  })

  test('a server of another protocol is CONFIGURATION, with what it said', async () => {
    const web = await listen(createHttpServer())
    const error = await failureOf(open(web))
    expect(error).toMatchObject({ code: 'CONFIGURATION', retryable: false })
    expect(error.message).toContain('it does not speak CQL')
    expect(error.message).toContain('HTTP/1.1 400')
  })

  test('where another address may only be away for a while, a wrong one does not make it CONFIGURATION', async () => {
    const kv = scylla({ contactPoints: ['127.0.0.1:1', '127.0.0.1:99999'], ...settings })
    expect(await failureOf(kv.open('notes'))).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
  })

  test('a server that hangs up is UNAVAILABLE', async () => {
    const closing = await listen(createServer((socket) => socket.destroy()))
    expect(await failureOf(open(closing))).toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining(closing),
    })
  })
})

describe('TLS', () => {
  const tls = makeCertificate()

  test('a certificate that is trusted opens, one that is not is CONFIGURATION and says why', async () => {
    const server = await startServer({ scylla: '2026.1.5', tls })
    await openOn(server, { sslOptions: { ca: tls.cert } })
    for (const sslOptions of [{}, { rejectUnauthorized: true }]) {
      const error = await failureOf(backend(server, { sslOptions }).open('notes'))
      expect(error).toMatchObject({ code: 'CONFIGURATION', retryable: false })
      expect(error.message).toMatch(/127\.0\.0\.1:\d+: .*self-signed/)
    }
    await openOn(server, { sslOptions: { rejectUnauthorized: false } })
  })

  test('TLS on a plain port is CONFIGURATION, and a plain connection to a port of TLS gets a hint', async () => {
    const plain = await startServer()
    const toPlain = await failureOf(backend(plain, { sslOptions: { ca: tls.cert } }).open('notes'))
    expect(toPlain).toMatchObject({ code: 'CONFIGURATION', retryable: false })
    const web = await listen(createHttpServer())
    expect(await failureOf(open(web, { sslOptions: { ca: tls.cert } }))).toMatchObject({
      code: 'CONFIGURATION',
      retryable: false,
      message: expect.stringMatching(/wrong version number|packet length/i),
    })
    const secure = await startServer({ scylla: '2026.1.5', tls })
    const toTls = await failureOf(backend(secure).open('notes'))
    // It closes the connection, as one does that is going down.
    expect(toTls).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('give `sslOptions`') })
  })
})

describe('shards', () => {
  const openConnections = async (options: Parameters<typeof openOn>[1], shards?: number) => {
    const server = await startServer({ scylla: '2026.1.5', ...(shards === undefined ? {} : { shards }) })
    const collection = await openOn(server, options)
    await collection.ping()
    return () => server.connections
  }

  test('there is a connection for each shard of a node', async () => {
    await expect.poll(await openConnections({}, 5)).toBe(5)
  })

  test('where it tells of none, and where the pool is given, that counts', async () => {
    await expect.poll(await openConnections({})).toBe(1)
    const pooling = { coreConnectionsPerHost: { [types.distance.local]: 2 } }
    await expect.poll(await openConnections({ pooling }, 5)).toBe(2)
  })
})
