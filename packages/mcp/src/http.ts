import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostHeaderValidation, originValidation, toNodeHandler } from '@modelcontextprotocol/node'
import { type AuthInfo, createMcpHandler, localhostAllowedHostnames } from '@modelcontextprotocol/server'
import { type Store, StoreError } from '@tandemstore/core'
import { invalid } from '@tandemstore/core/adapter'
import { type Authenticate, authenticated, oneToken } from './auth.js'
import { checkServerOptions, type McpServerOptions } from './options.js'
import { createMcpServer } from './server.js'

const PATH = '/mcp'
/** A memory takes up to a million bytes, whose JSON in JSON may be several times as long. */
const MAX_BODY_BYTES = 8 * 2 ** 20

export interface HttpOptions extends McpServerOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** The address to listen on. Default: `127.0.0.1`. */
  readonly host?: string | undefined
  /** The bearer token that every request has to carry. One of `token`, `authenticate` and `insecure` is required. */
  readonly token?: string | undefined
  /** Gives the user of a bearer token; `namespace` can be a function of it. */
  readonly authenticate?: Authenticate | undefined
  /** No token is asked for. Only on a loopback address. */
  readonly insecure?: boolean | undefined
  /** Names that a `Host` and an `Origin` header may have, without a port. Default: those of this machine's loopback. */
  readonly allowedHosts?: readonly string[] | undefined
}

export interface ServedHttp {
  /** Where clients connect, such as `http://127.0.0.1:3000/mcp`. */
  readonly url: string
  /** Ends open requests and stops listening. The store stays open. */
  close(): Promise<void>
}

/**
 * Serves a store over streamable HTTP, old and new versions of the protocol alike, with no session to keep. Host and
 * Origin are checked, and a bearer token is required unless `insecure`.
 *
 * @throws StoreError INVALID_ARGUMENT for wrong options, CONFIGURATION if it cannot listen.
 */
export async function serveHttp<T extends object, Input extends object>(
  store: Store<T, Input>,
  options: HttpOptions,
): Promise<ServedHttp> {
  const { port, host = '127.0.0.1', allowedHosts = localhostAllowedHostnames() } = options
  const { report } = checkServerOptions(options, httpOptionNames)
  const authenticate = checkAccess(options, host)
  const { namespace, fields, readOnly, onError } = options
  const handler = createMcpHandler(() => createMcpServer(store, { namespace, fields, readOnly, onError }), {
    onerror: report,
    maxRequestBodySize: MAX_BODY_BYTES,
  })
  const handle = toNodeHandler(handler, { onerror: report, maxRequestBodySize: MAX_BODY_BYTES })
  const isHostAllowed = hostHeaderValidation([...allowedHosts])
  const isOriginAllowed = originValidation([...allowedHosts])

  const respond = async (request: IncomingMessage & { auth?: AuthInfo }, response: ServerResponse): Promise<void> => {
    // Both answer what they refuse.
    if (!isHostAllowed(request, response) || !isOriginAllowed(request, response)) return
    if (URL.parse(request.url ?? '/', 'http://host')?.pathname !== PATH)
      return refuse(response, 404, `Only ${PATH} is here`)
    if (authenticate !== undefined) {
      const user = await authenticated(request.headers.authorization, authenticate, report)
      if (user instanceof Response) return await send(user, response)
      request.auth = user
    }
    await handle(request as Parameters<typeof handle>[0], response)
  }
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      report(error)
      if (response.headersSent) response.destroy()
      else refuse(response, 500, 'The server failed')
    })
  })
  await listen(server, port, host)
  server.on('error', report)
  const { address, family, port: bound } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}${PATH}`,
    async close() {
      if (!server.listening) return
      await handler.close()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const httpOptionNames = ['port', 'host', 'token', 'authenticate', 'insecure', 'allowedHosts']

function checkAccess(
  { port, token, authenticate, insecure, allowedHosts }: HttpOptions,
  host: string,
): Authenticate | undefined {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw invalid('options.port', 'an integer from 0 to 65535')
  if (typeof host !== 'string' || host === '') throw invalid('options.host', 'an address')
  if (allowedHosts?.every((name) => typeof name === 'string' && name !== '') === false)
    throw invalid('options.allowedHosts', 'names of hosts')
  if (token !== undefined && (typeof token !== 'string' || token.length < 16))
    throw invalid('options.token', 'a text of at least 16 characters')
  if (authenticate !== undefined && typeof authenticate !== 'function')
    throw invalid('options.authenticate', 'a function')
  const given = [token, authenticate, insecure === true ? insecure : undefined].filter((each) => each !== undefined)
  if (given.length !== 1) throw invalid('options', 'one of token, authenticate and insecure: true')
  if (insecure === true && !isLoopback(host)) throw invalid('options.insecure', 'a loopback address as host')
  return token === undefined ? authenticate : oneToken(token)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

async function listen(server: ReturnType<typeof createServer>, port: number, host: string): Promise<void> {
  try {
    await once(server.listen(port, host), 'listening')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StoreError('CONFIGURATION', `Cannot listen on ${host}:${port}: ${reason}`, {
      field: 'options.port',
      cause,
    })
  }
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32_000, message }, id: null }))
}

async function send(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  response.end(await answer.text())
}
