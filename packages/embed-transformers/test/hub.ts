import { createReadStream, existsSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

export interface Hub extends AsyncDisposable {
  readonly url: string
  /** Paths asked for, in order. */
  readonly requests: string[]
}

/**
 * A hub on this machine that gives the files below a folder, as `/<model>/resolve/<revision>/<file>`; `answer` may say
 * something else.
 */
export async function startHub(folder: string, answer?: (response: ServerResponse) => void): Promise<Hub> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const url = request.url ?? ''
    requests.push(decodeURIComponent(url))
    if (answer !== undefined) return answer(response)
    const file = join(folder, decodeURIComponent(url.replace(/\/resolve\/[^/]+/, '')))
    if (existsSync(file)) return createReadStream(file).pipe(response)
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
