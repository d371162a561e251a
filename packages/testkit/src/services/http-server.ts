import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HttpServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:12345`. */
  readonly url: string
  /** Every request so far, in order. */
  readonly requests: readonly IncomingMessage[]
  /** Breaks every connection and stops. */
  close(): Promise<void>
}

/**
 * Starts a server on a free port of 127.0.0.1 that answers as it is told: as a proxy, a login page, another service.
 */
export async function startHttpServer(answer: RequestListener): Promise<HttpServer> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  async function close(): Promise<void> {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, requests, close, [Symbol.asyncDispose]: close }
}
