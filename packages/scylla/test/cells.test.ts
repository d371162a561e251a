import { formatVersion, type KVCollection, versionMicros } from '@tandemstore/core/adapter'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scylla } from '../src/index.js'
import { connectionTo, describeWithDatabase, makeKeyspace, type TestKeyspace } from './database.js'
import { rowOf, versionAt } from './rows.js'

const year = 365 * 86_400_000

describeWithDatabase('the cells of documents', () => {
  let database: TestKeyspace
  let collection: KVCollection
  beforeAll(async () => {
    database = await makeKeyspace()
    collection = await scylla({ ...connectionTo(), keyspace: database.keyspace, buckets: 1 }).open('notes')
  })
  afterAll(async () => {
    await collection?.close()
    await database?.drop()
  })

  const cellOf = async (key: string) => {
    const query = `SELECT document, TTL(document) AS ttl, WRITETIME(document) AS micros FROM "${database.keyspace}".notes_documents WHERE namespace = ? AND bucket = 0 AND key = ?`
    const { rows } = await database.client.execute(query, ['n\0', key], { prepare: true })
    return rows[0]
  }
  const put = async (key: string, version: string, rest: Parameters<typeof rowOf>[2] = {}) => {
    const row = rowOf({ namespace: ['n'], key }, version, rest)
    expect(await collection.put([{ row }])).toEqual([{ status: 'written' }])
    return row
  }

  test('the write timestamp is the version’s', async () => {
    const version = versionAt(-5000)
    await put('timestamp', version)
    expect(Number((await cellOf('timestamp'))?.micros)).toBe(versionMicros(version))
  })

  test('the native TTL is the time left in seconds, rounded up, and a minute', async () => {
    await put('ttl', versionAt(0), { expiresAt: Date.now() + 100_500 })
    const ttl = (await cellOf('ttl'))?.ttl
    expect(ttl).toBeGreaterThanOrEqual(155)
    expect(ttl).toBeLessThanOrEqual(162)
  })

  test('an expiry beyond what the database takes is kept in the row alone', async () => {
    for (const years of [19, 25, 500]) {
      const row = await put(`years${years}`, versionAt(0), { expiresAt: Date.now() + years * year })
      expect((await cellOf(row.key))?.ttl).toBeNull()
      expect(await collection.get([row])).toEqual([row])
    }
  })

  test('in one microsecond the row that expires stands, whatever the writers: the database decides that before the content', async () => {
    const micros = versionMicros(versionAt(0))
    const [low, high] = [formatVersion(micros, '000000000001'), formatVersion(micros, '000000000002')]
    const expiresAt = Date.now() + 3_600_000
    for (const order of ['low first', 'high first']) {
      const writes = [() => put(order, low, { expiresAt }), () => put(order, high)]
      if (order === 'high first') writes.reverse()
      for (const write of writes) await write()
      expect((await collection.get([{ namespace: ['n'], key: order }]))[0]?.version).toBe(low)
    }
  })

  test('a value of many megabytes is refused by the database, for good', async () => {
    const row = rowOf({ namespace: ['n'], key: 'huge' }, versionAt(0), { value: `"${'x'.repeat(17_000_000)}"` })
    const [outcome] = await collection.put([{ row }])
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'KV_FAILED', retryable: false } })
    expect(await collection.get([row])).toEqual([undefined])
  })

  test('what is not Tandem’s is told, not guessed', async () => {
    const insert = `INSERT INTO "${database.keyspace}".notes_documents (namespace, bucket, key, document) VALUES (?, 0, 'foreign', 'hello')`
    await database.client.execute(insert, ['n\0'], { prepare: true })
    await expect(collection.get([{ namespace: ['n'], key: 'foreign' }])).rejects.toMatchObject({
      code: 'KV_FAILED',
      key: 'foreign',
    })
  })
})
