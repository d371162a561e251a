import { describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useRig } from '../../src/fixture.ts'
import { always, gate } from '../../src/gate.ts'

/** Whether a promise has settled by now, after everything that needs no I/O has run. */
async function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  promise.then(
    () => {
      settled = true
    },
    () => {
      settled = true
    },
  )
  await new Promise((resolve) => setImmediate(resolve))
  return settled
}

describe.each(backendKinds)('sync modes, receipts and the barrier, $name', (kind) => {
  const rig = useRig(kind)

  test('wait: put resolves when the document is searchable', async () => {
    const { store, embedder } = await rig.current.start({ sync: 'wait' })
    const held = gate()
    embedder.on('embed', held.behaviour)
    const put = store.put(['a'], '1', { title: 'red' })
    await held.reached
    expect(await hasSettled(put)).toBe(false)
    held.open()
    const { indexed } = await put
    await indexed
    expect(await store.search(['a'], { query: 'red' })).toHaveLength(1)
    await store.delete(['a'], '1')
    expect(await rig.current.raw.points()).toEqual([])
  })

  test('background: put resolves when the document is durable, and its receipt when it is searchable', async () => {
    const { store, embedder } = await rig.current.start()
    const held = gate()
    embedder.on('embed', held.behaviour)
    const { indexed, version } = await store.put(['a'], '1', { title: 'red' })
    expect((await rig.current.raw.rows()).map((row) => row.version)).toEqual([version])
    await held.reached
    expect(await hasSettled(indexed)).toBe(false)
    expect(await store.search(['a'], { vector: new Array(64).fill(1) })).toEqual([])
    held.open()
    expect(await indexed).toBeUndefined()
    expect(await store.search(['a'], { query: 'red' })).toHaveLength(1)
  })

  test('manual: nothing is embedded until flush', async () => {
    const { store, embedder } = await rig.current.start({ sync: 'manual' })
    const one = await store.put(['a'], '1', { title: 'red' })
    const many = await store.putMany([{ namespace: ['a'], key: '2', value: { title: 'blue' } }])
    const deletion = await store.delete(['a'], '3')
    expect(await store.get(['a'], '1')).toBeDefined()
    for (const promise of [one.indexed, many.indexed, deletion.indexed]) expect(await hasSettled(promise)).toBe(false)
    expect(embedder.callsOf('embed')).toEqual([])
    expect(await rig.current.raw.points()).toEqual([])
    await store.flush()
    expect(await many.indexed).toBe(1)
    await Promise.all([one.indexed, deletion.indexed])
    await rig.current.expectInTandem()
    expect(embedder.callsOf('embed')).toHaveLength(1)
    expect(await rig.current.raw.points()).toHaveLength(2)
  })

  test('manual: what is flushed leaves no intent behind, deletions neither', async () => {
    const { store } = await rig.current.start({ sync: 'manual' })
    await store.putMany(['1', '2'].map((key) => ({ namespace: ['a'], key, value: { title: 'red' } })))
    await store.delete(['a'], '1')
    await store.delete(['a'], 'never there')
    await store.flush()
    expect(await rig.current.raw.intents()).toEqual([])
    await rig.current.expectInTandem()
  })

  test('a put may choose another mode than the store', async () => {
    const { store, embedder } = await rig.current.start({ sync: 'manual' })
    await store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
    expect(await store.search(['a'], { query: 'red' })).toHaveLength(1)
    await (await store.put(['a'], '2', { title: 'blue' }, { sync: 'background' })).indexed
    const calls = embedder.callsOf('embed').length
    await store.put(['a'], '3', { title: 'green' })
    await store.delete(['a'], '1', { sync: 'wait' })
    expect(embedder.callsOf('embed')).toHaveLength(calls)
    expect((await rig.current.raw.points()).map(({ key }) => key)).toEqual(['2'])
    await store.flush()
    await rig.current.expectInTandem()
  })

  test('in a store of mode manual what a dead writer left is embedded by recover(), and not before', async () => {
    const dead = await rig.current.start({ leaseMs: 100 })
    dead.embedder.on('embed', gate().behaviour, always)
    await dead.store.put(['a'], '1', { title: 'red' })
    dead.crash()
    const { store, embedder } = await rig.current.start({ sync: 'manual', leaseMs: 100 })
    await store.put(['a'], '2', { title: 'blue' })
    expect(embedder.callsOf('embed')).toEqual([])
    await store.recover()
    await rig.current.expectInTandem()
    expect(await rig.current.raw.points()).toHaveLength(2)
  })

  test('flush covers every write that was begun before it, awaited or not, and none begun after', async () => {
    const { store, embedder } = await rig.current.start()
    const puts = Array.from({ length: 20 }, (_, i) => store.put(['a'], `before ${i}`, { title: `red ${i}` }))
    const flushed = store.flush()
    await flushed
    expect(await rig.current.raw.points()).toHaveLength(20)
    const held = gate()
    embedder.on('embed', held.behaviour, always)
    const second = store.flush()
    const after = store.put(['a'], 'after', { title: 'blue' })
    await second
    expect((await rig.current.raw.points()).map(({ key }) => key)).not.toContain('after')
    held.open()
    await Promise.all([...puts, after])
    await store.flush()
    await rig.current.expectInTandem()
  })

  test('flush of nothing, twice at once, and of deletions', async () => {
    const { store } = await rig.current.start()
    await store.flush()
    await store.put(['a'], '1', { title: 'red' })
    await store.put(['b'], '1', { title: 'red' })
    void store.delete(['a'], '1')
    void store.deleteNamespace(['b'])
    await Promise.all([store.flush(), store.flush()])
    expect(await rig.current.raw.points()).toEqual([])
  })

  test('a receipt also resolves when a newer version, or the deletion, is projected in its place', async () => {
    const { store, embedder } = await rig.current.start()
    const held = gate()
    embedder.on('embed', held.behaviour, always)
    const receipts = [
      await store.put(['a'], '1', { title: 'red' }),
      await store.put(['a'], '1', { title: 'blue' }),
      await store.delete(['a'], '1'),
    ]
    held.open()
    await Promise.all(receipts.map(({ indexed }) => indexed))
    expect(await rig.current.raw.points()).toEqual([])
  })

  test('the receipt of a put with nothing to index resolves', async () => {
    const { store, embedder } = await rig.current.start()
    await (await store.put(['a'], '1', { other: 'red' })).indexed
    await (await store.put(['a'], '2', { title: 'red' }, { index: false })).indexed
    await (await store.put(['a'], '3', { title: '  ' })).indexed
    expect(embedder.callsOf('embed')).toEqual([])
    expect(await rig.current.raw.points()).toEqual([])
    expect(await store.verify()).toMatchObject({ checked: 3, missing: 0, stale: 0, orphaned: 0 })
  })

  test('the same text is not embedded again when only other things change', async () => {
    const { store, embedder } = await rig.current.start({ sync: 'wait' })
    await store.put(['a'], '1', { title: 'red', lang: 'en' })
    await store.put(['a'], '1', { title: 'red', lang: 'de' }, { ttlMs: 60_000 })
    expect(embedder.callsOf('embed')).toHaveLength(1)
    await rig.current.expectInTandem()
    expect(await store.search([], { query: 'red', filter: { lang: 'de' } })).toHaveLength(1)
    expect(await store.search([], { query: 'red', filter: { lang: 'en' } })).toEqual([])
    expect((await store.stats()).index).toMatchObject({ vectorsKept: 1 })
  })

  test('search({ after }) waits for these writes, and says when they never will be searchable', async () => {
    const { store, embedder } = await rig.current.start()
    const held = gate()
    embedder.on('embed', held.behaviour, { where: (_, { purpose }) => purpose === 'document' })
    const receipt = await store.put(['a'], '1', { title: 'red' })
    const search = store.search(['a'], { query: 'red', after: receipt })
    const listed = store.search(['a'], { after: [receipt] })
    await held.reached
    expect(await hasSettled(search)).toBe(false)
    expect(await hasSettled(listed)).toBe(false)
    held.open()
    expect(await search).toHaveLength(1)
    expect(await listed).toHaveLength(1)
    const deletion = await store.delete(['a'], '1')
    expect(await store.search(['a'], { query: 'red', after: [receipt, deletion] })).toEqual([])
    expect(await rig.current.raw.points()).toEqual([])

    store.on('indexFailed', vi.fn())
    embedder.on('embed', () => Promise.reject(new TypeError('no')), {
      where: (_, { purpose }) => purpose === 'document',
    })
    const failed = await store.put(['a'], '2', { title: 'blue' })
    await rejection(store.search(['a'], { query: 'blue', after: failed }), 'EMBEDDING_FAILED')
  })

  test('search({ after }) of what waits for a flush is refused, as it would wait for ever', async () => {
    const { store } = await rig.current.start({ sync: 'manual' })
    const receipt = await store.put(['a'], '1', { title: 'red' })
    expect((await rejection(store.search(['a'], { query: 'red', after: receipt }), 'INVALID_ARGUMENT')).field).toBe(
      'options.after',
    )
    await store.flush()
    expect(await store.search(['a'], { query: 'red', after: receipt })).toHaveLength(1)
  })
})
