import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

export interface Server {
  readonly url: string
  /** What was sent, oldest first. */
  readonly requests: { readonly headers: IncomingMessage['headers']; readonly body: unknown }[]
  /** Answers every further request with this. */
  refuse(status: number, words: string, headers?: Readonly<Record<string, string>>): void
  close(): Promise<void>
}

/** Imitates the service: gives each request's body to `answer` and sends what comes back, as JSON. */
export async function startServer(answer: (body: never) => unknown): Promise<Server> {
  const requests: Server['requests'] = []
  let refusal: { status: number; words: string; headers: Readonly<Record<string, string>> } | undefined
  const server = createServer(async (request, response) => {
    const body: unknown = await json(request)
    requests.push({ headers: request.headers, body })
    if (refusal !== undefined) response.writeHead(refusal.status, refusal.headers).end(refusal.words)
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(await answer(body as never)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    refuse: (status, words, headers = {}) => {
      refusal = { status, words, headers }
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
