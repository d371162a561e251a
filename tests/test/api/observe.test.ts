import { lruCache } from '@tandemstore/cache-lru'
import { createStore, type Store, StoreError, type StoreEvents } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { fail, fakeEmbedder, script } from '@tandemstore/testkit'
import { describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { forGood, rejection } from '../../src/errors.ts'
import { useRig } from '../../src/fixture.ts'
import { always, gate } from '../../src/gate.ts'

describe.each(backendKinds)('stats, events and health, $name', (kind) => {
  const rig = useRig(kind)

  test('stats count what was done', async () => {
    const { store } = await rig.current.start({ sync: 'wait', cache: lruCache({ maxEntries: 100 }) })
    await store.put(['a'], '1', { title: 'red', body: 'blue' })
    await store.put(['a'], '2', { title: 'red' })
    await store.putMany([3, 4].map((n) => ({ namespace: ['a'], key: String(n), value: { title: `green ${n}` } })))
    await store.put(['a'], '1', { title: 'red', body: 'other' })
    await rejection(store.put(['a'], '1', { title: 'red' }, { ifAbsent: true }), 'CONFLICT')
    await store.delete(['a'], '2')
    await store.get(['a'], '1')
    await store.getMany([
      { namespace: ['a'], key: '1' },
      { namespace: ['a'], key: 'none' },
    ])
    await store.search(['a'], { query: 'red' })
    const stats = await store.stats()
    expect(stats.documents).toEqual({ put: 5, deleted: 1, read: 3, conflicts: 1, failed: 0 })
    expect(stats.index).toEqual({
      projected: 6,
      withoutText: 0,
      pending: 0,
      delayed: 0,
      failed: 0,
      vectorsKept: 1,
      reprojected: 0,
      degraded: 0,
    })
    // red, blue, green 3, green 4, other; and the query.
    expect(stats.embeddings?.texts).toMatchObject({ embedded: 6, failed: 0 })
    expect(stats.embeddings?.cache.hits).toBe(1)
    expect(stats.embeddings?.tokens.reported).toBe(8)
    expect(stats.cache).toMatchObject({ entries: 6, maxEntries: 100 })
    expect(stats.latency.put.count).toBe(3)
    expect(stats.latency.putMany.count).toBe(1)
    expect(stats.latency.search.count).toBe(1)
    expect(stats.latency.get.count).toBe(2)
    expect(stats.latency.delete.count).toBe(1)
    const { mean, p50, p95, p99, max } = stats.latency.put
    expect(mean).toBeGreaterThan(0)
    expect([p50, p95, p99]).toEqual([p50, p95, p99].sort((a, b) => a - b))
    expect(max).toBeGreaterThan(0)
  })

  test.each(['wait', 'background', 'manual'] as const)(
    'stats count documents that have no text to index, which nothing else tells of, in mode %s',
    async (sync) => {
      const { store } = await rig.current.start({ sync })
      await store.put(['a'], '1', { name: 'in no path that is indexed' })
      await store.put(['a'], '2', { title: '  ', body: null })
      await store.put(['a'], '3', { title: 'red' }, { index: ['name'] })
      await store.put(['a'], '4', { title: 'red' })
      await store.put(['a'], '5', { name: 'not to be found' }, { index: false })
      await store.delete(['a'], '6')
      await store.flush()
      expect((await store.stats()).index).toMatchObject({ projected: 6, withoutText: 3, failed: 0 })
    },
  )

  test('stats say what is on its way', async () => {
    const { store, embedder } = await rig.current.start()
    const held = gate()
    embedder.on('embed', held.behaviour, always)
    for (const key of ['1', '2', '3']) await store.put(['a'], key, { title: key })
    await held.reached
    expect((await store.stats()).index).toMatchObject({ pending: 3, projected: 0 })
    held.open()
    await store.flush()
    expect((await store.stats()).index).toMatchObject({ pending: 0, projected: 3 })
  })

  test('events tell what happens, to every listener until it ends', async () => {
    const { store } = await rig.current.start({ sync: 'wait' })
    const seen: StoreEvents['indexed'][] = []
    const end = store.on('indexed', (event) => void seen.push(event))
    const endTwin = store.on('indexed', (event) => void seen.push(event))
    const { version } = await store.put(['a'], '1', { title: 'red' })
    expect(seen).toEqual(Array(2).fill({ namespace: ['a'], key: '1', version }))
    end()
    await store.delete(['a'], '1')
    expect(seen).toHaveLength(3)
    endTwin()
    await store.put(['a'], '1', { title: 'red' })
    expect(seen).toHaveLength(3)
    expect(() => store.on('indexed', 'listener' as unknown as () => void)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
    expect(() => store.on('idnexed' as 'indexed', () => {})).toThrow('event: expected one of indexed, ')
  })

  test('a listener that throws disturbs neither the store nor other listeners', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    const { store } = await rig.current.start({ sync: 'wait' })
    const other = vi.fn()
    store.on('indexed', () => {
      throw new Error('the listener broke')
    })
    store.on('indexed', other)
    await store.put(['a'], '1', { title: 'red' })
    await store.flush()
    expect(other).toHaveBeenCalledOnce()
    await rig.current.expectInTandem()
    expect((await warned).message).toContain('the listener broke')
  })

  test('a failure in the background that nobody listens to is a warning of the process, said once', async () => {
    const warnings: Error[] = []
    const listen = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listen)
    const { store, embedder } = await rig.current.start()
    embedder.on(
      'embed',
      (call) => ((call.args[0] as string[]).includes('red') ? fail(forGood())(call) : call.proceed()),
      always,
    )
    for (const key of ['1', '2', '3']) await (await store.put(['a'], key, { title: 'red' })).indexed.catch(() => {})
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', listen)
    const own = warnings.filter(({ name }) => name === 'TandemWarning')
    expect(own).toHaveLength(1)
    expect(own[0]).toMatchObject({ code: 'indexFailed' })
  })

  test('recovered tells what another writer had left behind', async () => {
    const dead = await rig.current.start({ leaseMs: 100 })
    dead.embedder.on('embed', gate().behaviour, always)
    await dead.store.put(['a'], '1', { title: 'red' })
    await dead.store.put(['a'], '2', { title: 'red' })
    dead.crash()
    const { store } = await rig.current.start({ leaseMs: 100 })
    const recovered = new Promise((resolve) => store.on('recovered', resolve))
    await store.recover()
    expect(await recovered).toEqual({ projected: 2, failed: 0 })
  })

  test('closed tells how the store ended', async () => {
    const { store } = await rig.current.start({ cache: lruCache({ maxEntries: 10 }) })
    const closed = vi.fn()
    store.on('closed', closed)
    await store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
    await store.put(['a'], '2', { title: 'red' }, { sync: 'wait' })
    await store.close()
    expect(closed).toHaveBeenCalledExactlyOnceWith({
      leftToRecovery: 0,
      cache: { size: 1, maxSize: 10, hits: 1, misses: 1, hitRate: 0.5 },
    })
  })

  test('health says of each database whether it answers, and never rejects', async () => {
    const { store, kv, vectors } = await rig.current.start()
    expect(await store.health()).toEqual({
      ok: true,
      kv: { ok: true, latencyMs: expect.any(Number) },
      vectors: { ok: true, latencyMs: expect.any(Number) },
      space: { name: expect.stringMatching(/^c\d+_[0-9a-f]{12}$/), dimensions: 64, complete: true, points: 0 },
    })
    vectors.on('ping', fail(new Error('connection refused')), always)
    vectors.on('count', fail(new Error('connection refused')), always)
    const half = await store.health()
    expect(half).toMatchObject({ ok: false, kv: { ok: true }, vectors: { ok: false, error: { code: 'INDEX_FAILED' } } })
    expect(half.space).not.toHaveProperty('points')
    kv.on('ping', fail(new StoreError('AUTHENTICATION', 'Wrong password')), always)
    expect(await store.health()).toMatchObject({ ok: false, kv: { ok: false, error: { code: 'AUTHENTICATION' } } })
  })

  test('health asks once, as it is to tell how things are now', async () => {
    const { store, vectors } = await rig.current.start()
    vectors.on('ping', fail(new StoreError('UNAVAILABLE', 'starting')))
    expect(await store.health()).toMatchObject({ ok: false, vectors: { ok: false, error: { code: 'UNAVAILABLE' } } })
    expect(await store.health()).toMatchObject({ ok: true })
  })

  test('an index that is not there yet when the store opens is asked again', async () => {
    const failing = script(memoryIndex())
    failing.on('open', fail(new StoreError('UNAVAILABLE', 'starting')))
    await using store = await createStore({
      collection: 'late',
      kv: memoryKV(),
      vectors: failing.port,
      embedder: fakeEmbedder(),
    })
    expect(await store.health()).toMatchObject({ ok: true })
  })

  test('a store of documents only has no index to tell of', async () => {
    const store = await rig.current.startPlain()
    const { indexed } = await store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
    await indexed
    await store.flush()
    expect(await store.health()).toEqual({ ok: true, kv: { ok: true, latencyMs: expect.any(Number) } })
    expect(await store.stats()).not.toHaveProperty('index')
    expect(await store.recover()).toEqual({ projected: 0, failed: 0, waiting: 0 })
    await rejection(store.verify(), 'NOT_SUPPORTED')
    await rejection(store.search([], { query: 'red' }), 'NOT_SUPPORTED')
    expect(await store.search([], { filter: { title: 'red' } })).toMatchObject([{ document: { key: '1' } }])
  })

  test('await using closes the store, also when what uses it throws', async () => {
    const { kv, vectors } = rig.backend
    const used: Store[] = []
    const use = async (): Promise<void> => {
      await using store = await createStore({
        collection: 'using',
        kv,
        vectors,
        embedder: (await rig.current.start()).embedder.port,
      })
      used.push(store)
      await store.put(['a'], '1', { title: 'red' })
      throw new Error('in the middle')
    }
    await expect(use()).rejects.toThrow('in the middle')
    await rejection((used[0] as Store).get(['a'], '1'), 'CLOSED')
  })
})
