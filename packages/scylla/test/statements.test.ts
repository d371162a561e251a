import type { Intent } from '@tandemstore/core/adapter'
import type { Client } from 'cassandra-driver'
import { expect, test, vi } from 'vitest'
import { type CassandraClient, scylla } from '../src/index.js'
import { describeWithDatabase, makeClient, makeKeyspace } from './database.js'
import { rowOf, versionAt } from './rows.js'

/** What a trace says of a read over many partitions: Cassandra's words, and ScyllaDB's. */
const scan = /range (?:requests|slice|scan)|ranges to query|seq scan|querying token range/i

/** The steps of a trace, once they are all written: ScyllaDB does so up to two seconds later. */
async function activitiesOf(client: Client, id: unknown): Promise<string[]> {
  return vi.waitFor(
    async () => {
      const trace = await client.metadata.getTrace(id as Parameters<typeof client.metadata.getTrace>[0])
      expect(trace.events).not.toEqual([])
      return trace.events.map(({ activity }) => String(activity))
    },
    { timeout: 20_000, interval: 200 },
  )
}

describeWithDatabase('statements', () => {
  test('every method asks single partitions by their keys: nothing filters, and nothing scans', async () => {
    const database = await makeKeyspace()
    const real = makeClient()
    const traces = new Map<string, unknown>()
    /** The real client, with every statement on a table of the keyspace traced by the database. */
    const client: CassandraClient = {
      async execute(query, params, options) {
        const isOurs = query.includes(database.keyspace) && !query.startsWith('CREATE')
        const result = await real.execute(query, params as unknown[], { ...options, traceQuery: isOurs } as object)
        if (isOurs) traces.set(query, result.info.traceId)
        return result
      },
      async batch(queries, options) {
        const result = await real.batch(queries, { ...options, traceQuery: true } as object)
        for (const { query } of queries) traces.set(`batch of ${query}`, result.info.traceId)
        return result
      },
    }
    try {
      const collection = await scylla({ client, keyspace: database.keyspace, buckets: 1 }).open('notes')
      const ref = { namespace: ['a', 'b'], key: 'k' }
      const version = versionAt(-600_000)
      const row = rowOf(ref, version, { expiresAt: Date.now() + 60_000 })
      const intent: Intent = { kind: 'document', ...ref, version, space: 's' }
      await collection.addIntents([intent, { ...intent, kind: 'prefix' }])
      await collection.put([{ row }, { row: rowOf({ ...ref, key: 'other' }, version) }])
      await collection.get([ref, { ...ref, key: 'other' }])
      await collection.put([{ row }, { row: rowOf({ namespace: ['a'], key: 'k' }, version) }])
      await collection.put([
        { row: { ...row, version: versionAt(0) }, condition: { kind: 'version', version, now: 0 } },
      ])
      await collection.touch([
        { ...ref, version: (await collection.get([ref]))[0]?.version ?? '', expiresAt: Date.now() + 90_000 },
      ])
      for (const prefix of [[], ['a']]) {
        expect((await collection.list({ prefix, limit: 10 })).rows).toHaveLength(3)
        expect((await collection.namespaces({ prefix, limit: 10, now: Date.now() })).namespaces).toHaveLength(2)
      }
      await collection.list({ prefix: ['a'], after: ref, limit: 1 })
      await collection.namespaces({ prefix: [], maxDepth: 1, after: ['A'], limit: 1, now: Date.now() })
      const page = await collection.listIntents({ space: 's', limit: 1 })
      expect(page.intents).toEqual([intent])
      await collection.listIntents({ space: 's', cursor: page.cursor, limit: 1 })
      await collection.removeIntents([intent, { ...intent, kind: 'prefix' }])
      await collection.listIntents({ space: 's', limit: 1 })
      // The first one lies in a shard, the others beside their document.
      for (let i = 0; i < 3; i += 1) await collection.put([{ row, intents: [{ ...intent, key: `k${i}` }] }])
      expect((await collection.listIntents({ space: 's', limit: 10 })).intents).toHaveLength(3)
      for (let i = 0; i < 3; i += 1) await collection.removeIntents([{ ...intent, key: `k${i}` }])
      await collection.listIntents({ space: 's', limit: 10 })
      await collection.delete([{ ...ref, version: versionAt(0) }])
      await collection.deletePrefix(['a'], versionAt(0))
      await collection.deleteExpired({ before: Date.now(), limit: 10 })
      await collection.putLease({ writer: '0123456789ab', expiresAt: Date.now() + 1000 })
      await collection.putLease({ writer: '0123456789ab', expiresAt: 0 })
      await collection.leases()
      await collection.putSpace({ name: 's', model: {}, dimensions: 1, metric: 'dot', complete: true, createdAt: 1 })
      await collection.spaces()
      await collection.deleteSpace('s')
      await collection.close()

      const statements = [...traces.keys()]
      expect(statements.filter((each) => each.startsWith('batch of '))).toHaveLength(4)
      expect(statements.length).toBeGreaterThan(30)
      expect(statements.filter((each) => /ALLOW FILTERING/i.test(each))).toEqual([])
      for (const [statement, id] of traces) {
        expect(
          (await activitiesOf(real, id)).filter((each) => scan.test(each)),
          statement,
        ).toEqual([])
      }
      // That the traces tell: a scan shows in its own.
      const { info } = await real.execute(`SELECT * FROM "${database.keyspace}".notes_documents`, [], {
        traceQuery: true,
      })
      expect((await activitiesOf(real, info.traceId)).join('\n')).toMatch(scan)
    } finally {
      await real.shutdown()
      await database.drop()
    }
  })
})
