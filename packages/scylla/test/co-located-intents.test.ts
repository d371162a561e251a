import type { Intent, KVCollection } from '@tandemstore/core/adapter'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type CassandraClient, scylla } from '../src/index.js'
import { connectionTo, describeWithDatabase, makeKeyspace, type TestKeyspace } from './database.js'
import { rowOf, versionAt } from './rows.js'

const minute = 60_000

describeWithDatabase('co-located intents', () => {
  let database: TestKeyspace
  let collection: KVCollection
  let space = ''
  let number = 0
  /** The statements that were sent together, each time. */
  let requests: string[][] = []
  /** What to reject the next requests with that do not begin with this. */
  let failing: { readonly error: Error; readonly but?: string } | undefined
  beforeAll(async () => {
    database = await makeKeyspace()
  })
  afterAll(() => database?.drop())
  beforeEach(async () => {
    number += 1
    space = `space${number}`
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    const { client: real } = database
    const client: CassandraClient = {
      async execute(query, params, options) {
        requests.push([query])
        if (failing !== undefined && !query.startsWith(failing.but ?? 'none')) throw failing.error
        return real.execute(query, params as unknown[], options)
      },
      async batch(queries, options) {
        requests.push(queries.map(({ query }) => query))
        if (failing !== undefined) throw failing.error
        return real.batch(queries, options)
      },
    }
    collection = await scylla({ client, keyspace: database.keyspace, buckets: 2 }).open(`notes${number}`)
  })
  afterEach(async () => {
    failing = undefined
    vi.useRealTimers()
    await collection.close()
  })

  const advance = (ms: number) => vi.setSystemTime(Date.now() + ms)
  const list = async () => (await collection.listIntents({ space, limit: 100 })).intents
  const put = async (...keys: string[]): Promise<Intent[]> => {
    const made: Intent[] = []
    advance(1)
    const writes = keys.map((key) => {
      const row = rowOf({ namespace: ['n'], key }, versionAt(0))
      const intent: Intent = { kind: 'document', namespace: ['n'], key, version: row.version, space }
      made.push(intent)
      return { row, intents: [intent] }
    })
    requests = []
    const outcomes = await collection.put(writes)
    for (const { status } of outcomes) expect(status).toBe(failing === undefined ? 'written' : 'failed')
    return made
  }
  const timeOut = Object.assign(new Error('timed out'), { name: 'OperationTimedOutError' })
  const registrations = async () => {
    const table = `"${database.keyspace}".notes${number}_intent_places`
    return (await database.client.execute(`SELECT namespace FROM ${table}`)).rowLength
  }

  test('a document in a partition that was just written into goes with its intent in one request, and a removal in another', async () => {
    const made = [...(await put('k')), ...(await put('k'))]
    advance(1000)
    made.push(...(await put('k')))
    expect(requests).toEqual([
      [expect.stringContaining('SET document = ?'), expect.stringContaining("SET document = ''")],
    ])
    expect(await list()).toEqual(expect.arrayContaining(made))
    requests = []
    await collection.removeIntents(made.slice(2))
    expect(requests).toEqual([[expect.stringMatching(/^DELETE FROM .*_documents/)]])
    expect(await list()).toHaveLength(2)
    await collection.removeIntents(made.slice(0, 2))
    expect(await list()).toEqual([])
  })

  test('many documents over several partitions have their intents added before, in few requests', async () => {
    await put('k')
    const keys = Array.from({ length: 50 }, (_, i) => `k${i}`)
    await put(...keys)
    const isIntent = (query: string) => /^INSERT INTO .*_intents"/.test(query)
    const first = requests.findIndex(([query = '']) => /^UPDATE .*_documents/.test(query))
    const withIntents = requests.filter(([query = '']) => isIntent(query))
    expect(withIntents.flat()).toHaveLength(50)
    expect(withIntents.length).toBeLessThanOrEqual(3)
    expect(requests.slice(first).flat().filter(isIntent)).toEqual([])
    expect(await list()).toHaveLength(51)
  })

  test('a call with many documents of one partition has their intents added before', async () => {
    const single = await scylla({ ...connectionTo(), keyspace: database.keyspace, buckets: 1 }).open(`one${number}`)
    const write = (key: string) => {
      const row = rowOf({ namespace: ['n'], key }, versionAt(0))
      return { row, intents: [{ kind: 'document' as const, namespace: ['n'], key, version: row.version, space }] }
    }
    for (const count of [1, 1, 20]) await single.put(Array.from({ length: count }, (_, i) => write(`${count}-${i}`)))
    const { rowLength } = await database.client.execute(`SELECT shard FROM "${database.keyspace}".one${number}_intents`)
    expect(rowLength).toBe(21)
    await single.close()
  })

  test('where the minute cannot be registered, the partition is in use no longer', async () => {
    await put('k')
    advance(31_000)
    failing = { error: timeOut, but: `INSERT INTO "${database.keyspace}"."notes${number}_intent_places` }
    await put('k')
    failing = undefined
    await collection.close()
    expect(await registrations()).toBe(0)
  })

  test('a partition is registered once a minute', async () => {
    const isRegistration = (query: string) => query.includes('_intent_places')
    vi.setSystemTime(Math.ceil(Date.now() / minute) * minute)
    await put('k')
    await put('k')
    expect(requests.flat().filter(isRegistration)).toHaveLength(1)
    advance(50_000)
    await put('k')
    expect(requests.flat().filter(isRegistration)).toEqual([])
    advance(10_000)
    await put('k')
    expect(requests.flat().filter(isRegistration)).toHaveLength(1)
    await put('k')
    expect(requests).toHaveLength(1)
  })

  test('the intent of a write that was not answered is added all the same, as it may still arrive', async () => {
    await put('k')
    await put('k')
    failing = { error: timeOut, but: 'INSERT INTO' }
    const [intent] = await put('k')
    failing = undefined
    expect(await list()).toContainEqual(intent)
    await collection.removeIntents(await list())
    expect(await list()).toEqual([])
  })

  test('where that fails too, the partition stays registered for as long as recovery looks', async () => {
    const made = [...(await put('k')), ...(await put('k'))]
    failing = { error: timeOut }
    const [unknown] = await put('k')
    failing = undefined
    await collection.removeIntents(made)
    await collection.close()
    expect(await registrations()).toBe(1)
    const other = await scylla({ client: database.client, keyspace: database.keyspace }).open(`notes${number}`)
    advance(60 * minute)
    const nothing = { intents: [], writers: [unknown?.version.slice(-12)] }
    expect(await other.listIntents({ space, limit: 10 })).toEqual(nothing)
    advance(150 * minute)
    await other.listIntents({ space, limit: 10 })
    expect(await other.listIntents({ space, limit: 10 })).toEqual({ intents: [] })
    expect(await registrations()).toBe(0)
    await other.close()
  })

  test('closing drops registrations from which nothing can come', async () => {
    const made = [...(await put('k')), ...(await put('k'))]
    expect(await registrations()).toBe(1)
    const left = await put('other')
    await collection.removeIntents(made)
    await put('other')
    await collection.close()
    const reopened = await scylla({ client: database.client, keyspace: database.keyspace }).open(`notes${number}`)
    const { intents } = await reopened.listIntents({ space, limit: 10 })
    expect(intents).toHaveLength(2)
    expect(intents).toEqual(expect.arrayContaining(left))
    await reopened.removeIntents(intents)
    await reopened.close()
  })

  test('intents in more partitions than are read together, of two writers in each, are found once, page by page', async () => {
    // In the middle of a minute, so that all lie in one.
    vi.setSystemTime(Math.ceil(Date.now() / minute) * minute + 10_000)
    const put = async (namespace: string, writer: string): Promise<Intent> => {
      advance(1)
      const row = rowOf({ namespace: [namespace], key: 'k' }, versionAt(0, writer))
      const intent: Intent = { kind: 'document', namespace: [namespace], key: 'k', version: row.version, space }
      expect(await collection.put([{ row, intents: [intent] }])).toMatchObject([{ status: 'written' }])
      return intent
    }
    const coLocated: Intent[] = []
    const writers = ['00000000000a', '00000000000b']
    for (let n = 0; n < 70; n += 1) {
      const first = await put(`n${n}`, '00000000000a')
      // The first of a partition is in a shard.
      await collection.removeIntents([first])
      for (const writer of writers) coLocated.push(await put(`n${n}`, writer))
    }
    expect(await registrations()).toBe(140)
    const found: Intent[] = []
    const told = new Set<string>()
    let cursor: string | undefined
    do {
      const page = await collection.listIntents({ space, cursor, limit: 9 })
      found.push(...page.intents)
      for (const writer of page.writers ?? []) told.add(writer)
      // What a page ends with may be gone when the next one is read.
      if (found.length === 63) await collection.removeIntents(found.slice(62))
      cursor = page.cursor
    } while (cursor !== undefined)
    const byVersion = (a: Intent, b: Intent) => (a.version < b.version ? -1 : 1)
    expect(found.sort(byVersion)).toEqual(coLocated.sort(byVersion))
    expect([...told].sort()).toEqual(writers)
  })

  test('a minute with a co-located intent stays, and goes with its registrations once that is removed', async () => {
    const made = [...(await put('k')), ...(await put('k')), ...(await put('k'))]
    await collection.removeIntents(made.slice(0, 2))
    advance(10 * minute)
    expect(await list()).toEqual(made.slice(2))
    expect(await registrations()).toBe(1)
    await collection.removeIntents(made.slice(2))
    advance(2 * minute)
    await collection.removeIntents(made)
    expect(await registrations()).toBe(0)
    expect(await list()).toEqual([])
  })

  test('an intent that is both sharded and co-located is removed in both places', async () => {
    await put('k')
    const [intent] = (await put('k')) as [Intent]
    await collection.addIntents([intent])
    await collection.removeIntents([intent])
    expect((await list()).filter(({ version }) => version === intent.version)).toEqual([])
  })

  test('another process finds them, page by page, and removes them', async () => {
    const made: Intent[] = []
    for (let i = 0; i < 9; i += 1) made.push(...(await put(`k${i % 5}`)))
    const other = await scylla({ client: database.client, keyspace: database.keyspace }).open(`notes${number}`)
    const found: Intent[] = []
    let cursor: string | undefined
    do {
      const page = await other.listIntents({ space, cursor, limit: 2 })
      found.push(...page.intents)
      await other.removeIntents(page.intents)
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(found.map(({ version }) => version).sort()).toEqual(made.map(({ version }) => version).sort())
    await other.close()
    expect(await list()).toEqual([])
  })
})
