import { afterAll, beforeAll, expect, test } from 'vitest'
import { schemaCql, scylla } from '../src/index.js'
import {
  connectionTo,
  describeWithDatabase,
  makeClient,
  makeKeyspace,
  productOf,
  type TestKeyspace,
} from './database.js'
import { failureOf } from './failures.js'
import { rowOf, versionAt } from './rows.js'

describeWithDatabase('schema and connection', () => {
  let database: TestKeyspace
  beforeAll(async () => {
    database = await makeKeyspace()
  })
  afterAll(() => database?.drop())

  const tables = async (keyspace: string) => {
    const query = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?'
    const { rows } = await database.client.execute(query, [keyspace])
    return rows.map((row) => String(row.table_name)).sort()
  }

  test('`schema: none` makes nothing and says with which CQL it goes on; with that it does', async () => {
    const { keyspace, client } = database
    const kv = scylla({ ...connectionTo(), keyspace, schema: 'none' })
    const error = await failureOf(kv.open('manual'))
    expect(error.code).toBe('CONFIGURATION')
    const cql = schemaCql(keyspace, 'manual', { database: await productOf(client) })
    for (const statement of cql) expect(error.message).toContain(statement)
    expect(await tables(keyspace)).toEqual([])

    const [first, ...rest] = cql as [string, ...string[]]
    for (const statement of rest) await client.execute(statement)
    const second = await failureOf(kv.open('manual'))
    expect(second.message).toContain(`In the keyspace ${keyspace}: manual_documents does not exist`)
    expect(second.message).not.toContain('manual_intents')

    await client.execute(first)
    const collection = await kv.open('manual')
    const row = rowOf({ namespace: ['n'], key: 'k' }, versionAt(0))
    await collection.put([{ row }])
    expect(await collection.get([row])).toEqual([row])
    await collection.close()
  })

  test('a keyspace is made only where its replication is given', async () => {
    const keyspace = `${database.keyspace}_x`
    const error = await failureOf(scylla({ ...connectionTo(), keyspace }).open('notes'))
    expect(error).toMatchObject({ code: 'CONFIGURATION', retryable: false })
    expect(error.message).toContain(`CREATE KEYSPACE IF NOT EXISTS "${keyspace}"`)
    const none = await failureOf(
      scylla({ ...connectionTo(), keyspace, schema: 'none', replication: { class: 'SimpleStrategy' } }).open('notes'),
    )
    expect(none.message).toContain('CREATE TABLE')
    const replication = { class: 'NetworkTopologyStrategy', [connectionTo().localDataCenter]: 1 }
    const kv = scylla({ ...connectionTo(), keyspace, replication })
    try {
      const collection = await kv.open('notes')
      await collection.ping()
      await collection.close()
      // ScyllaDB adds one for conditional writes where there are tablets.
      expect((await tables(keyspace)).filter((name) => !name.endsWith('$paxos'))).toHaveLength(7)
    } finally {
      await database.client.execute(`DROP KEYSPACE IF EXISTS "${keyspace}"`)
    }
  })

  test('the number of buckets is that of the first open, for good', async () => {
    const { keyspace } = database
    const first = await scylla({ ...connectionTo(), keyspace, buckets: 3 }).open('bucketed')
    const row = rowOf({ namespace: ['n'], key: 'k' }, versionAt(0))
    await first.put([{ row }])
    await first.close()
    const second = await scylla({ ...connectionTo(), keyspace }).open('bucketed')
    expect(await second.get([row])).toEqual([row])
    await second.close()
    const error = await failureOf(scylla({ ...connectionTo(), keyspace, buckets: 4 }).open('bucketed'))
    expect(error).toMatchObject({ code: 'CONFIGURATION' })
    expect(error.message).toContain('3 buckets')
  })

  test('a table that forgets deletions too early is refused', async () => {
    const { keyspace, client } = database
    const kv = scylla({ ...connectionTo(), keyspace })
    await (await kv.open('forgetful')).close()
    await client.execute(`ALTER TABLE "${keyspace}".forgetful_documents WITH gc_grace_seconds = 3600`)
    const error = await failureOf(kv.open('forgetful'))
    expect(error.code).toBe('CONFIGURATION')
    const [, cql] = error.message.split('\n') as [string, string]
    await client.execute(cql)
    await (await kv.open('forgetful')).close()
  })

  test('a collection whose tables were dropped is made again, empty', async () => {
    const { keyspace, client } = database
    const kv = scylla({ ...connectionTo(), keyspace })
    const row = rowOf({ namespace: ['n'], key: 'k' }, versionAt(0))
    const first = await kv.open('dropped')
    await first.put([{ row }])
    await first.close()
    for (const table of await tables(keyspace)) {
      if (table.startsWith('dropped_')) await client.execute(`DROP TABLE "${keyspace}".${table}`)
    }
    const second = await kv.open('dropped')
    expect(await second.get([row])).toEqual([undefined])
    await second.put([{ row }])
    expect((await second.list({ prefix: [], limit: 10 })).rows).toEqual([row])
    await second.close()
  })

  test('a given client stays open, and a collection that is closed says so', async () => {
    const client = makeClient()
    const kv = scylla({ client, keyspace: database.keyspace })
    const collection = await kv.open('injected')
    await collection.close()
    await collection.close()
    expect((await failureOf(collection.ping())).code).toBe('CLOSED')
    expect((await client.execute('SELECT key FROM system.local')).rows).toHaveLength(1)
    await client.shutdown()
  })

  test('a client whose numbers are bigints serves as well', async () => {
    const client = makeClient(undefined, { encoding: { useBigIntAsLong: true } })
    const collection = await scylla({ client, keyspace: database.keyspace }).open('injected')
    const row = rowOf({ namespace: ['n'], key: 'k' }, versionAt(0))
    const condition = { kind: 'absent', now: Date.now() } as const
    expect(await collection.put([{ row, condition }])).toEqual([{ status: 'written' }])
    expect(await collection.get([row])).toEqual([row])
    expect((await collection.clock()).now).toBeTypeOf('number')
    await collection.close()
    await client.shutdown()
  })

  test('the backend connects again after its last collection was closed', async () => {
    const kv = scylla({ ...connectionTo(), keyspace: database.keyspace })
    for (let times = 0; times < 2; times += 1) {
      const [one, two] = await Promise.all([kv.open('again'), kv.open('again')])
      await one.close()
      await two.ping()
      await two.close()
    }
  })

  test('nobody there is UNAVAILABLE, a data centre that does not exist CONFIGURATION', async () => {
    const { keyspace } = database
    const nobody = scylla({ contactPoints: ['127.0.0.1:1'], localDataCenter: 'datacenter1', keyspace })
    expect(await failureOf(nobody.open('notes'))).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    const elsewhere = scylla({ ...connectionTo(), localDataCenter: 'nowhere', keyspace })
    expect(await failureOf(elsewhere.open('notes'))).toMatchObject({ code: 'CONFIGURATION', retryable: false })
  })

  test('an abort ends the wait', async () => {
    const collection = await scylla({ ...connectionTo(), keyspace: database.keyspace }).open('again')
    const controller = new AbortController()
    const rows = Array.from({ length: 500 }, (_, i) => rowOf({ namespace: ['n'], key: `k${i}` }, versionAt(0)))
    const writing = collection.put(
      rows.map((row) => ({ row })),
      { signal: controller.signal },
    )
    controller.abort(new Error('enough'))
    expect(await failureOf(writing)).toMatchObject({ code: 'ABORTED', cause: controller.signal.reason })
    await collection.close()
  })
})

