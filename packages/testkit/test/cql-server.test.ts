import { Client, types } from 'cassandra-driver'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type CqlServer, cqlError, rows, scyllaErrors, startCqlServer } from '../src/services/index.js'

const table = '"app"."notes"'

async function connect(server: CqlServer): Promise<Client> {
  const { contactPoints, localDataCenter } = server
  const client = new Client({ contactPoints, localDataCenter })
  onTestFinished(async () => {
    await client.shutdown()
    await server.stop()
  })
  await client.connect()
  await client.execute("CREATE KEYSPACE IF NOT EXISTS app WITH replication = {'class': 'SimpleStrategy'}")
  await client.execute(`CREATE TABLE ${table} (id int, "key" text, value text, PRIMARY KEY ((id), "key"))`)
  return client
}

describe('the scripted CQL server', () => {
  let server: CqlServer
  let client: Client
  beforeEach(async () => {
    server = await startCqlServer({ scylla: '2026.1.5' })
    client = await connect(server)
  })
  const last = () => server.requests.at(-1)

  test.each([
    [`INSERT INTO ${table} (id, "key", value) VALUES (?, 'k', ?) USING TIMESTAMP ? AND TTL ?`, [1, 'v', '5', 60]],
    [`UPDATE ${table} USING TIMESTAMP ? SET value = ? WHERE id = ? AND "key" = ?`, ['7', 'v', 1, 'k']],
    [`SELECT value FROM ${table} WHERE id = ? AND "key" IN ?`, [1, ['a', 'b']]],
    [`SELECT value FROM ${table} WHERE id = ? AND ("key", value) >= (?, ?) LIMIT ?`, [1, 'k', 'v', 10]],
  ])('knows the types of what %s binds', async (query, params) => {
    await client.execute(query, params, { prepare: true, consistency: types.consistencies.quorum })
    const bound = last()?.statements[0]?.params.map((each) => (types.Long.isLong(each) ? String(each) : each))
    expect(bound).toEqual(params)
    expect(last()).toMatchObject({ query, consistency: types.consistencies.quorum })
  })

  test('gets the statements of a batch', async () => {
    const query = `DELETE FROM ${table} WHERE id = ? AND "key" = ?`
    const batch = [1, 2].map((id) => ({ query, params: [id, `k${id}`] }))
    await client.batch(batch, { prepare: true, logged: false })
    expect(last()?.statements).toEqual(batch)
  })

  test('plays rows and pages, and by default there are none', async () => {
    const query = `SELECT id, value FROM ${table}`
    expect((await client.execute(query)).rows).toEqual([])
    const columns = { id: 'int', value: 'text' }
    server.on(/^SELECT id/, ({ pageState }) =>
      pageState === undefined ? rows(columns, [{ id: 1, value: 'v' }], 'next') : rows(columns, [{ id: 2 }]),
    )
    const first = await client.execute(query)
    expect(first.rows).toMatchObject([{ id: 1, value: 'v' }])
    const second = await client.execute(query, [], { pageState: first.pageState })
    expect(second.rows).toMatchObject([{ id: 2, value: null }])
  })

  test('plays errors with what they carry, as often as it is told, the newest rule first', async () => {
    const query = `SELECT value FROM ${table}`
    server.on(/^SELECT value/, cqlError(0x2000, 'always'))
    server.on(/^SELECT value/, scyllaErrors.unavailable(8), { times: 1 })
    const failed = await client.execute(query).catch((error: unknown) => error)
    expect(Object.values((failed as { innerErrors: object }).innerErrors)).toMatchObject([
      { code: 0x1000, consistencies: 8, required: 2, alive: 1 },
    ])
    await expect(client.execute(query)).rejects.toMatchObject({ code: 0x2000, message: 'always' })
  })

  test('gives the previous row with a condition, as ScyllaDB does', async () => {
    const { rows: applied } = await client.execute(`INSERT INTO ${table} (id) VALUES (1) IF NOT EXISTS`)
    expect(applied).toMatchObject([{ '[applied]': true, id: null, key: null, value: null }])
  })

  test('keeps the schema that statements make, as system tables show', async () => {
    await client.execute(`ALTER TABLE ${table} WITH tombstone_gc = {'mode': 'repair'} AND gc_grace_seconds = 5`)
    const query = "SELECT gc_grace_seconds, extensions FROM system_schema.tables WHERE keyspace_name = 'app'"
    const { rows: tables } = await client.execute(query)
    expect(tables).toMatchObject([{ gc_grace_seconds: 5 }])
    expect(String(tables[0]?.extensions.tombstone_gc)).toContain('repair')
    await client.execute(`DROP TABLE ${table}`)
    expect((await client.execute(query)).rows).toEqual([])
    await expect(client.execute('SELECT * FROM system.nothing')).rejects.toMatchObject({ code: 0x2200 })
  })
})
