import { formatVersion, type KVBackend, type KVCollection, StoreError, type Version } from '@tandemstore/core/adapter'
import { type CassandraService, startCassandra } from '@tandemstore/testkit/services'
import { policies, type types } from 'cassandra-driver'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { scylla } from '../../src/index.js'
import { connectionTo, makeClient, makeKeyspace, type TestKeyspace } from '../database.js'
import { rowOf, versionAt } from '../rows.js'

const found = await startCassandra({
  nodes: 3,
  config: {
    write_request_timeout: '1s',
    read_request_timeout: '2s',
    cas_contention_timeout: '2s',
  },
})

/** A node takes clients before it knows the tokens of all the others. */
async function waitForPeers(to: CassandraService, count: number): Promise<void> {
  const { contactPoints, localDataCenter } = to
  const known = async (): Promise<number> => {
    const client = makeClient({ contactPoints, localDataCenter, origin: '' })
    try {
      const { rows } = await client.execute('SELECT tokens FROM system.peers')
      return rows.filter((row) => row.tokens !== null).length
    } finally {
      await client.shutdown()
    }
  }
  await vi.waitFor(async () => expect(await known()).toBe(count), { timeout: 60_000, interval: 500 })
}

const body = (): void => {
  const service = found as CassandraService
  const [first, second, third] = service.nodes as [
    CassandraService['nodes'][0],
    CassandraService['nodes'][0],
    CassandraService['nodes'][0],
  ]
  let database: TestKeyspace
  let kv: KVBackend
  let collection: KVCollection

  beforeAll(async () => {
    for (const point of service.contactPoints) await waitForPeers({ ...service, contactPoints: [point] }, 2)
    database = await makeKeyspace(service, 3)
    kv = scylla({
      ...connectionTo(service),
      keyspace: database.keyspace,
      socketOptions: { readTimeout: 3000 },
      policies: { reconnection: new policies.reconnection.ConstantReconnectionPolicy(1000) },
    })
    collection = await kv.open('notes')
  })
  afterEach(() => {
    for (const node of service.nodes) node.resume()
  })
  afterAll(async () => {
    await collection?.close()
    await database?.drop()
    await service.stop()
  })

  const rowsFor = (start: string, count = 60) =>
    Array.from({ length: count }, (_, i) => rowOf({ namespace: [start, `${i % 5}`], key: `${i}` }, versionAt(0)))
  const put = (rows: ReturnType<typeof rowsFor>) => collection.put(rows.map((row) => ({ row })))

  test('statements go to a node that has the document', async () => {
    const { client, keyspace } = database
    const coordinators = new Map<string, Set<string>>()
    const note = (query: string, params: readonly unknown[], { info }: types.ResultSet): void => {
      if (!/^UPDATE .*_documents/.test(query)) return
      const id = JSON.stringify(params.slice(-3, -1))
      coordinators.set(id, (coordinators.get(id) ?? new Set()).add(info.queriedHost))
    }
    const one = await scylla({
      keyspace,
      client: {
        async execute(query, params, options) {
          const result = await client.execute(query, params as unknown[], options as object)
          note(query, params ?? [], result)
          return result
        },
        async batch(queries, options) {
          const result = await client.batch(queries, options as object)
          for (const { query, params } of queries) note(query, params, result)
          return result
        },
      },
    }).open('single')
    // One replica for each token, so that only one node is the right one.
    await client.execute(
      `ALTER KEYSPACE "${keyspace}" WITH replication = {'class': 'NetworkTopologyStrategy', '${service.localDataCenter}': 1}`,
    )
    try {
      await client.metadata.refreshKeyspace(keyspace)
      for (let times = 0; times < 3; times += 1) {
        await one.put(rowsFor('routed').map((row) => ({ row: { ...row, version: versionAt(0) } })))
      }
      expect(coordinators.size).toBeGreaterThan(10)
      expect([...coordinators.values()].filter((hosts) => hosts.size > 1)).toEqual([])
      expect(new Set([...coordinators.values()].flatMap((hosts) => [...hosts])).size).toBe(3)
    } finally {
      await client.execute(
        `ALTER KEYSPACE "${keyspace}" WITH replication = {'class': 'NetworkTopologyStrategy', '${service.localDataCenter}': 3}`,
      )
      await one.close()
    }
  })

  test('a collection that several processes create at once is one', async () => {
    const row = rowOf({ namespace: ['n'], key: 'k' }, versionAt(0))
    for (let times = 0; times < 3; times += 1) {
      const opened = await Promise.all(
        service.contactPoints.map((point) =>
          scylla({ ...connectionTo(service), contactPoints: [point], keyspace: database.keyspace }).open(
            `at_once_${times}`,
          ),
        ),
      )
      await opened[0]?.put([{ row }])
      for (const each of opened) expect(await each.get([row])).toEqual([row])
      for (const each of opened) await each.close()
    }
  })

  test('conditional counting stays right while a node is frozen and comes back', async () => {
    const ref = { namespace: ['counter'], key: 'k' }
    let clock = Date.now() * 1000
    const stamp = (): Version => {
      clock += 1
      return formatVersion(clock, '0123456789ab')
    }
    await collection.put([{ row: rowOf(ref, stamp(), { value: '[]' }) }])
    const accepted: string[] = []
    const unknown: string[] = []
    const add = async (writer: number): Promise<void> => {
      for (let i = 0; i < 8; i += 1) {
        const entry = `${writer}.${i}`
        for (let done = false; !done; ) {
          let current: Awaited<ReturnType<KVCollection['get']>>[number]
          try {
            current = (await collection.get([ref]))[0]
          } catch (error) {
            expect(StoreError.isInstance(error) && error.retryable).toBe(true)
            continue
          }
          if (current === undefined) throw new Error('The row is gone')
          const entries = JSON.parse(current.value) as string[]
          const row = rowOf(ref, stamp(), { value: JSON.stringify([...entries, entry]) })
          const condition = { kind: 'version', version: current.version, now: Date.now() } as const
          const [outcome] = await collection.put([{ row, condition }])
          done = outcome?.status !== 'conflict'
          if (outcome?.status === 'written') accepted.push(entry)
          else if (outcome?.status === 'failed') unknown.push(entry)
        }
        if (writer === 0 && i === 2) third.pause()
        if (writer === 0 && i === 5) third.resume()
      }
    }
    await Promise.all([0, 1, 2].map(add))
    const entries = JSON.parse((await collection.get([ref]))[0]?.value ?? '[]') as string[]
    expect(new Set(entries).size).toBe(entries.length)
    expect(entries).toEqual(expect.arrayContaining(accepted))
    for (const entry of entries) expect([...accepted, ...unknown]).toContain(entry)
    expect(accepted.length).toBeGreaterThan(0)
  })

  test('with one node of three killed everything goes on, and the node has it when it is back', async () => {
    const before = rowsFor('before')
    await put(before)
    await third.stop({ kill: true })
    const during = rowsFor('during')
    // A connection that breaks is an unknown outcome, which core tries again.
    let outcomes = await put(during)
    if (outcomes.some(({ status }) => status === 'failed')) outcomes = await put(during)
    expect(outcomes.every(({ status }) => status === 'written')).toBe(true)
    expect(await collection.get([...before, ...during])).toEqual([...before, ...during])
    const condition = { kind: 'absent', now: Date.now() } as const
    const claimed = rowOf({ namespace: ['claimed'], key: 'k' }, versionAt(0))
    expect(await collection.put([{ row: claimed, condition }])).toEqual([{ status: 'written' }])
    expect((await collection.list({ prefix: ['during'], limit: 1000 })).rows).toHaveLength(during.length)
    await third.start()
    expect(await collection.get([...during, claimed])).toEqual([...during, claimed])
  })

  test('a write that two frozen nodes leave open is a time-out of unknown outcome, and stands when it is sent again', async () => {
    // The namespace is known, so that the document itself is what fails.
    await put(rowsFor('open'))
    second.pause()
    third.pause()
    const rows = rowsFor('open', 6)
    const outcomes = await put(rows)
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'failed', error: { code: 'TIMEOUT', retryable: true } })
      expect(outcome).not.toHaveProperty('notWritten')
    }
    await expect(collection.get([rows[0] as (typeof rows)[0]])).rejects.toMatchObject({ retryable: true })
    second.resume()
    third.resume()
    await expect.poll(() => put(rows), { timeout: 60_000 }).toEqual(rows.map(() => ({ status: 'written' })))
    expect(await collection.get(rows)).toEqual(rows)
  })

  test('with two nodes known to be dead a write is refused, and is certain not to be written', async () => {
    await put(rowsFor('refused'))
    await Promise.all([second.stop({ kill: true }), third.stop({ kill: true })])
    const rows = rowsFor('refused', 3)
    await expect
      .poll(() => put(rows), { timeout: 90_000, interval: 1000 })
      .toEqual(
        rows.map(() => ({
          status: 'failed',
          notWritten: true,
          error: expect.objectContaining({ code: 'UNAVAILABLE', retryable: true }),
        })),
      )
    await expect(collection.get([{ namespace: ['refused', '0'], key: '0' }])).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })

    await first.stop({ kill: true })
    await expect(collection.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' })

    for (const node of service.nodes) await node.start()
    await expect
      .poll(() => put(rows), { timeout: 90_000, interval: 1000 })
      .toEqual(rows.map(() => ({ status: 'written' })))
    expect(await collection.get(rows)).toEqual(rows)
  })
}

if ('skipped' in found) describe.skip(`faults of nodes: ${found.skipped}`, body)
else describe('faults of nodes', body)