test('options that make no sense are refused before anything connects', () => {
  const good = { contactPoints: ['127.0.0.1'], localDataCenter: 'dc', keyspace: 'k' }
  const bad: [Record<string, unknown>, string][] = [
    [{ keyspace: 'a"; DROP KEYSPACE b' }, 'keyspace'],
    [{ keyspace: '' }, 'keyspace'],
    [{ keyspace: 'k'.repeat(49) }, 'keyspace'],
    [{ contactPoints: [] }, 'contactPoints'],
    [{ localDataCenter: '' }, 'localDataCenter'],
    [{ buckets: 0 }, 'buckets'],
    [{ buckets: 1.5 }, 'buckets'],
    [{ schema: 'drop' }, 'schema'],
    [{ replication: {} }, 'replication'],
    [{ tablets: false }, 'tablets'],
    [{ consistency: { reads: 'SERIAL' } }, 'consistency.reads'],
    [{ consistency: { serial: 'QUORUM' } }, 'consistency.serial'],
    [{ client: {} }, 'client'],
    [{ client: { execute() {}, batch() {}, rustOptions: {} } }, 'client'],
    [{ replication: { class: 'NetworkTopologyStrategy', dc1: [] } }, 'replication.dc1'],
  ]
  for (const [change, field] of bad) {
    const options = { ...good, ...change } as Parameters<typeof scylla>[0]
    expect(() => scylla(options), field).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', field }))
  }
})
