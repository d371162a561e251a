import { cqlError, scyllaErrors } from '@tandemstore/testkit/services'
import { describe, expect, test } from 'vitest'
import { schemaCql } from '../../src/index.js'
import { failureOf } from '../failures.js'
import { backend, openOn, replication, startServer, statementsOf } from './server.js'

const TIMEOUT_MODE = "tombstone_gc = {'mode': 'timeout'}"

describe('tombstone_gc on ScyllaDB', () => {
  test('every table keeps its tombstones for gc_grace_seconds', async () => {
    const server = await startServer()
    await openOn(server)
    const created = statementsOf(server, /^CREATE TABLE/)
    expect(created).toHaveLength(7)
    for (const statement of created) expect(statement).toContain(TIMEOUT_MODE)
    expect(created).toEqual(schemaCql('app', 'notes', { database: 'scylladb' }))
    // What was made is accepted when it is opened again.
    await openOn(server)
  })

  test('Cassandra, which does not know it, is not given it', async () => {
    const server = await startServer({})
    await openOn(server)
    expect(statementsOf(server, /^CREATE TABLE/)).toHaveLength(7)
    expect(statementsOf(server, /tombstone_gc/)).toEqual([])
    expect(schemaCql('app', 'notes').join()).not.toContain('tombstone_gc')
  })

  test.each([
    ['left to the release', undefined],
    ['repair, soon after', { mode: 'repair' }],
    ['immediate', { mode: 'immediate' }],
  ])('a table of mode %s is refused, with what mends it', async (_name, tombstoneGc) => {
    const server = await startServer()
    await openOn(server)
    const documents = server.schema.get('app')?.tables.get('notes_documents')
    if (documents === undefined) throw new Error('The table is not there')
    documents.tombstoneGc = tombstoneGc
    const error = await failureOf(backend(server).open('notes'))
    expect(error).toMatchObject({ code: 'CONFIGURATION', retryable: false })
    const [, ...statements] = error.message.split('\n')
    expect(statements).toEqual([`ALTER TABLE "app"."notes_documents" WITH ${TIMEOUT_MODE};`])
  })

  test('repair with a delay of ten days remembers as long, and is accepted', async () => {
    const server = await startServer()
    await openOn(server)
    const tables = server.schema.get('app')?.tables
    for (const table of tables?.values() ?? []) {
      table.tombstoneGc = { mode: 'repair', propagation_delay_in_seconds: '864000' }
    }
    await openOn(server)
  })
})

describe('tablets', () => {
  test.each(['6.0.0', '6.2.3', '2024.2.1', '2025.1.4', '2025.3.8'])(
    'ScyllaDB %s, which has no conditional writes with them, gets a keyspace without',
    async (scylla) => {
      const server = await startServer({ scylla, tablets: true })
      await openOn(server)
      expect(statementsOf(server, /^CREATE KEYSPACE/)).toEqual([
        expect.stringContaining(" AND tablets = {'enabled': false}"),
      ])
    },
  )

  test.each(['5.4.9', '2024.1.3', '2025.4.0', '2026.2.5'])('on ScyllaDB %s the server decides', async (scylla) => {
    const server = await startServer({ scylla })
    await openOn(server)
    expect(statementsOf(server, /^CREATE KEYSPACE/)).toEqual([expect.not.stringContaining('tablets')])
  })

  test('a keyspace that has them is refused before a table is made, where conditional writes would be', async () => {
    const server = await startServer({ scylla: '2025.3.8', tablets: true })
    server.schema.set('app', { tablets: true, tables: new Map() })
    const error = await failureOf(backend(server).open('notes'))
    expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining("{'enabled': false}") })
    expect(statementsOf(server, /^CREATE/)).toEqual([])
    const asked = await failureOf(backend(server, { keyspace: 'other', tablets: true }).open('notes'))
    expect(asked.code).toBe('CONFIGURATION')
    expect(statementsOf(server, /^CREATE/)).toEqual([])
  })

  test('a refusal of the server itself is CONFIGURATION too, with the same hint', async () => {
    const server = await startServer()
    server.on(/ IF NOT EXISTS$/, scyllaErrors.noLwtWithTablets('app.notes_records'))
    const error = await failureOf(backend(server).open('notes'))
    expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining("{'enabled': false}") })
  })

  test('a role that may not read the release opens all the same', async () => {
    const server = await startServer()
    server.on(/system\.versions/, cqlError(0x2100, 'User app has no SELECT permission on <table system.versions>'))
    await openOn(server)
    expect(statementsOf(server, /^CREATE TABLE/)[0]).toContain(TIMEOUT_MODE)
  })
})

