import { createStore } from '@tandemstore/core'
import { fakeEmbedder } from '@tandemstore/testkit'
import { afterAll, expect, test } from 'vitest'
import { openRaw } from '../src/raw.ts'
import { expectInTandem } from './compare.ts'
import { connect, deleteEverything, newConnection } from './databases.ts'
import { fields } from './programs/lines.ts'
import { tell } from './report.ts'
import { describeWithServices } from './services.ts'
import { inWindow } from './window.ts'

const collection = 'expiring'
const count = 200

describeWithServices('documents with a time to live', ({ cassandra, qdrant }) => {
  const connection = newConnection(cassandra, qdrant)
  afterAll(() => deleteEverything(connection))

  test('vanish from search on time, and their points are swept', async ({ task }) => {
    const store = await createStore({
      collection,
      ...connect(connection),
      embedder: fakeEmbedder({ limits: { maxInputs: 32 } }),
      index: { fields },
      sweepMs: 1000,
    })
    const raw = await openRaw(connect(connection), collection)
    const keys = Array.from({ length: count }, (_, i) => String(i))
    const receipts = await inWindow(keys, 32, (key, i) =>
      store.put(['expiring'], key, { title: `short or long ${key}` }, i % 2 === 0 ? { ttlMs: 5000 + i * 20 } : {}),
    )
    const all = await store.getMany(keys.map((key) => ({ namespace: ['expiring'], key })))
    const expiry = new Map(all.map((document) => [document?.key, document?.expiresAt?.getTime()]))
    const last = Math.max(...[...expiry.values()].map((at) => at ?? 0))
    await Promise.all(receipts.map(({ indexed }) => indexed))

    // Searches without a pause until the last has expired: none may give what had expired when it began, nor miss what has not when it ended.
    let [searches, vanished] = [0, 0]
    let before = count
    for (let now = Date.now(); ; now = Date.now()) {
      const hits = await store.search(['expiring'], { query: 'short or long', limit: count })
      const end = Date.now()
      const found = new Set(hits.map(({ document }) => document.key))
      for (const [key, at] of expiry) {
        if (key === undefined) continue
        if (at !== undefined && at <= now) expect(found.has(key), `${key}, expired ${now - at} ms before`).toBe(false)
        if (at === undefined || at > end) expect(found.has(key), `${key}, not expired`).toBe(true)
      }
      searches += 1
      if (found.size < before) vanished += 1
      before = found.size
      if (now > last) break
    }
    expect(before).toBe(count / 2)
    // Otherwise they went all at once, or were gone before the first search.
    expect(vanished).toBeGreaterThan(1)

    await expect.poll(async () => (await raw.points()).length, { timeout: 30_000 }).toBe(count / 2)
    await expectInTandem(raw, fields)
    expect((await store.list(['expiring'], { limit: 1000 })).items).toHaveLength(count / 2)
    expect(await store.verify()).toMatchObject({ checked: count / 2, missing: 0, stale: 0, orphaned: 0 })
    await store.close()
    await raw.close()
    tell(task, {
      'searches while they expired': searches,
      asserted: 'no expired document found, no living one missed, no expired point left',
    })
  })
})
