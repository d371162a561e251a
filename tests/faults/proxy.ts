import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import type { QdrantAddress } from './services.ts'

export type Outage =
  /** Breaks the connections there are and refuses new ones, as a server does that has ended. */
  | 'refuses'
  /** Takes connections and passes nothing on, as a network does that loses every packet. */
  | 'swallows'

/** A TCP proxy before a server, which can take it away and bring it back. */
export interface TcpProxy {
  readonly url: string
  begin(outage: Outage): Promise<void>
  end(): Promise<void>
  close(): Promise<void>
}

export async function startProxy({ url }: Pick<QdrantAddress, 'url'>): Promise<TcpProxy> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let swallowing = false
  const keep = (socket: Socket): void => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // A connection that breaks is what is wanted here; the other end learns of it by itself.
    socket.on('error', () => socket.destroy())
  }
  const server = createServer((client) => {
    keep(client)
    const upstream = dial(Number(target.port), target.hostname)
    keep(upstream)
    client.once('close', () => upstream.destroy())
    upstream.once('close', () => client.destroy())
    client.on('data', (bytes) => void (swallowing || upstream.write(bytes)))
    upstream.on('data', (bytes) => void (swallowing || client.write(bytes)))
  })
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const stopListening = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    breakAll()
    await closed
  }
  await listen(0)
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    async begin(outage) {
      if (outage === 'swallows') swallowing = true
      else await stopListening()
    },
    async end() {
      if (swallowing) {
        swallowing = false
        // What was half passed on makes no sense to either end any more.
        breakAll()
      } else await listen(port)
    },
    close: stopListening,
  }
}