describe('changes of the schema', () => {
  test('one that conflicts with others is sent again', async () => {
    const server = await startServer()
    server.on(/^CREATE TABLE .*_documents/, scyllaErrors.concurrentSchemaChange, { times: 2 })
    await openOn(server)
    expect(statementsOf(server, /^CREATE TABLE .*_documents/)).toHaveLength(3)
  })

  test('one that fails otherwise is not', async () => {
    const server = await startServer()
    server.on(/^CREATE TABLE .*_documents/, cqlError(0x2000, 'line 1: no viable alternative'))
    expect((await failureOf(backend(server).open('notes'))).code).toBe('KV_FAILED')
    expect(statementsOf(server, /^CREATE TABLE .*_documents/)).toHaveLength(1)
  })

  test('a release that may make one table twice is refused', async () => {
    for (const scylla of ['5.1.19', '2022.2.3']) {
      const server = await startServer({ scylla })
      const error = await failureOf(backend(server).open('notes'))
      expect(error).toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining('5.2') })
      expect(statementsOf(server, /^CREATE/)).toEqual([])
    }
  })

  test('a list of racks goes into the replication', async () => {
    const server = await startServer()
    await openOn(server, { replication: { ...replication, datacenter1: ['r1', "r'2"] } })
    const [statement] = statementsOf(server, /^CREATE KEYSPACE/)
    expect(statement).toContain("{'class': 'NetworkTopologyStrategy', 'datacenter1': ['r1', 'r''2']}")
  })
})

describe('the first conditional write', () => {
  const isLayout = /^INSERT INTO .*_records".* IF NOT EXISTS$/

  test('one that takes longer than it may, as its table is made, is read and tried again', async () => {
    const server = await startServer({ scylla: '2026.2.5', tablets: true })
    server.on(isLayout, scyllaErrors.writeTimeout, { times: 2 })
    await openOn(server)
    expect(statementsOf(server, isLayout)).toHaveLength(3)
    const serial = server.requests.filter(({ query, consistency }) => /_records/.test(query) && consistency === 9)
    expect(serial).toHaveLength(2)
  })

  test('one that was done before the time-out counts', async () => {
    const server = await startServer()
    let stored: unknown
    server.on(isLayout, ({ statements }) => {
      stored = statements[0]?.params[0]
      return scyllaErrors.writeTimeout
    })
    server.on(/^SELECT value FROM .*_records/, () =>
      stored === undefined ? undefined : { kind: 'rows', columns: { value: 'text' }, rows: [{ value: stored }] },
    )
    await openOn(server, { buckets: 3 })
    expect(statementsOf(server, isLayout)).toHaveLength(1)
    expect(stored).toBe('{"buckets":3}')
  })

  test('one that never ends in time is TIMEOUT', async () => {
    const server = await startServer()
    server.on(isLayout, scyllaErrors.writeTimeout)
    expect(await failureOf(backend(server).open('notes'))).toMatchObject({ code: 'TIMEOUT', retryable: true })
    expect(statementsOf(server, isLayout)).toHaveLength(4)
  })

  test('a record that is damaged is told as such', async () => {
    const server = await startServer()
    server.on(/^SELECT value FROM .*_records/, {
      kind: 'rows',
      columns: { value: 'text' },
      rows: [{ value: '{"buck' }],
    })
    expect(await failureOf(backend(server).open('notes'))).toMatchObject({ code: 'KV_FAILED' })
  })
})
