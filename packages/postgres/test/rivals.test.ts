import { randomBytes } from 'node:crypto'
import { type DocumentPoints, formatVersion, type Intent } from '@tandemstore/core/adapter'
import pg from 'pg'
import { beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { type Database, onServer } from './databases.js'

const server = inject('postgres')

function versionOf(micros: number): string {
  return formatVersion(micros, 'aaaaaaaaaaaa')
}

function rowOf(key: string, micros: number, namespace = ['n']) {
  return { namespace, key, version: versionOf(micros), value: `{"of":${micros}}`, createdAt: 1, updatedAt: 1 }
}

function documentOf(key: string, micros: number, words: readonly string[]): DocumentPoints {
  const id = `00000000-0000-5000-8000-${key.padStart(12, '0')}`
  const terms = { terms: words, weights: words.map(() => 1) }
  const point = { id, field: '$', part: 0, hash: String(micros), vector: Float32Array.of(1, micros), terms }
  return { namespace: ['n'], key, version: versionOf(micros), values: {}, fingerprint: 'f', points: [point] }
}

async function administrator(): Promise<pg.Client> {
  const client = new pg.Client(server?.url)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

describe.skipIf(server === undefined)('rivals on a server', () => {
  let database: Database
  beforeAll(async () => {
    database = await onServer()
    return database.cleanup
  })

  test('any number of processes make the schema and a space at once', async () => {
    const fresh = await onServer()
    onTestFinished(fresh.cleanup)
    const stores = Array.from({ length: 8 }, () => fresh.another())
    const definition = {
      name: 's',
      dimensions: 2,
      metric: 'cosine',
      filterable: { a: 'keyword' },
      terms: true,
    } as const
    const opened = await Promise.all(
      stores.flatMap(({ kv, vectors }) => [kv.open('c'), vectors.open(definition)] as const),
    )
    await Promise.all(opened.map((each) => each.ping()))
    await Promise.all(opened.map((each) => each.close()))
  })

  test('of rival batches over the same documents, the highest versions stay, deletions too', async () => {
    const [one, two] = await Promise.all([database.kv.open('rivals'), database.another().kv.open('rivals')])
    const keys = Array.from({ length: 40 }, (_, i) => `k${i}`)
    const rounds = Array.from({ length: 20 }, (_, round) => round)
    await Promise.all(
      rounds.flatMap((round) => [
        one.put(keys.map((key) => ({ row: rowOf(key, 10 + 2 * round) }))),
        two.put([...keys].reverse().map((key) => ({ row: rowOf(key, 11 + 2 * round) }))),
        two.delete(keys.slice(0, 10).map((key) => ({ namespace: ['n'], key, version: versionOf(100) }))),
      ]),
    )
    const rows = await one.get(keys.map((key) => ({ namespace: ['n'], key })))
    expect(rows.slice(0, 10)).toEqual(Array.from({ length: 10 }))
    expect(rows.slice(10).map((row) => row?.version)).toEqual(keys.slice(10).map(() => versionOf(49)))
    await Promise.all([one.close(), two.close()])
  })

  test('one of many conditional writes wins, with its intents', async () => {
    const collections = await Promise.all(Array.from({ length: 6 }, () => database.another().kv.open('conditions')))
    const outcomes = await Promise.all(
      collections.map((collection, i) => {
        const row = rowOf('k', 10 + i)
        const { namespace, key, version } = row
        const intent: Intent = { kind: 'document', namespace, key, version, space: 's' }
        return collection.put([{ row, condition: { kind: 'absent', now: Date.now() }, intents: [intent] }])
      }),
    )
    expect(outcomes.flat().filter(({ status }) => status === 'written')).toHaveLength(1)
    const [first] = collections
    const [row] = (await first?.get([{ namespace: ['n'], key: 'k' }])) ?? []
    const { intents } = (await first?.listIntents({ space: 's', limit: 10 })) ?? { intents: [] }
    expect(intents.map(({ version }) => version)).toEqual([row?.version])
    await Promise.all(collections.map((each) => each.close()))
  })

  test('no put that is older than the deletion of its prefix outlives it, whenever it comes', async () => {
    const [one, two] = await Promise.all([database.kv.open('prefixes'), database.another().kv.open('prefixes')])
    const puts = Array.from({ length: 60 }, (_, i) => one.put([{ row: rowOf(`k${i}`, 10, ['p', String(i)]) }]))
    const deletion = two.deletePrefix(['p'], versionOf(20))
    const late = Array.from({ length: 60 }, (_, i) => one.put([{ row: rowOf(`l${i}`, 15, ['p', String(i)]) }]))
    await Promise.all([...puts, deletion, ...late])
    expect((await one.list({ prefix: ['p'], limit: 10 })).rows).toEqual([])
    await Promise.all([one.close(), two.close()])
  })

  test('rival replacements of points leave the highest version, and the words of it alone', async () => {
    const definition = { name: 'rivals', dimensions: 2, metric: 'dot', filterable: {}, terms: true } as const
    const [one, two] = await Promise.all([
      database.vectors.open(definition),
      database.another().vectors.open(definition),
    ])
    const keys = Array.from({ length: 30 }, (_, i) => String(i))
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        (i % 2 === 0 ? one : two).replace(
          (i % 3 === 0 ? [...keys].reverse() : keys).map((key) => documentOf(key, 10 + i, ['all', `v${10 + i}`])),
        ),
      ),
    )
    const { points } = await one.scan({ prefix: [], limit: 100 })
    expect(points.map(({ version }) => version)).toEqual(keys.map(() => versionOf(21)))
    const hitsOf = async (term: string) => {
      const found = await one.queryTerms?.({ prefix: [], now: 0, limit: 100, terms: { terms: [term], weights: [1] } })
      return found?.matches.length
    }
    for (let version = 10; version < 22; version += 1) {
      expect(await hitsOf(`v${version}`), `v${version}`).toBe(version === 21 ? 30 : 0)
    }
    expect(await hitsOf('all')).toBe(30)
    await Promise.all([one.drop(), two.close()])
  })

  /** A put that waits for a lock, which `release` ends. */
  async function waitingPut(signal?: AbortSignal) {
    // Apart from the one that locks, which sees the same activities until its transaction ends.
    const [locker, watcher] = [await administrator(), await administrator()]
    const schema = `t_${randomBytes(5).toString('hex')}`
    const collection = await database.another({ schema }).kv.open('c')
    onTestFinished(async () => {
      await collection.close()
      await watcher.query(`DROP SCHEMA ${schema} CASCADE`)
    })
    await locker.query('BEGIN')
    await locker.query(`LOCK TABLE ${schema}.document`)
    const put = collection.put([{ row: rowOf('k', 1) }], { signal })
    const rejection = put.then(
      () => 'written',
      (error: unknown) => error,
    )
    const waiting = async (): Promise<number[]> => {
      const { rows } = await watcher.query(
        `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1`,
        [`%${schema}.kv_write%`],
      )
      return rows.map(({ pid }) => pid)
    }
    await vi.waitFor(async () => expect(await waiting()).toHaveLength(1), { timeout: 10_000 })
    return { collection, rejection, waiting, watcher, release: () => locker.query('ROLLBACK') }
  }

  test('a call that is aborted ends at once, and its statement on the server too', async () => {
    const controller = new AbortController()
    const { collection, rejection, waiting, release } = await waitingPut(controller.signal)
    controller.abort(new Error('enough'))
    expect(await rejection).toMatchObject({ message: 'enough' })
    await vi.waitFor(async () => expect(await waiting()).toEqual([]), { timeout: 10_000 })
    await release()
    expect(await collection.get([{ namespace: ['n'], key: 'k' }])).toEqual([undefined])
  })

  test('a call whose connection is ended meanwhile is UNAVAILABLE, and can be made again', async () => {
    const { collection, rejection, waiting, watcher, release } = await waitingPut()
    await watcher.query('SELECT pg_terminate_backend($1)', await waiting())
    expect(await rejection).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    await release()
    expect(await collection.put([{ row: rowOf('k', 1) }])).toEqual([{ status: 'written', existed: false }])
  })

  test('a connection that is ended by the server is UNAVAILABLE once, and the next call works', async () => {
    const admin = await administrator()
    const collection = await database.another({ maxConnections: 1 }).kv.open('ended')
    await collection.ping()
    await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tandem'`)
    for (let attempts = 0; attempts < 3; attempts += 1) {
      const error: unknown = await collection.ping().then(
        () => undefined,
        (reason: unknown) => reason,
      )
      if (error !== undefined) expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    }
    await collection.ping()
    await collection.close()
  })
})
