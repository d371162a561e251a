import { setTimeout as wait } from 'node:timers/promises'
import { createStore, type Receipt } from '@tandemstore/core'
import { fakeEmbedder } from '@tandemstore/testkit'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { openRaw } from '../src/raw.ts'
import { expectInTandem } from './compare.ts'
import { connect, deleteEverything, newConnection } from './databases.ts'
import { documentOf, expectFound } from './ingest.ts'
import { fields } from './programs/lines.ts'
import { type Outage, startProxy, type TcpProxy } from './proxy.ts'
import { tell } from './report.ts'
import { ingested, outageMs } from './scale.ts'
import { describeWithServices } from './services.ts'
import { inWindow } from './window.ts'

const outages: readonly Outage[] = ['refuses', 'swallows']
const maxPending = Math.floor(ingested / 3)
/** Less than there is room for: whoever waits for the index in the outage needs some. */
const before = Math.floor(maxPending / 2)

describeWithServices('Qdrant is away in the middle of an ingest', ({ cassandra, qdrant }) => {
  const direct = newConnection(cassandra, qdrant)
  let proxy: TcpProxy
  beforeEach(async () => {
    proxy = await startProxy(qdrant)
  })
  afterEach(() => proxy.close())
  afterAll(() => deleteEverything(direct))

  const title = `for ${outageMs / 1000} s, when it %s what is sent: nothing acknowledged is lost, and all heals by itself`
  test.for(outages)(title, async (outage, { task }) => {
    const collection = outage
    const through = { ...direct, qdrant: { ...direct.qdrant, url: proxy.url } }
    const options = {
      collection,
      embedder: fakeEmbedder({ limits: { maxInputs: 32 } }),
      index: { fields },
      maxPending,
    }
    // Makes the tables and the collection, which may take longer than the time-out of the store under test.
    await (await createStore({ ...options, ...connect(direct) })).close()
    const store = await createStore({ ...options, ...connect(through, { timeoutMs: 3000 }) })
    let delays = 0
    store.on('indexDelayed', () => {
      delays += 1
    })
    const receipts: Receipt[] = []
    const ingest = (from: number, to: number): Promise<unknown> =>
      inWindow(
        Array.from({ length: to - from }, (_, i) => from + i),
        32,
        async (number) => {
          const { namespace, key, value } = documentOf(number)
          receipts.push(await store.put(namespace, key, value))
        },
      )

    await ingest(0, before)
    await proxy.begin(outage)

    // What each mode promises to say.
    const value = { title: 'whoever waits is told', body: 'at once' }
    await Promise.all([
      expect(store.put(['waiting'], 'k', value, { sync: 'wait' })).rejects.toMatchObject({
        code: expect.stringMatching(/^(UNAVAILABLE|TIMEOUT)$/),
        retryable: true,
        message: expect.stringContaining('Stored, but not searchable yet'),
      }),
      expect(store.flush()).rejects.toMatchObject({
        retryable: true,
        message: expect.stringMatching(/documents? (is|are) not searchable/),
      }),
      expect(store.search(['waiting'], { query: 'told' })).rejects.toMatchObject({ retryable: true }),
      expect(store.health()).resolves.toMatchObject({ ok: false, kv: { ok: true }, vectors: { ok: false } }),
    ])
    expect((await store.get(['waiting'], 'k'))?.value).toEqual(value)
    expect((await store.stats()).index?.pending).toBeGreaterThan(0)
    expect(delays).toBeGreaterThan(0)

    const rest = ingest(before, ingested)
    // The outage is what is tested; nothing is awaited by this time.
    await wait(outageMs)
    const during = receipts.length - before
    const { pending } = (await store.stats()).index ?? {}
    await proxy.end()

    await rest
    await expect.poll(() => store.flush().then(() => 'flushed', String), { timeout: 120_000 }).toBe('flushed')
    await Promise.all(receipts.map(({ indexed }) => indexed))
    expect(receipts).toHaveLength(ingested)
    // Without an end, as many as there is room for are taken, and the others wait.
    expect(pending).toBeLessThanOrEqual(maxPending)
    expect(during).toBeLessThanOrEqual(maxPending)

    const raw = await openRaw(connect(direct), collection)
    const { rows } = await expectInTandem(raw, fields)
    expect(rows).toHaveLength(ingested + 1)
    expect(await raw.intents()).toEqual([])
    await expectFound(store, ingested)
    await store.close()
    await raw.close()
    tell(task, {
      'documents acknowledged before, during and after': `${before}, ${during}, ${ingested - before - during}`,
      'writes that waited for the index when it came back': pending ?? 0,
      asserted: 'no acknowledged write lost, no point missing, stale or orphaned',
    })
  })
})
