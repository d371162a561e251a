import type { StoreError } from '@tandemstore/core/adapter'
import { Client, type ClientOptions, types } from 'cassandra-driver'
import { toScyllaError, untilAborted } from './errors.js'
import { addressOf, readSupported, shardsOf } from './handshake.js'
import type { CassandraClient, ScyllaConnection, ScyllaOptions } from './options.js'

/** The default of the driver. Milliseconds. */
const CONNECT_TIMEOUT_MS = 5000

/** The client that the open collections of one backend share. */
export interface Connection {
  /** The client, connected. Every call is answered by one of `release`, also if the promise rejects. */
  acquire(signal: AbortSignal | undefined): Promise<CassandraClient>
  release(): Promise<void>
}

export function makeConnection(options: ScyllaOptions): Connection {
  if ('client' in options) return { acquire: async () => options.client, release: async () => {} }
  // What is ours is not the driver's.
  const { keyspace, replication, tablets, schema, consistency, buckets, ...own } = options
  const timeoutMs = own.socketOptions?.connectTimeout ?? CONNECT_TIMEOUT_MS
  let users = 0
  let current: { readonly connected: Promise<Client>; readonly ending: AbortController } | undefined
  /** The last failure, if it was that nobody answered. */
  let silence: { readonly error: StoreError; readonly at: number } | undefined

  const connect = async (signal: AbortSignal): Promise<Client> => {
    // Whoever asks again has waited for a whole time-out already; the same wait once more would tell nothing new.
    if (silence !== undefined && Date.now() - silence.at < timeoutMs) throw silence.error
    silence = undefined
    try {
      return await connectClient(own, timeoutMs, signal)
    } catch (error) {
      const failure = toScyllaError(error, 'connect')
      if (failure.code === 'TIMEOUT') silence = { error: failure, at: Date.now() }
      throw failure
    }
  }

  return {
    async acquire(signal) {
      users += 1
      if (current === undefined) {
        const ending = new AbortController()
        const connecting = { connected: connect(ending.signal), ending }
        // The next open tries anew.
        connecting.connected.catch(() => {
          if (current === connecting) current = undefined
        })
        current = connecting
      }
      return untilAborted(current.connected, signal)
    },
    async release() {
      users -= 1
      if (users > 0 || current === undefined) return
      const { connected, ending } = current
      current = undefined
      ending.abort()
      const client = await connected.catch(() => undefined)
      await client?.shutdown()
    },
  }
}

async function connectClient(own: ScyllaConnection, timeoutMs: number, signal: AbortSignal): Promise<Client> {
  const port = commonPort(own.contactPoints) ?? own.protocolOptions?.port
  // The driver trusts any certificate by default.
  const tls = own.sslOptions && { rejectUnauthorized: true, ...own.sslOptions }
  const { contactPoints } = own
  const supported = await readSupported({ contactPoints, port, tls, timeoutMs }, signal)
  const shards = shardsOf(supported)
  // To the driver an option that is undefined is no default.
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as ClientOptions
  const client = new Client({
    ...given,
    contactPoints: [...contactPoints],
    protocolOptions: { ...(port === undefined ? {} : { port }), ...own.protocolOptions },
    ...(tls === undefined ? {} : { sslOptions: tls }),
    ...(shards === undefined ? {} : { pooling: poolingFor(shards, own.pooling) }),
    monitorReporting: { enabled: false },
  })
  try {
    await untilAborted(client.connect(), signal)
    return client
  } catch (error) {
    // A client that failed to connect stays failed. One that still connects ends afterwards, which nobody has to wait
    // for.
    const ended = client.shutdown().catch(() => {})
    if (!signal.aborted) await ended
    throw error
  }
}

/**
 * ScyllaDB gives each connection to another shard, so that as many are needed to reach all of them without a detour.
 */
function poolingFor(shards: number, given: ClientOptions['pooling']): NonNullable<ClientOptions['pooling']> {
  return { ...given, coreConnectionsPerHost: { [types.distance.local]: shards, ...given?.coreConnectionsPerHost } }
}

/**
 * The driver looks for the nodes that it is told of by others at one port: that of the contact points, if they agree.
 */
function commonPort(contactPoints: readonly string[]): number | undefined {
  const ports = new Set(contactPoints.map((point) => addressOf(point).port))
  const [port] = ports
  return ports.size === 1 ? port : undefined
}
