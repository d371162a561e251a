import { createStore, type Store, StoreError } from '@tandemstore/core'
import { type CassandraService, startCassandra } from '@tandemstore/testkit/services'
import { policies } from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scylla } from '../../src/index.js'
import { connectionTo, makeKeyspace, type TestKeyspace } from '../database.js'

// Every write is on the disk before it is acknowledged. With the default, `periodic`, a kill takes those of the last seconds.
const found = await startCassandra({ config: { commitlog_sync: 'batch', commitlog_sync_period: '0ms' } })

const WORKERS = 16
/** What may be said of a database that is away. Core has tried four times by then. */
const outage = ['UNAVAILABLE', 'TIMEOUT', 'KV_FAILED', 'RATE_LIMITED']

const body = (): void => {
  const service = found as CassandraService
  const [node] = service.nodes as [CassandraService['nodes'][0]]
  let database: TestKeyspace
  let store: Store
  beforeAll(async () => {
    database = await makeKeyspace(service)
    store = await createStore({
      collection: 'notes',
      kv: scylla({
        ...connectionTo(service),
        keyspace: database.keyspace,
        socketOptions: { readTimeout: 1000 },
        policies: { reconnection: new policies.reconnection.ConstantReconnectionPolicy(500) },
      }),
    })
  })
  afterAll(async () => {
    await store?.close()
    await database?.drop()
    await service.stop()
  })

  /** Writes and reads until it is stopped. Gives the last acknowledged number of each key, and what failed. */
  function startWorking(name: string) {
    const acknowledged = new Map<string, number>()
    const attempted = new Map<string, number>()
    const errors: unknown[] = []
    let writes = 0
    let isStopping = false
    const work = async (worker: number): Promise<void> => {
      for (let n = 0; !isStopping; n += 1) {
        const key = `${worker}-${n % 20}`
        attempted.set(key, n)
        try {
          await store.put([name], key, { n })
          acknowledged.set(key, n)
          writes += 1
          await store.get([name], key)
        } catch (error) {
          errors.push(error)
        }
      }
    }
    const working = Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)))
    return {
      acknowledged,
      errors,
      /** Resolves after so many more acknowledged writes. */
      async progress(count: number): Promise<void> {
        const until = writes + count
        await expect.poll(() => writes, { timeout: 120_000, interval: 50 }).toBeGreaterThanOrEqual(until)
      },
      failure: () => expect.poll(() => errors.length, { timeout: 60_000, interval: 20 }).toBeGreaterThan(0),
      async stop(): Promise<void> {
        isStopping = true
        await working
      },
      async check(): Promise<void> {
        for (const error of errors) {
          if (!StoreError.isInstance(error)) throw new Error(`Not a StoreError: ${String(error)}`)
          expect(outage).toContain(error.code)
          expect(error.retryable, error.message).toBe(true)
        }
        expect(acknowledged.size).toBeGreaterThan(0)
        for (const [key, n] of acknowledged) {
          const document = await store.get([name], key)
          // A write that failed may have taken effect after the last one that was acknowledged.
          expect(document?.value.n, key).toBeGreaterThanOrEqual(n)
          expect(document?.value.n, key).toBeLessThanOrEqual(attempted.get(key) ?? n)
        }
      },
    }
  }

  test('a node that is killed in the middle of requests loses nothing acknowledged, and the store heals', async () => {
    const load = startWorking('killed')
    await load.progress(1000)
    await node.stop({ kill: true })
    await load.failure()
    await node.start()
    await load.progress(1000)
    await load.stop()
    await load.check()
  })

  test('a node that freezes in the middle of requests loses nothing acknowledged, and the store heals', async () => {
    const load = startWorking('frozen')
    await load.progress(1000)
    node.pause()
    try {
      await load.failure()
    } finally {
      node.resume()
    }
    await load.progress(1000)
    await load.stop()
    await load.check()
  })
}

if ('skipped' in found) describe.skip(`outages of a node: ${found.skipped}`, body)
else describe('outages of a node', body)
