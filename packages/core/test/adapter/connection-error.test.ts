import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  connectionError,
  explainConnectionError,
  innerReason,
  plainAddress,
} from '../../src/adapter/connection-error.js'
import type { StoreError } from '../../src/errors.js'

const folder = mkdtempSync(join(tmpdir(), 'tandem-tls-'))
const servers: Server[] = []

async function portOf(server: Server): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return (server.address() as AddressInfo).port
}

let ports: { readonly tls: number; readonly http: number; readonly alert: number; readonly closing: number }
beforeAll(async () => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-days', '1', '-subj', '/CN=localhost']
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  })
  ports = {
    tls: await portOf(createHttps({ key: readFileSync(key), cert: readFileSync(cert) })),
    http: await portOf(createHttp((_, response) => response.end('{}'))),
    // What OpenSSL's servers answer to plain HTTP: an alert.
    alert: await portOf(createTcp((socket) => socket.once('data', () => socket.end('\x15\x03\x01\x00\x02\x02\x0a')))),
    closing: await portOf(createTcp((socket) => socket.once('data', () => socket.destroy()))),
  }
})
afterAll(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true })
})

async function errorOf(url: string): Promise<StoreError | undefined> {
  const thrown = await fetch(url).then(
    () => undefined,
    (error: unknown) => error,
  )
  return explainConnectionError(thrown, 'The server', url)
}

describe('a connection that failed', () => {
  it('is a wrong configuration where no waiting mends it, with the address, the reason and what mends it', async () => {
    const wrong = {
      [`https://127.0.0.1:${ports.tls}/a?key=secret`]: ['self-signed certificate', 'NODE_EXTRA_CA_CERTS'],
      [`https://127.0.0.1:${ports.http}`]: ['wrong version number', 'plain http://'],
      [`http://127.0.0.1:${ports.alert}`]: ['does not match the HTTP', 'does not speak HTTP'],
      [`http://127.0.0.1:${ports.tls}`]: ['other side closed', 'use https://'],
      'http://127.0.0.1:6000': ['bad port', 'does not connect to this port'],
      'ftp://example.invalid': ['unknown scheme', 'no http:// or https:// URL'],
    }
    for (const [url, words] of Object.entries(wrong)) {
      const error = await errorOf(url)
      expect(error, url).toMatchObject({ code: 'CONFIGURATION', retryable: false })
      for (const each of [...words, plainAddress(url)]) expect(error?.message).toContain(each)
      expect(error?.message).not.toContain('secret')
      expect(error?.message).not.toContain('\n')
    }
  })

  it('is an outage where the next one may not fail, with the address and the reason', async () => {
    const closed = await portOf(createTcp())
    await new Promise((resolve) => servers.pop()?.close(resolve))
    const passing = {
      [`http://127.0.0.1:${closed}/v1`]: `connect ECONNREFUSED 127.0.0.1:${closed}`,
      [`http://localhost:${closed}/v1`]: 'ECONNREFUSED',
      [`http://127.0.0.1:${ports.closing}`]: 'other side closed',
      'http://no.such.host.invalid': 'no.such.host.invalid',
    }
    for (const [url, reason] of Object.entries(passing)) {
      const error = await errorOf(url)
      expect(error, url).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
      expect(error?.message).toContain(`The server could not be reached at ${url}: `)
      expect(error?.message).toContain(reason)
    }
  })

  it('is no other error', () => {
    for (const other of [new Error('no'), new SyntaxError('Unexpected token'), 'fetch failed', undefined])
      expect(connectionError(other, 'The server')).toBeUndefined()
  })
})

it('shows an address without what may be secret in it', () => {
  expect(plainAddress('https://user:secret@example.com:8443/v1/?key=secret#secret')).toBe(
    'https://example.com:8443/v1/',
  )
  expect(plainAddress('http://example.com')).toBe('http://example.com')
  expect(plainAddress('secret')).not.toContain('secret')
})

it('finds the reason at the bottom, whatever lies above it', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED ::1:4'), { code: 'ECONNREFUSED' })
  const tried = Object.assign(new AggregateError([refused], ''), { code: 'ECONNREFUSED' })
  expect(innerReason(new TypeError('fetch failed', { cause: tried }))).toBe('connect ECONNREFUSED ::1:4')
  expect(innerReason(new Error('outer', { cause: Object.assign(new Error(''), { code: 'EPIPE' }) }))).toBe(
    'outer (EPIPE)',
  )
  expect(innerReason('words')).toBe('words')
})
