import { aborted, type KVBackend, StoreError } from '@tandemstore/core/adapter'
import { makeCells } from './cells.js'
import { makeCoLocatedIntents } from './co-located-intents.js'
import { makeConditional } from './conditional.js'
import { makeConnection } from './connection.js'
import { makeDocuments } from './documents.js'
import { makeIntentMinutes } from './intent-minutes.js'
import { makeIntentPartitions } from './intent-partitions.js'
import { makeIntents } from './intents.js'
import { makeListing } from './listing.js'
import { checkOptions, DEFAULT_BUCKETS, type ScyllaOptions } from './options.js'
import { fixLayout, makeRecords } from './records.js'
import { makeRegistry } from './registry.js'
import { prepareSchema } from './schema.js'
import { makeSession, toNumber } from './session.js'
import { makeShardedIntents } from './sharded-intents.js'
import { makeStamp } from './stamp.js'
import { tablesOf } from './tables.js'
import { DELETION_MEMORY } from './tombstone-gc.js'

/**
 * Documents on ScyllaDB (5.2 and later) or Apache Cassandra (4.1 and 5). Connects on the first open and disconnects
 * when the last collection is closed; a client that is given stays open.
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
        const client = await connection.acquire(signal)
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
          partitions: makeIntentPartitions(session, tables, stamp),
          sharded: makeShardedIntents(session, tables, stamp),
          coLocated: makeCoLocatedIntents(session, tables, cells.primaryKey, stamp),
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
          // Whole partitions go, without a look at their rows.
          deletePrefix: async (prefix, version, { signal } = {}) => {
            await registry.deletePrefix(prefix, version, signal)
            return undefined
          },
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
