import { createConnection } from 'node:net'
import { onAbort, StoreError } from '@tandemstore/core/adapter'
import type { PoolClient } from 'pg'
import type { OwnPool } from './client.js'

/** Of the protocol: https://www.postgresql.org/docs/current/protocol-message-formats.html, CancelRequest. */
const CANCEL_REQUEST = 80_877_102

/** A pool of node-postgres, whose statements are cancelled on the server when their signal is aborted. */
export async function makePool(connectionString: string, max: number): Promise<OwnPool> {
  let driver: typeof import('pg')
  try {
    driver = await import('pg')
  } catch (cause) {
    throw new StoreError('CONFIGURATION', 'The package pg is needed for a connectionString: npm install pg', { cause })
  }
  const pool = new driver.default.Pool({ connectionString, max, application_name: 'tandem' })
  // An idle connection that breaks is replaced; the call that needs one finds out what is wrong.
  pool.on('error', ignore)
  return {
    async query(text, values, signal) {
      const client = await pool.connect()
      let cancelling: Promise<void> | undefined
      const stopListening = signal && onAbort(signal, () => (cancelling = cancel(client)))
      let broken = false
      // The call fails with the same error; without a listener the process would end.
      client.on('error', ignore)
      try {
        signal?.throwIfAborted()
        return await client.query(text, values)
      } catch (error) {
        // The pool looks itself at whether a connection has ended; this is one whose server is about to.
        broken = /^(08|57P)/.test(String((error as { code?: unknown }).code))
        throw error
      } finally {
        stopListening?.()
        // Not before the request has gone, as it would meet whatever the connection does next.
        await cancelling
        client.off('error', ignore)
        client.release(broken || cancelling !== undefined)
      }
    },
    end: () => pool.end(),
  }
}

function ignore(): void {}

/** What is cancelled is known by two numbers that the server gave the connection; proxies pass them on. */
type Cancellable = PoolClient & {
  readonly host: string
  readonly port: number
  readonly processID: number | null
  readonly secretKey?: number | null
}

/** Asks the server to cancel what a connection does. It does not say whether it did, so that no error matters. */
function cancel(client: PoolClient): Promise<void> {
  const { host, port, processID, secretKey } = client as Cancellable
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return Promise.resolve()
  const request = Buffer.alloc(16)
  request.writeInt32BE(16, 0)
  request.writeInt32BE(CANCEL_REQUEST, 4)
  request.writeInt32BE(processID, 8)
  request.writeInt32BE(secretKey, 12)
  return new Promise((resolve) => {
    const socket = host.startsWith('/')
      ? createConnection(`${host}/.s.PGSQL.${port}`)
      : createConnection({ host, port })
    socket.setTimeout(5000)
    // The server ends the connection when it has passed the request on; PgBouncer 1.18 takes an earlier end badly.
    socket.once('connect', () => socket.write(request))
    socket.once('timeout', () => socket.destroy())
    socket.once('error', () => socket.destroy())
    socket.once('close', () => resolve())
    socket.resume()
  })
}
