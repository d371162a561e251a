import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StoreError, type StoreErrorCode } from '@tandemstore/core'
import { invalid } from '@tandemstore/core/adapter'
import { wrongUsage } from '../exit-codes.js'
import { foreignRequest, newToken, withoutToken } from './access.js'
import { endpoints } from './endpoints/index.js'
import { Input } from './input.js'
import { type PageFile, pageFiles } from './page-files.js'
import type { Studio } from './studio.js'

const API = '/api/'
const MAX_BODY_BYTES = 1_000_000

/** Nothing but the page's own files, and no request to anywhere else. */
const headers = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

const statuses: Partial<Record<StoreErrorCode, number>> = {
  INVALID_ARGUMENT: 400,
  CONFLICT: 409,
  NOT_SUPPORTED: 422,
  CONFIGURATION: 422,
  MODEL_MISMATCH: 422,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
  TIMEOUT: 504,
}

export interface ServeOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** Told of what is nobody's wrong request. */
  onError(error: unknown): void
}

export interface ServedStudio extends AsyncDisposable {
  /** With the token, which the page takes out of its address. */
  readonly url: string
}

/** Serves the page and what it asks for, on 127.0.0.1 only. Disposing ends open requests; the studio stays open. */
export async function serveStudio(studio: Studio, { port, onError }: ServeOptions): Promise<ServedStudio> {
  const token = newToken()
  const files = await pageFiles()
  const closing = new AbortController()
  const server = createServer((request, response) => {
    const { port: bound } = server.address() as AddressInfo
    answer(request, response, bound).catch((error: unknown) => {
      if (!response.destroyed) onError(error)
      if (response.headersSent) response.destroy()
      else sendJson(response, 500, { code: 'ERROR', message: messageOf(error) })
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse, bound: number): Promise<void> {
    const foreign = foreignRequest(request, bound)
    if (foreign !== undefined) return refuse(response, foreign.status, foreign.message)
    const pathname = URL.parse(request.url ?? '/', 'http://127.0.0.1')?.pathname ?? ''
    if (!pathname.startsWith(API)) return sendFile(request, response, files.get(pathname))
    const missing = withoutToken(request, token)
    if (missing !== undefined) return refuse(response, missing.status, missing.message)
    const endpoint = endpoints[pathname.slice(API.length)]
    if (endpoint === undefined) return refuse(response, 404, 'There is nothing here')
    if (request.method !== 'POST') return refuse(response, 405, 'Only POST', { allow: 'POST' })
    if (endpoint.writes && !studio.writable)
      return refuse(response, 403, 'The store is opened for reading: start `tandem studio` with --write')
    // A page that goes on to something else does not wait for what it asked before.
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const signal = AbortSignal.any([gone.signal, closing.signal])
    try {
      const input = new Input(await readJson(request), endpoint.takes)
      sendJson(response, 200, await endpoint.run(studio, input, signal))
    } catch (error) {
      if (signal.aborted) return void response.destroy()
      if (!StoreError.isInstance(error)) throw error
      sendJson(response, statuses[error.code] ?? 500, { code: error.code, message: error.message })
    }
  }

  await listen(server, port)
  server.on('error', onError)
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${bound}/#token=${token}`,
    async [Symbol.asyncDispose]() {
      closing.abort()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch (cause) {
    throw wrongUsage(`Cannot listen on 127.0.0.1:${port}: ${messageOf(cause)}`, cause)
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw invalid('body', `at most ${MAX_BODY_BYTES} bytes`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw invalid('body', 'a JSON object')
  }
}

function sendFile(request: IncomingMessage, response: ServerResponse, file: PageFile | undefined): void {
  if (file === undefined) refuse(response, 404, 'There is nothing here')
  else if (request.method !== 'GET' && request.method !== 'HEAD')
    refuse(response, 405, 'Only GET', { allow: 'GET, HEAD' })
  else {
    response.writeHead(200, { ...headers, 'content-type': file.type })
    response.end(request.method === 'HEAD' ? undefined : file.content)
  }
}

function refuse(response: ServerResponse, status: number, message: string, more: Record<string, string> = {}): void {
  sendJson(response, status, { code: 'REFUSED', message }, more)
}

function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  more: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json; charset=utf-8', ...more })
  response.end(JSON.stringify(value))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
