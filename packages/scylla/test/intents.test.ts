import type { Intent, KVCollection } from '@tandemstore/core/adapter'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { scylla } from '../src/index.js'
import { connectionTo, describeWithDatabase, makeKeyspace, type TestKeyspace } from './database.js'
import { versionAt } from './rows.js'

const minute = 60_000

describeWithDatabase('intents by the minute', () => {
  let database: TestKeyspace
  let collection: KVCollection
  let space = ''
  let number = 0
  beforeAll(async () => {
    database = await makeKeyspace()
  })
  afterAll(() => database?.drop())
  // A collection for each test: its timestamps never go back, and the clock does at the end of a test.
  beforeEach(async () => {
    number += 1
    space = `space${number}`
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    collection = await scylla({ ...connectionTo(), keyspace: database.keyspace }).open('notes')
  })
  afterEach(async () => {
    vi.useRealTimers()
    await collection.close()
  })

  const intentOf = (key: string): Intent => ({ kind: 'document', namespace: ['n'], key, version: versionAt(0), space })
  const advance = (ms: number) => vi.setSystemTime(Date.now() + ms)
  const list = async (from = collection) => (await from.listIntents({ space, limit: 100 })).intents
  const minutes = async () => {
    const query = `SELECT minute FROM "${database.keyspace}".notes_intent_minutes WHERE space = ?`
    return (await database.client.execute(query, [space], { prepare: true })).rows.map((row) => Number(row.minute))
  }

  test('a minute that is over and empty is dropped by who lists it, and stays while something is in it', async () => {
    const [kept, done] = [intentOf('kept'), intentOf('done')]
    await collection.addIntents([kept, done])
    await collection.removeIntents([done])
    advance(10 * minute)
    expect(await list()).toEqual([kept])
    expect(await minutes()).toHaveLength(1)
    await collection.removeIntents([kept])
    expect(await list()).toEqual([])
    // What was removed just now may not be settled everywhere.
    advance(5 * minute)
    expect(await list()).toEqual([])
    expect(await minutes()).toEqual([])
  })

  test('a process drops the minutes it has filled, as it goes on', async () => {
    for (let times = 0; times < 5; times += 1) {
      const intent = intentOf(`k${times}`)
      await collection.addIntents([intent])
      await collection.removeIntents([intent])
      advance(6 * minute)
    }
    expect((await minutes()).length).toBeLessThanOrEqual(2)
    expect(await list()).toEqual([])
  })

  test('an intent of an old version is found after its minute was dropped', async () => {
    const first = intentOf('first')
    await collection.addIntents([first])
    await collection.removeIntents([first])
    advance(5 * minute)
    await list()
    expect(await minutes()).toEqual([])
    const touched = { ...first, key: 'touched' }
    await collection.addIntents([touched, first])
    expect(await list()).toEqual([first, touched])
    expect(await minutes()).toHaveLength(1)
  })

  test('one that comes while another process drops its minute stays', async () => {
    const other = await scylla({ ...connectionTo(), keyspace: database.keyspace }).open('notes')
    const old = intentOf('old')
    await collection.addIntents([old])
    await collection.removeIntents([old])
    advance(5 * minute)
    const late = Array.from({ length: 20 }, (_, i) => ({ ...old, key: `late${i}` }))
    await Promise.all([list(other), ...late.map((intent) => collection.addIntents([intent])), list(other)])
    expect((await list()).map(({ key }) => key).sort()).toEqual(late.map(({ key }) => key).sort())
    await other.close()
  })

  test.each([
    ['119 s behind', 119_000, 28_000],
    ['41 s behind', 41_000, 20_000],
  ])(
    'one of a writer whose clock is %s, and whose write takes long, is not dropped by a process with a faster clock',
    async (_, skew, waited) => {
      const other = await scylla({ ...connectionTo(), keyspace: database.keyspace }).open('notes')
      const asOther = async <Result>(run: () => Promise<Result>): Promise<Result> => {
        advance(skew)
        try {
          return await run()
        } finally {
          advance(-skew)
        }
      }
      // The minute is registered, and then has nothing in it.
      vi.setSystemTime(Math.ceil(Date.now() / minute) * minute - 2000)
      const earlier = intentOf('earlier')
      await collection.addIntents([earlier])
      await collection.removeIntents([earlier])
      advance(1000)
      const intent = intentOf('k')
      advance(waited)
      expect(await asOther(() => list(other))).toEqual([])
      await collection.addIntents([intent])
      advance(60 * minute)
      expect(await asOther(() => list(other))).toEqual([intent])
      await other.close()
    },
  )

  test('pages go on over many minutes, oldest first', async () => {
    const made: Intent[] = []
    for (let times = 0; times < 4; times += 1) {
      const some = Array.from({ length: 7 }, (_, i) => intentOf(`k${times}-${i}`))
      await collection.addIntents(some)
      made.push(...some)
      advance(minute)
    }
    const versions: string[] = []
    let cursor: string | undefined
    do {
      const page = await collection.listIntents({ space, cursor, limit: 5 })
      expect(page.intents.length).toBeLessThanOrEqual(5)
      versions.push(...page.intents.map(({ version }) => version))
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(versions).toEqual(made.map(({ version }) => version).sort())
  })

  test('a cursor that is none is refused', async () => {
    await expect(collection.listIntents({ space, cursor: 'nonsense', limit: 1 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      field: 'cursor',
    })
  })
})
