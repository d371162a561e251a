import { aborted, type KVBackend, StoreError } from '@tandemstore/core/adapter'
import { Client, type ClientOptions } from 'cassandra-driver'
import { makeCells } from './cells.js'
import { makeConditional } from './conditional.js'
import { makeDocuments } from './documents.js'
import { toScyllaError, untilAborted } from './errors.js'
import { makeIntentMinutes } from './intent-minutes.js'
import { makeIntentPlaces } from './intent-places.js'
import { makeIntents } from './intents.js'
import { makeIntentsBeside } from './intents-beside.js'
import { makeIntentsInShards } from './intents-in-shards.js'
import { makeListing } from './listing.js'
import {
  type CassandraClient,
  checkOptions,
  DEFAULT_BUCKETS,
  type ScyllaConnection,
  type ScyllaOptions,
} from './options.js'
import { fixLayout, makeRecords } from './records.js'
import { makeRegistry } from './registry.js'
import { DELETION_MEMORY, prepareSchema, tablesOf } from './schema.js'
import { makeSession, toNumber } from './session.js'
import { makeStamp } from './stamp.js'

/**
 * Documents on ScyllaDB (5 and later) or Apache Cassandra (4.1 and 5). Connects on the first open and disconnects when the last collection is
 * closed; a client that is given stays open.
 * @throws StoreError INVALID_ARGUMENT for options that make no sense
 */
export function scylla(options: ScyllaOptions): KVBackend {
  checkOptions(options)
  const { keyspace, consistency = {}, buckets } = options
  const connection = makeConnection(options)
  return {
    name: 'scylla',
    capabilities: {
      conditionalWrites: true,
      nativeExpiry: true,
      deletionMemoryMs: DELETION_MEMORY * 1000,
      keepsCreatedAt: false,
      intentsWithWrites: true,
    },
    limits: { maxBatchSize: 1000, maxBatchBytes: 8 * 1024 * 1024, maxConcurrency: 16 },
    async open(collection, { signal } = {}) {
      if (!/^[a-z][a-z0-9_]{0,31}$/.test(collection)) {
        throw new StoreError('INVALID_ARGUMENT', 'collection: expected ^[a-z][a-z0-9_]{0,31}$', { field: 'collection' })
      }
      if (signal?.aborted) throw aborted(signal)
      try {
        const client = await untilAborted(connection.acquire(), signal)
        const session = makeSession(client, consistency)
        await prepareSchema(session, options, collection, signal)
        const tables = tablesOf(keyspace, collection)
        const wanted = { buckets: buckets ?? DEFAULT_BUCKETS, explicit: buckets !== undefined }
        const layout = await fixLayout(session, tables, wanted, signal)
        const stamp = makeStamp()
        const cells = makeCells(session, tables, layout)
        const registry = makeRegistry(session, tables, layout, stamp)
        const intents = makeIntents(session, {
          minutes: makeIntentMinutes(session, tables, stamp),
          places: makeIntentPlaces(session, tables, stamp),
          shards: makeIntentsInShards(session, tables, stamp),
          besides: makeIntentsBeside(session, tables, cells.primaryKey, stamp),
        })
        const writeIf = makeConditional(session, tables, cells)
        let closing: Promise<void> | undefined
        return {
          ...makeDocuments(session, { cells, writeIf, registry, intents }),
          ...makeListing(session, tables, layout, registry),
          addIntents: intents.addIntents,
          removeIntents: intents.removeIntents,
          listIntents: intents.listIntents,
          ...makeRecords(session, tables, stamp),
          deletePrefix: (prefix, version, { signal } = {}) => registry.deletePrefix(prefix, version, signal),
          // Expired rows go by their TTL and deletions after gc_grace_seconds, both by themselves.
          async deleteExpired(_query, { signal } = {}) {
            if (signal?.aborted) throw aborted(signal)
            return 0
          },
          async clock({ signal } = {}) {
            const [row] = await session.plain('SELECT toUnixTimestamp(now()) AS now FROM system.local', {
              what: 'read the clock',
              signal,
            })
            return { now: toNumber(row?.now) }
          },
          async ping({ signal } = {}) {
            await session.plain('SELECT key FROM system.local', { what: 'answer', signal })
          },
          close() {
            closing ??= intents.close().then(() => {
              session.end()
              return connection.release()
            })
            return closing
          },
        }
      } catch (error) {
        await connection.release()
        throw error
      }
    },
  }
}

interface Connection {
  /** The client, connected. Every call is answered by one of `release`, also if the promise rejects. */
  acquire(): Promise<CassandraClient>
  release(): Promise<void>
}

function makeConnection(options: ScyllaOptions): Connection {
  if ('client' in options) return { acquire: async () => options.client, release: async () => {} }
  // What is ours is not the driver's.
  const { keyspace, replication, tablets, schema, consistency, buckets, ...own } = options
  let users = 0
  let current: { readonly client: Client; readonly connected: Promise<Client> } | undefined
  return {
    async acquire() {
      users += 1
      if (current === undefined) {
        const client = makeClient(own)
        const connected = client.connect().then(
          () => client,
          async (error: unknown) => {
            // A client that failed to connect stays failed: the next open makes a new one.
            if (current?.client === client) current = undefined
            await client.shutdown()
            throw toScyllaError(error, 'connect')
          },
        )
        current = { client, connected }
      }
      return current.connected
    },
    async release() {
      users -= 1
      if (users > 0 || current === undefined) return
      const { client } = current
      current = undefined
      await client.shutdown()
    },
  }
}

function makeClient(own: ScyllaConnection): Client {
  try {
    const port = commonPort(own.contactPoints)
    const protocolOptions = { ...(port === undefined ? {} : { port }), ...own.protocolOptions }
    // To the driver an option that is undefined is no default.
    const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as ClientOptions
    return new Client({ ...given, protocolOptions, monitorReporting: { enabled: false } })
  } catch (error) {
    throw toScyllaError(error, 'connect')
  }
}

/** The driver looks for the nodes that it is told of by others at one port: that of the contact points, if they agree. */
function commonPort(contactPoints: readonly string[]): number | undefined {
  const ports = new Set(contactPoints.map((point) => /^(?:[^:]+|\[.+\]):(\d+)$/.exec(point)?.[1]))
  const [port] = ports
  return ports.size === 1 && port !== undefined ? Number(port) : undefined
}
