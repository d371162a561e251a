import { describe, expect, test } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { forGood } from '../../src/errors.ts'
import { useFakeDate, useRig } from '../../src/fixture.ts'

describe.each(backendKinds)('expiry, $name', (kind) => {
  const clock = useFakeDate()
  const rig = useRig(kind, { sync: 'wait' })

  test('to the millisecond, in get, list, namespaces and search, whatever is still stored', async () => {
    const { store } = await rig.current.start()
    await store.put(['a'], '1', { title: 'red' }, { ttlMs: 1000 })
    const seen = async () => [
      (await store.get(['a'], '1')) !== undefined,
      (await store.list([])).items.length === 1,
      (await store.namespaces()).items.length === 1,
      (await store.search([], { query: 'red' })).length === 1,
      (await store.search([])).length === 1,
    ]
    clock.pass(999)
    expect(await seen()).toEqual([true, true, true, true, true])
    expect((await store.get(['a'], '1'))?.expiresAt).toEqual(new Date(Date.now() + 1))
    clock.pass(1)
    expect(await seen()).toEqual([false, false, false, false, false])
    expect(await rig.current.raw.rows()).toHaveLength(1)
    expect(await store.verify()).toMatchObject({ checked: 0, missing: 0, stale: 0, orphaned: 0 })
  })

  test('an expired document is absent for conditions, and a new one begins anew', async () => {
    const { store } = await rig.current.start()
    const first = await store.put(['a'], '1', { title: 'red' }, { ttlMs: 1000 })
    clock.pass(1000)
    await expect(store.put(['a'], '1', { title: 'blue' }, { ifVersion: first.version })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    await store.put(['a'], '1', { title: 'blue' }, { ifAbsent: true })
    const document = await store.get(['a'], '1')
    expect(document).toMatchObject({ value: { title: 'blue' }, createdAt: new Date() })
    expect(document?.expiresAt).toBeUndefined()
    await rig.current.expectInTandem()
  })

  test('the sweep deletes what has expired from both databases, and nothing else', async () => {
    const { store, kv, vectors } = await rig.current.start({ sweepMs: 5 })
    await store.put(['a'], 'expires', { title: 'red' }, { ttlMs: 1000 })
    await store.put(['a'], 'later', { title: 'red' }, { ttlMs: 1001 })
    await store.put(['a'], 'stays', { title: 'red' })
    clock.pass(1000)
    const rows = kv.hold('deleteExpired', { after: true })
    await rows.reached
    const points = vectors.hold('deleteExpired', { after: true })
    rows.release()
    await points.reached
    points.release()
    expect((await rig.current.raw.rows()).map(({ key }) => key)).toEqual(['later', 'stays'])
    expect((await rig.current.raw.points()).map(({ key }) => key).sort()).toEqual(['later', 'stays'])
  })

  test('a put without a time to live takes the expiry from the points of the one before', async () => {
    const { store } = await rig.current.start({ ttlMs: 1000 })
    await store.put(['a'], '1', { title: 'red' })
    expect((await rig.current.raw.points()).map(({ expiresAt }) => expiresAt)).toEqual([Date.now() + 1000])
    await store.put(['a'], '1', { title: 'red' }, { ttlMs: 5000 })
    expect((await rig.current.raw.points()).map(({ expiresAt }) => expiresAt)).toEqual([Date.now() + 5000])
    clock.pass(2000)
    expect(await store.search([], { query: 'red' })).toHaveLength(1)
    await rig.current.expectInTandem()
  })

  describe('refreshTtlOnRead', () => {
    const ttlMs = 10_000

    test('starts the time to live anew after a tenth of it, at the version of the document, and the points follow', async () => {
      const { store, kv } = await rig.current.start({ refreshTtlOnRead: true, ttlMs })
      const { version } = await store.put(['a'], '1', { title: 'red' })
      clock.pass(ttlMs / 10)
      expect((await store.get(['a'], '1'))?.expiresAt).toEqual(new Date(Date.now() + ttlMs * 0.9))
      expect(kv.callsOf('touch')).toEqual([])
      clock.pass(1)
      const document = await store.get(['a'], '1')
      expect(document).toMatchObject({ version, expiresAt: new Date(Date.now() + ttlMs) })
      await store.flush()
      expect(await rig.current.raw.points()).toMatchObject([{ version, expiresAt: Date.now() + ttlMs }])
      await rig.current.expectInTandem()
      expect(await rig.current.raw.intents()).toEqual([])
      // An adapter may remember by the object where it has put an intent.
      const removed = new Set(kv.callsOf('removeIntents').flatMap(([intents]) => intents))
      for (const [intents] of kv.callsOf('addIntents')) for (const intent of intents) expect(removed).toContain(intent)
      clock.pass(ttlMs - 1)
      expect(await store.search([], { query: 'red' })).toHaveLength(1)
    })

    test('embeds nothing again', async () => {
      const { store, embedder } = await rig.current.start({ refreshTtlOnRead: true, ttlMs })
      await store.put(['a'], '1', { title: 'red', body: 'blue' })
      const calls = embedder.callsOf('embed').length
      clock.pass(2000)
      await store.get(['a'], '1')
      await store.flush()
      expect(embedder.callsOf('embed')).toHaveLength(calls)
      await rig.current.expectInTandem()
    })

    test('of many documents in one call; those without a time to live stay as they are', async () => {
      const { store, kv } = await rig.current.start({ ttlMs: undefined })
      await store.put(['a'], '1', { title: 'red' }, { ttlMs })
      await store.put(['a'], '2', { title: 'red' }, { ttlMs: ttlMs * 2 })
      await store.put(['a'], '3', { title: 'red' })
      clock.pass(3000)
      const refs = ['1', '2', '3', 'none'].map((key) => ({ namespace: ['a'], key }))
      const documents = await store.getMany(refs, { refreshTtl: true })
      expect(documents.map((document) => document?.expiresAt?.getTime())).toEqual([
        Date.now() + ttlMs,
        Date.now() + ttlMs * 2,
        undefined,
        undefined,
      ])
      expect(kv.callsOf('touch')).toHaveLength(1)
      await store.flush()
      await rig.current.expectInTandem()
    })

    test('can be told not to by the read, and does not bring back what has expired', async () => {
      const { store, kv } = await rig.current.start({ refreshTtlOnRead: true, ttlMs })
      await store.put(['a'], '1', { title: 'red' })
      clock.pass(5000)
      await store.get(['a'], '1', { refreshTtl: false })
      expect(kv.callsOf('touch')).toEqual([])
      clock.pass(5000)
      expect(await store.get(['a'], '1')).toBeUndefined()
      expect(kv.callsOf('touch')).toEqual([])
    })

    test('after a crash between the row and the points recovery lets the points follow', async () => {
      const process = await rig.current.start({ refreshTtlOnRead: true, ttlMs: 100_000 })
      await process.store.put(['a'], '1', { title: 'red' })
      clock.pass(20_000)
      const upsert = process.vectors.hold('replace')
      await process.store.get(['a'], '1')
      await upsert.reached
      process.crash()
      clock.pass(11_000)
      // The KV cannot show that an expiry has arrived, so the intent stays until settleMs.
      const { store } = await rig.current.start({ settleMs: 5000 })
      await store.recover()
      await rig.current.expectInTandem()
      expect(await rig.current.raw.intents()).toEqual([])
    })

    test('an expiry whose move timed out and arrives later reaches the points', async () => {
      const { store, kv } = await rig.current.start({ refreshTtlOnRead: true, ttlMs: 100_000, settleMs: 60_000 })
      await store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
      clock.pass(20_000)
      const touch = kv.late('touch', forGood())
      await store.get(['a'], '1')
      await store.recover()
      expect(await rig.current.raw.intents()).toHaveLength(1)
      await touch.land()
      await store.recover()
      await rig.current.expectInTandem()
    })
  })
})
