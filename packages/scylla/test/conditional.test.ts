import { formatVersion, type KVCollection, type Version, versionMicros } from '@tandemstore/core/adapter'
import { errors, types } from 'cassandra-driver'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CassandraClient, scylla } from '../src/index.js'
import { connectionTo, describeWithDatabase, makeKeyspace, type TestKeyspace } from './database.js'
import { rowOf, versionAt, WRITER } from './rows.js'

// A conditional write gets its timestamp from the database, a plain one that of its version. What follows is what
// holds between the two.
describeWithDatabase('conditional and plain writes of one document', () => {
  let database: TestKeyspace
  let collection: KVCollection
  let number = 0
  const newRef = () => {
    number += 1
    return { namespace: ['n'], key: `k${number}` }
  }

  beforeAll(async () => {
    database = await makeKeyspace()
    collection = await scylla({ ...connectionTo(), keyspace: database.keyspace, buckets: 1 }).open('notes')
  })
  afterAll(async () => {
    await collection?.close()
    await database?.drop()
  })

  const read = async (key: string) => (await collection.get([{ namespace: ['n'], key }]))[0]
  const absent = () => ({ kind: 'absent', now: Date.now() }) as const
  const same = (version: Version) => ({ kind: 'version', version, now: Date.now() }) as const
  const put = async (...args: Parameters<KVCollection['put']>[0]) => (await collection.put(args))[0]
  const next = (version: Version): Version => formatVersion(versionMicros(version) + 1, WRITER)
  const cellsOf = async (key: string) => {
    const query = `SELECT document, claim FROM "${database.keyspace}".notes_documents WHERE namespace = ? AND bucket = 0 AND key = ?`
    const { rows } = await database.client.execute(query, ['n\0', key], { prepare: true })
    return rows[0]
  }
  /** What a process leaves that ends after its LWT was decided and before it was settled. */
  const leaveClaim = async (key: string, version: Version, value: string) => {
    const [micros, writer] = version.split('-')
    const claim = `${writer} ${'-'.repeat(16)} {"micros":${Number(micros)},"createdAt":1,"updatedAt":2}\n${value}`
    const update = `UPDATE "${database.keyspace}".notes_documents SET claim = ? WHERE namespace = ? AND bucket = 0 AND key = ? IF claim = null`
    const { rows } = await database.client.execute(update, [claim, 'n\0', key], { prepare: true })
    expect(rows[0]?.['[applied]']).toBe(true)
  }

  test('a settled conditional write is one cell, as a plain one is', async () => {
    const ref = newRef()
    const row = rowOf(ref, versionAt(0))
    expect(await put({ row, condition: absent() })).toEqual({ status: 'written' })
    const cells = await cellsOf(ref.key)
    expect(cells?.claim).toBeNull()
    expect(cells?.document).toMatch(/^0123456789ab -{16} \{/)
    expect(await read(ref.key)).toEqual(row)
  })

  test('a plain write counts that is above the conditional one by version, and below it by timestamp', async () => {
    const ref = newRef()
    // Both were stamped ten seconds ago, by a clock that is behind the database's.
    const first = versionAt(-10_000)
    await put({ row: rowOf(ref, first), condition: absent() })
    const second = rowOf(ref, next(first))
    expect(await put({ row: second })).toEqual({ status: 'written' })
    expect(await read(ref.key)).toEqual(second)
    await collection.delete([{ ...ref, version: next(second.version) }])
    expect(await read(ref.key)).toBeUndefined()
    expect(await cellsOf(ref.key)).toBeUndefined()
  })

  test('a conditional write counts over a row whose version is ahead of the database’s clock', async () => {
    const ref = newRef()
    const first = versionAt(10_000)
    await put({ row: rowOf(ref, first) })
    const second = rowOf(ref, next(first))
    expect(await put({ row: second, condition: same(first) })).toEqual({ status: 'written' })
    expect(await read(ref.key)).toEqual(second)
    const [deleted] = await collection.delete([
      { ...ref, version: next(second.version), condition: same(second.version) },
    ])
    expect(deleted).toEqual({ status: 'written' })
    expect(await read(ref.key)).toBeUndefined()
  })

  test('a conditional write below the row it is to replace is a conflict that tells its version', async () => {
    const ref = newRef()
    const first = versionAt(1000)
    const row = rowOf(ref, first)
    await put({ row })
    const late = rowOf(ref, versionAt(0))
    expect(await put({ row: late, condition: same(first) })).toEqual({ status: 'conflict', version: first })
    expect(await read(ref.key)).toEqual(row)
  })

  test('a conditional put below a deletion by a clock that is ahead is a conflict, not a success that is not there', async () => {
    const ref = newRef()
    await collection.delete([{ ...ref, version: versionAt(10_000) }])
    expect(await put({ row: rowOf(ref, versionAt(0)), condition: absent() })).toEqual({ status: 'conflict' })
    expect(await read(ref.key)).toBeUndefined()
  })

  test('what a writer left undone between deciding and settling is read as done, and settled by the reader', async () => {
    const ref = newRef()
    const first = versionAt(-2000)
    await put({ row: rowOf(ref, first) })
    const second = next(first)
    await leaveClaim(ref.key, second, '{"claimed":true}')
    const { rows } = await collection.list({ prefix: ['n'], limit: 100 })
    expect(rows.find(({ key }) => key === ref.key)).toMatchObject({ version: second, value: '{"claimed":true}' })
    expect((await cellsOf(ref.key))?.claim).toBeTypeOf('string')
    expect(await read(ref.key)).toMatchObject({ version: second, value: '{"claimed":true}' })
    const settled = await cellsOf(ref.key)
    expect(settled?.claim).toBeNull()
    expect(settled?.document).toContain('{"claimed":true}')
  })

  test('a plain write above an unsettled conditional one stands, and one below it does not', async () => {
    const ref = newRef()
    const first = versionAt(-2000)
    await leaveClaim(ref.key, next(first), '{"claimed":true}')
    await put({ row: rowOf(ref, first) })
    const { rows } = await collection.list({ prefix: ['n'], limit: 100 })
    expect(rows.find(({ key }) => key === ref.key)?.value).toBe('{"claimed":true}')
    const third = rowOf(ref, next(next(first)))
    await put({ row: third })
    expect(await read(ref.key)).toEqual(third)
    expect((await cellsOf(ref.key))?.claim).toBeNull()
  })

  test('a conditional write goes on from an unsettled one, and meets itself when it is sent again', async () => {
    const ref = newRef()
    const first = versionAt(-2000)
    await leaveClaim(ref.key, first, '{}')
    const wrong = await put({ row: rowOf(ref, versionAt(0)), condition: absent() })
    expect(wrong).toEqual({ status: 'conflict', version: first })
    const write = { row: rowOf(ref, versionAt(0)), condition: same(first) }
    expect(await put(write)).toEqual({ status: 'written' })
    expect(await put(write)).toEqual({ status: 'written' })
    expect(await read(ref.key)).toEqual(write.row)
    expect((await cellsOf(ref.key))?.claim).toBeNull()
  })

  test('of counters that are raised by condition none is lost or counted twice', async () => {
    const ref = newRef()
    let clock = Date.now() * 1000
    const stamp = (writer: number): Version => {
      clock += 1
      return formatVersion(clock, `00000000000${writer}`)
    }
    await put({ row: rowOf(ref, stamp(0), { value: '0' }) })
    const raise = async (writer: number): Promise<void> => {
      for (let raised = 0; raised < 5; ) {
        const current = await read(ref.key)
        if (current === undefined) throw new Error('The counter is gone')
        const row = rowOf(ref, stamp(writer), { value: String(Number(current.value) + 1) })
        const outcome = await put({ row, condition: same(current.version) })
        if (outcome?.status === 'written') raised += 1
        else expect(outcome?.status).toBe('conflict')
      }
    }
    await Promise.all([1, 2, 3, 4].map(raise))
    expect((await read(ref.key))?.value).toBe('20')
  })

  test('a conditional write that was decided, and then could not be settled, is not told as not written', async () => {
    const ref = newRef()
    let decided = false
    const refusing: CassandraClient = {
      async execute(query, params, options) {
        if (decided) throw new errors.ResponseError(types.responseErrorCodes.unavailableException, 'too few')
        const result = await database.client.execute(query, params, options as object)
        decided = / IF /.test(query) && /_documents/.test(query)
        return result
      },
      batch: (queries, options) => database.client.batch(queries, options as object),
    }
    const failing = await scylla({ client: refusing, keyspace: database.keyspace, buckets: 1 }).open('notes')
    await collection.put([{ row: rowOf({ namespace: ref.namespace, key: 'registers the namespace' }, versionAt(0)) }])
    const row = rowOf(ref, versionAt(0))
    const [outcome] = await failing.put([{ row, condition: absent() }])
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'UNAVAILABLE' } })
    expect(outcome).not.toHaveProperty('notWritten')
    expect(await read(ref.key)).toEqual(row)
    await failing.close()
  })
})
