import { StoreError } from '@tandemstore/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { forGood, rejection, unavailable } from '../../src/errors.ts'
import { useRig } from '../../src/fixture.ts'
import { always, outage } from '../../src/gate.ts'
import type { Process } from '../../src/rig.ts'

const refused = () => new StoreError('EMBEDDING_FAILED', 'The text is refused')

describe.each(backendKinds)('failures in the background, $name', (kind) => {
  const rig = useRig(kind)

  beforeEach(() => {
    // No pause between two attempts.
    vi.spyOn(Math, 'random').mockReturnValue(0)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  /** A store whose embedder refuses texts with `bad` in them, until it is told to take them. */
  async function startRefusing(): Promise<Process & { takeAll(): void; readonly failed: ReturnType<typeof vi.fn> }> {
    const process = await rig.current.start()
    const refusal = outage(refused)
    process.embedder.on('embed', refusal.behaviour, {
      ...always,
      where: (texts) => texts.some((text) => text.includes('bad')),
    })
    const failed = vi.fn()
    process.store.on('indexFailed', failed)
    return { ...process, takeAll: refusal.end, failed }
  }

  test('a text that is refused for good: told once by flush, counted, kept with the intent, and no other document suffers', async () => {
    const { store, failed } = await startRefusing()
    const [bad, good] = await Promise.all([
      store.put(['a'], '1', { title: 'bad' }),
      store.put(['a'], '2', { title: 'good' }),
    ])
    await good.indexed
    const error = await rejection(bad.indexed, 'EMBEDDING_FAILED')
    expect(error).toMatchObject({ namespace: ['a'], key: '1', retryable: false })
    expect(failed).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ namespace: ['a'], key: '1', version: bad.version }),
    )
    const told = await rejection(store.flush(), 'EMBEDDING_FAILED')
    expect(told.message).toContain('["a","1"]')
    expect(told).toMatchObject({ namespace: ['a'], key: '1' })
    await store.flush()
    expect((await store.stats()).index).toMatchObject({ failed: 1, pending: 0, delayed: 0 })
    expect(await rig.current.raw.intents()).toEqual([
      expect.objectContaining({
        key: '1',
        version: bad.version,
        failure: { code: 'EMBEDDING_FAILED', message: expect.any(String) },
      }),
    ])
    expect(await store.get(['a'], '1')).toBeDefined()
    expect(await store.verify()).toMatchObject({ checked: 2, missing: 1, stale: 0, orphaned: 0 })
  })

  test('what failed for good is tried again only by recover({ retryFailed: true })', async () => {
    const { store, embedder, takeAll } = await startRefusing()
    const { indexed } = await store.put(['a'], '1', { title: 'bad' })
    await rejection(indexed, 'EMBEDDING_FAILED')
    await rejection(store.flush(), 'EMBEDDING_FAILED')
    takeAll()
    const calls = embedder.callsOf('embed').length
    expect(await store.recover()).toEqual({ projected: 0, failed: 1, waiting: 0 })
    await store.flush()
    expect(embedder.callsOf('embed')).toHaveLength(calls)
    expect(await store.recover({ retryFailed: true })).toEqual({ projected: 1, failed: 0, waiting: 0 })
    expect(await store.search(['a'], { query: 'bad' })).toHaveLength(1)
    await rig.current.expectInTandem()
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('verify({ repair: true }) tries it again as well, and says so when it fails again', async () => {
    const { store, takeAll } = await startRefusing()
    const { indexed } = await store.put(['a'], '1', { title: 'bad' })
    await rejection(indexed, 'EMBEDDING_FAILED')
    expect(await store.verify({ repair: true })).toMatchObject({ missing: 1, repaired: 0 })
    takeAll()
    expect(await store.verify({ repair: true })).toMatchObject({ missing: 1, repaired: 1 })
    await rig.current.expectInTandem()
    expect(await store.verify()).toMatchObject({ missing: 0, stale: 0, orphaned: 0 })
    expect(await store.search(['a'], { query: 'bad' })).toHaveLength(1)
  })

  test('a put that waits tells of it itself, and flush does not tell again', async () => {
    const { store } = await startRefusing()
    const error = await rejection(store.put(['a'], '1', { title: 'bad' }, { sync: 'wait' }), 'EMBEDDING_FAILED')
    expect(error).toMatchObject({ namespace: ['a'], key: '1' })
    await store.flush()
    expect(await store.get(['a'], '1')).toBeDefined()
  })

  test('in mode manual flush says which documents are refused, and indexes the others', async () => {
    const { store } = await startRefusing()
    const { indexed } = await store.putMany(
      ['good', 'bad', 'fine'].map((title) => ({ namespace: ['a'], key: title, value: { title } })),
      { sync: 'manual' },
    )
    const error = await rejection(store.flush(), 'EMBEDDING_FAILED')
    expect(error.message).toContain('["a","bad"]')
    await rejection(indexed, 'EMBEDDING_FAILED')
    expect((await rig.current.raw.points()).map(({ key }) => key).sort()).toEqual(['fine', 'good'])
    await store.flush()
  })

  test('a document that is written anew after its text was refused is searchable, and the failure is gone', async () => {
    const { store } = await startRefusing()
    const { indexed } = await store.put(['a'], '1', { title: 'bad' })
    await rejection(indexed, 'EMBEDDING_FAILED')
    await store.flush().catch(() => {})
    await store.put(['a'], '1', { title: 'good' }, { sync: 'wait' })
    await rig.current.expectInTandem()
    await store.recover({ retryFailed: true })
    await rig.current.expectInTandem()
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('a newer version that is searchable takes the failure of an older one with it: by a put, a deletion, and deleteNamespace', async () => {
    const { store } = await startRefusing()
    const keys = ['put', 'deleted', 'under the prefix']
    for (const key of keys) {
      const { indexed } = await store.put(['a'], key, { title: 'bad' })
      await rejection(indexed, 'EMBEDDING_FAILED')
    }
    await rejection(store.flush(), 'EMBEDDING_FAILED')
    expect(await rig.current.raw.intents()).toHaveLength(3)
    await store.put(['a'], 'put', { title: 'good' })
    await store.delete(['a'], 'deleted')
    await store.flush()
    expect(await rig.current.raw.intents()).toMatchObject([{ key: 'under the prefix' }])
    await store.deleteNamespace(['a'])
    await store.flush()
    expect(await rig.current.raw.intents()).toEqual([])
    expect(await store.recover()).toEqual({ projected: 0, failed: 0, waiting: 0 })
  })

  test('a failure that could not be recorded is recorded by recovery', async () => {
    const { store, kv } = await startRefusing()
    const recording = outage(() => new StoreError('KV_FAILED', 'The database is broken'))
    kv.on('addIntents', recording.behaviour, {
      ...always,
      where: (intents) => intents.some(({ failure }) => failure !== undefined),
    })
    store.on('backgroundError', () => {})
    const { indexed } = await store.put(['a'], '1', { title: 'bad' })
    await rejection(indexed, 'EMBEDDING_FAILED')
    expect(await rig.current.raw.intents()).toMatchObject([{ key: '1' }])
    recording.end()
    expect(await store.recover()).toMatchObject({ failed: 1 })
    expect(await rig.current.raw.intents()).toMatchObject([{ key: '1', failure: { code: 'EMBEDDING_FAILED' } }])
    await rejection(store.flush(), 'EMBEDDING_FAILED')
  })

  test('an index that is away for a while: puts go on, flush says which are not searchable, and all heals without a restart', async () => {
    const { store, vectors } = await rig.current.start()
    const away = outage(unavailable)
    vectors.on('replace', away.behaviour, always)
    const delayed = vi.fn()
    store.on('indexDelayed', delayed)
    const receipts = await Promise.all(
      ['1', '2', '3', '4', '5'].map((key) => store.put(['a'], key, { title: `red ${key}` })),
    )
    const error = await rejection(store.flush(), 'UNAVAILABLE')
    expect(error.retryable).toBe(true)
    expect(error.message).toMatch(/^5 documents are not searchable: \["a","1"\].*, …$/)
    expect(delayed).toHaveBeenCalled()
    expect((await store.stats()).index).toMatchObject({ pending: 5, delayed: 5, failed: 0 })
    await rejection(store.flush(), 'UNAVAILABLE')
    away.end()
    // By itself, in a moment.
    await Promise.all(receipts.map(({ indexed }) => indexed))
    await store.flush()
    await rig.current.expectInTandem()
    expect(await rig.current.raw.intents()).toEqual([])
    expect((await store.stats()).index).toMatchObject({ pending: 0, delayed: 0, failed: 0 })
  })

  test('a put that waits tells of an outage, is durable all the same, and becomes searchable later', async () => {
    const { store, vectors } = await rig.current.start()
    const away = outage(unavailable)
    vectors.on('replace', away.behaviour, always)
    await rejection(store.put(['a'], '1', { title: 'red' }, { sync: 'wait' }), 'UNAVAILABLE')
    expect(await store.get(['a'], '1')).toBeDefined()
    away.end()
    await store.flush()
    await rig.current.expectInTandem()
    expect(await store.search(['a'], { query: 'red' })).toHaveLength(1)
  })

  test('a write whose rest a delayed newer one does is told at once, and so is the flush that waits for it', async () => {
    const { store, vectors } = await rig.current.start()
    // As many as are worth a request beside the one that is held.
    const others = Array.from({ length: 150 }, (_, i) => ({
      namespace: ['b'],
      key: String(i),
      value: { title: `n${i}` },
    }))
    await store.putMany(others, { sync: 'wait' })
    const writing = vectors.hold('replace')
    const first = store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
    const told = rejection(first, 'UNAVAILABLE')
    await writing.reached
    const away = outage(() => new StoreError('UNAVAILABLE', 'The index is away', { retryAfterMs: 600_000 }))
    vectors.on('get', away.behaviour, always)
    await Promise.all([store.put(['a'], '1', { title: 'blue' }), store.putMany(others)])
    const flushed = rejection(store.flush(), 'UNAVAILABLE')
    await vi.waitFor(async () => expect((await store.stats()).index?.delayed).toBe(151))
    writing.release()
    expect(await told).toMatchObject({ namespace: ['a'], key: '1', retryable: true })
    await flushed
    away.end()
    await store.flush()
    await rig.current.expectInTandem()
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('deleteNamespace while the index is away: flush says so, and it heals', async () => {
    const { store, vectors } = await rig.current.start()
    await store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
    const away = outage(unavailable)
    vectors.on('deletePrefix', away.behaviour, always)
    const { indexed } = await store.deleteNamespace(['a'])
    await rejection(store.flush(), 'UNAVAILABLE')
    expect(await store.search(['a'], { query: 'red' })).toEqual([])
    away.end()
    await store.flush()
    await indexed
    expect(await rig.current.raw.points()).toEqual([])
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('deleteNamespace that the index refuses for good is told once, and tried again only when asked', async () => {
    const { store, vectors } = await rig.current.start()
    await store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
    const refusing = outage(forGood)
    vectors.on('deletePrefix', refusing.behaviour, always)
    const { indexed } = await store.deleteNamespace(['a'])
    await rejection(indexed, 'INDEX_FAILED')
    await rejection(store.flush(), 'INDEX_FAILED')
    await store.flush()
    expect(await rig.current.raw.intents()).toMatchObject([{ kind: 'prefix', failure: { code: 'INDEX_FAILED' } }])
    expect(await store.recover({ retryFailed: true })).toEqual({ projected: 0, failed: 1, waiting: 0 })
    refusing.end()
    expect(await store.recover()).toEqual({ projected: 0, failed: 1, waiting: 0 })
    expect(await store.search(['a'], { query: 'red' })).toEqual([])
    expect(await store.recover({ retryFailed: true })).toEqual({ projected: 1, failed: 0, waiting: 0 })
    expect(await rig.current.raw.points()).toEqual([])
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('a KV that is away fails the put and leaves nothing behind', async () => {
    const { store, kv } = await rig.current.start()
    const away = outage(unavailable)
    kv.on(kind.intentsWithWrites ? 'put' : 'addIntents', away.behaviour, always)
    await rejection(store.put(['a'], '1', { title: 'red' }), 'UNAVAILABLE')
    expect(kv.callsOf(kind.intentsWithWrites ? 'addIntents' : 'put')).toEqual([])
    away.end()
    await store.flush()
    expect(await rig.current.raw.rows()).toEqual([])
    expect(await rig.current.raw.intents()).toEqual([])
    expect((await store.stats()).index).toMatchObject({ pending: 0 })
  })
})
