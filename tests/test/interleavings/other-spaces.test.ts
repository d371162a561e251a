import { StoreError } from '@tandemstore/core'
import { formatVersion } from '@tandemstore/core/adapter'
import { fakeEmbedder } from '@tandemstore/testkit'
import { describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useFakeDate, useRig } from '../../src/fixture.ts'
import { always } from '../../src/gate.ts'
import { pointsOf } from '../../src/stray-points.ts'

describe.each(backendKinds)('spaces of other models, $name', (kind) => {
  const clock = useFakeDate()
  const rig = useRig(kind, { sync: 'wait' })
  const first = fakeEmbedder({ model: 'first' })
  const second = fakeEmbedder({ model: 'second', dimensions: 32 })

  /** A store of the second model, and the space that the first one has left with documents 1, 2, 3 of ['a'] and 4 of ['b']. */
  async function afterChange(
    options: { readonly sync?: 'wait' | 'background' | 'manual'; readonly maxPending?: number } = {},
  ) {
    const { store: old } = await rig.current.start({ embedder: first })
    for (const key of ['1', '2', '3']) await old.put(['a'], key, { title: `red ${key}`, ssn: 'secret' })
    await old.put(['b'], '4', { title: 'red 4' }, { ttlMs: 60_000 })
    const name = (await old.health()).space?.name as string
    await old.close()
    // Later, and no lease of the first one is left.
    clock.pass(11_000)
    const process = await rig.current.start({ embedder: second, ...options })
    return { ...process, name, keysLeft: async () => (await rig.current.raw.points(name)).map(({ key }) => key).sort() }
  }

  test.each(['wait', 'background', 'manual'] as const)(
    'a deletion in mode %s removes the points from every space',
    async (sync) => {
      const { store, keysLeft, name } = await afterChange({ sync })
      await store.delete(['a'], '1')
      await store.deleteMany([{ namespace: ['a'], key: '2' }])
      await store.flush()
      expect(await keysLeft()).toEqual(['3', '4'])
      expect(await rig.current.raw.intents(name)).toEqual([])
      expect(await rig.current.raw.intents()).toEqual([])
    },
  )

  test('deleteNamespace removes the points from every space', async () => {
    const { store, keysLeft } = await afterChange()
    await store.deleteNamespace(['a'])
    await store.flush()
    expect(await keysLeft()).toEqual(['4'])
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('an overwrite removes the points from a space that no live store follows, a new document none', async () => {
    const { store, keysLeft } = await afterChange()
    await store.put(['a'], '1', { title: 'blue' })
    await store.put(['a'], '5', { title: 'green' })
    await store.flush()
    expect(await keysLeft()).toEqual(['2', '3', '4'])
  })

  test('an overwrite leaves the points in a space that a live store follows', async () => {
    const { store: old } = await rig.current.start({ embedder: first })
    await old.put(['a'], '1', { title: 'red' })
    const name = (await old.health()).space?.name as string
    const { store } = await rig.current.start({ embedder: second })
    await store.put(['a'], '1', { title: 'red and blue' })
    await store.flush()
    expect(await rig.current.raw.points(name)).toHaveLength(1)
    expect(await old.search(['a'], { query: 'red' })).toMatchObject([{ stale: true }])
  })

  test('an overwrite that is cleaned late leaves what a store of the former model has made meanwhile', async () => {
    const { store, vectors } = await afterChange()
    const removal = vectors.hold('replace', {
      where: (documents) => documents.every(({ points }) => points.length === 0),
    })
    await store.put(['a'], '1', { title: 'blue' })
    const flushed = store.flush()
    await removal.reached
    const back = await rig.current.start({ embedder: first })
    expect(await back.store.verify({ repair: true })).toMatchObject({ repaired: 1 })
    removal.release()
    await flushed
    expect(await back.store.verify()).toMatchObject({ missing: 0, stale: 0, orphaned: 0 })
  })

  test('a space that fails or is dropped takes no room, and no flush fails for it', async () => {
    const { store, vectors, name } = await afterChange({ sync: 'background', maxPending: 1 })
    vectors.on('replace', () => Promise.reject(new StoreError('UNAVAILABLE', 'away')), {
      ...always,
      where: (documents) => documents.every(({ points }) => points.length === 0),
    })
    for (const key of ['1', '2', '3']) await store.put(['a'], key, { title: 'blue' })
    await store.flush()
    await store.dropSpace(name)
    await store.put(['a'], '5', { title: 'green' })
    await store.flush()
    expect((await store.spaces()).map((space) => space.name)).not.toContain(name)
    expect(await store.close()).toEqual({ leftToRecovery: 0 })
  })

  test('a text that is refused is told by flush, also where the other space is done later', async () => {
    const { store, embedder, vectors } = await afterChange({ sync: 'background' })
    store.on('indexFailed', () => {})
    const refused = new StoreError('EMBEDDING_FAILED', 'The text is refused')
    embedder.on('embed', () => Promise.reject(refused), { ...always, where: (texts) => texts.includes('bad') })
    const removal = vectors.hold('replace')
    const { indexed } = await store.put(['a'], '1', { title: 'bad' })
    await rejection(indexed, 'EMBEDDING_FAILED')
    await removal.reached
    removal.release()
    expect(await rejection(store.flush(), 'EMBEDDING_FAILED')).toMatchObject({ key: '1' })
  })

  test('an expiry removes the points from every space', async () => {
    const { keysLeft } = await afterChange()
    clock.pass(61_000)
    const sweeping = await rig.current.start({ embedder: second, sweepMs: 10 })
    await vi.waitFor(async () => expect(await keysLeft()).toEqual(['1', '2', '3']))
    await sweeping.store.close()
  })

  test('a deletion whose process dies reaches the other space by the next one', async () => {
    const { store, vectors, crash, keysLeft, name } = await afterChange({ sync: 'background' })
    const replace = vectors.hold('replace')
    await store.delete(['a'], '1')
    void store.flush().catch(() => {})
    await replace.reached
    crash()
    clock.pass(11_000)
    const next = await rig.current.start({ embedder: second })
    await next.store.recover()
    await next.store.flush()
    expect(await keysLeft()).toEqual(['2', '3', '4'])
    // A write of that version could arrive until then.
    clock.pass(4 * 3_600_000)
    await next.store.recover()
    await next.store.flush()
    expect(await rig.current.raw.intents(name)).toEqual([])
  })

  test('verify counts documents that are gone and have points in other spaces, and repair deletes exactly those', async () => {
    const { store, name, keysLeft } = await afterChange()
    // Filling the whole space would wait until every writer knows of it.
    for (const prefix of [['a'], ['b']]) await store.verify({ prefix, repair: true })
    const space = await rig.current.raw.space(name)
    const version = formatVersion(Date.now() * 1000, 'aaaaaaaaaaaa')
    // More than a page holds, so that one document lies on several.
    const fields = Array.from({ length: 1100 }, (_, i) => `f${i}`)
    await space.replace([pointsOf({ namespace: ['a'], key: 'ghost' }, version, fields)])
    await space.replace([pointsOf({ namespace: ['b'], key: 'ghost' }, version, ['title'])])
    const clean = { checked: 4, missing: 0, stale: 0, orphaned: 0, repaired: 0 }
    expect(await store.verify()).toEqual({ ...clean, orphanedElsewhere: 2 })
    expect(await store.verify({ prefix: ['b'] })).toEqual({ ...clean, checked: 1, orphanedElsewhere: 1 })
    const repaired = { ...clean, orphanedElsewhere: 1, repaired: 1 }
    expect(await store.verify({ prefix: ['a'], repair: true })).toEqual({ ...repaired, checked: 3 })
    expect(await store.verify({ prefix: ['b'], repair: true })).toEqual({ ...repaired, checked: 1 })
    expect(await keysLeft()).toEqual(['1', '2', '3', '4'])
    expect(await store.verify()).toEqual(clean)
  })

  test('verify leaves points in another space to the deletion that is on its way to them', async () => {
    const { store, vectors, keysLeft } = await afterChange({ sync: 'background' })
    await store.verify({ prefix: ['a'], repair: true })
    const replace = vectors.hold('replace')
    await store.delete(['a'], '1')
    await replace.reached
    const held = await store.verify({ prefix: ['a'], repair: true })
    expect(held).toMatchObject({ pending: 1, repaired: 0 })
    expect(held.orphanedElsewhere).toBeUndefined()
    replace.release()
    await store.flush()
    expect(await keysLeft()).toEqual(['2', '3', '4'])
  })

  test('repair does not touch the points of a document that is put again while verify is at work', async () => {
    const { store: old } = await rig.current.start({ embedder: first })
    const name = (await old.health()).space?.name as string
    const space = await rig.current.raw.space(name)
    const ghost = { namespace: ['a'], key: 'ghost' }
    await space.replace([pointsOf(ghost, formatVersion((Date.now() - 1) * 1000, 'aaaaaaaaaaaa'), ['title'])])
    const { store, vectors } = await rig.current.start({ embedder: second })
    const replace = vectors.hold('replace')
    const verified = store.verify({ prefix: ['a'], repair: true })
    await replace.reached
    await old.put(['a'], 'ghost', { title: 'red' })
    replace.release()
    expect(await verified).toMatchObject({ orphanedElsewhere: 1 })
    expect(await rig.current.raw.points(name)).toMatchObject([{ key: 'ghost', field: 'title' }])
    expect(await old.search(['a'], { query: 'red' })).toMatchObject([{ document: { key: 'ghost' } }])
  })

  test('spaces() lists them, and dropSpace() drops one that nobody follows', async () => {
    const { store, name } = await afterChange()
    const current = (await store.health()).space?.name
    expect(await store.spaces()).toMatchObject([
      { name, dimensions: 64, metric: 'cosine', current: false, points: 4, model: { name: 'first' } },
      { name: current, dimensions: 32, metric: 'cosine', current: true, points: 0, model: { name: 'second' } },
    ])
    await rejection(store.dropSpace(current as string), 'CONFLICT')
    await rejection(store.dropSpace('c_none'), 'INVALID_ARGUMENT')
    const other = await rig.current.start({ embedder: first })
    await rejection(store.dropSpace(name), 'CONFLICT')
    await other.store.close()
    clock.pass(11_000)
    await store.dropSpace(name)
    expect(await store.spaces()).toMatchObject([{ name: current }])
    // A deletion has one space to reach.
    await store.delete(['a'], '1')
    await store.flush()
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('a space that is dropped stays dropped, whatever was known of it before', async () => {
    const { store: old } = await rig.current.start({ embedder: first })
    await old.put(['a'], '1', { title: 'red' })
    const name = (await old.health()).space?.name as string
    await old.close()
    clock.pass(11_000)
    // Both know the space as complete, and have written nothing yet.
    const one = await rig.current.start({ embedder: second })
    const two = await rig.current.start({ embedder: second })
    await one.store.dropSpace(name)
    await one.store.put(['a'], '2', { title: 'blue' })
    await two.store.put(['a'], '3', { title: 'green' })
    await Promise.all([one.store.flush(), two.store.flush()])
    expect((await rig.current.raw.kv.spaces()).map((space) => space.name)).not.toContain(name)
  })

  test('a space that cannot be dropped stays one that deletions reach', async () => {
    const { store, vectors, name, keysLeft } = await afterChange()
    vectors.on('drop', () => Promise.reject(new StoreError('INDEX_FAILED', 'It cannot')), { times: 1 })
    await rejection(store.dropSpace(name), 'INDEX_FAILED')
    await store.spaces()
    await store.delete(['a'], '1')
    await store.flush()
    expect(await keysLeft()).toEqual(['2', '3', '4'])
    await store.dropSpace(name)
    expect((await store.spaces()).map((space) => space.name)).not.toContain(name)
  })
})
