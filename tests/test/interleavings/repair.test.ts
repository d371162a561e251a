import { formatVersion } from '@tandemstore/core/adapter'
import { describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { useRig } from '../../src/fixture.ts'
import { makeRig } from '../../src/rig.ts'
import { pointsOf } from '../../src/stray-points.ts'

describe.each(backendKinds)('an index that does not agree, $name', (kind) => {
  const rig = useRig(kind, { sync: 'wait' })
  const clean = { missing: 0, stale: 0, orphaned: 0 }

  test('other fields to index: verify counts every document as stale, and repair makes its points anew', async () => {
    const before = await rig.current.start()
    for (const key of ['1', '2', '3']) await before.store.put(['a'], key, { title: `red ${key}`, body: 'blue' })
    await before.store.put(['a'], 'own fields', { title: 'red', body: 'blue' }, { index: ['body'] })
    await before.store.put(['a'], 'none', { title: 'red' }, { index: false })
    await before.store.close()
    const { store } = await rig.current.start({ index: { fields: ['title'] } })
    // The body's points should not be there any more, so the documents count as such too.
    expect(await store.verify()).toEqual({ checked: 5, missing: 0, stale: 3, orphaned: 3, repaired: 0 })
    expect(await store.verify({ repair: true })).toMatchObject({ missing: 0, stale: 3, orphaned: 0, repaired: 3 })
    await rig.current.expectInTandem(['title'])
    expect(await store.verify()).toMatchObject({ checked: 5, ...clean })
  })

  test('one more field to index: the documents that have it are missing points', async () => {
    const before = await rig.current.start({ index: { fields: ['title'] } })
    await before.store.put(['a'], '1', { title: 'red', body: 'blue' })
    await before.store.put(['a'], '2', { title: 'red' })
    await before.store.close()
    const { store, embedder } = await rig.current.start()
    expect(await store.verify()).toMatchObject({ missing: 1, stale: 1, orphaned: 0 })
    expect(await store.verify({ repair: true })).toMatchObject({ repaired: 2 })
    await rig.current.expectInTandem()
    // What was embedded before is not embedded again.
    expect(embedder.callsOf('embed').flatMap(([texts]) => texts)).toEqual(['blue'])
    expect(await store.verify()).toMatchObject(clean)
  })

  test('lost points and points of nothing: counted, found under their prefix only, and repaired', async () => {
    const { store } = await rig.current.start()
    for (const key of ['1', '2']) await store.put(['a'], key, { title: 'red' })
    const { version } = await store.put(['b'], '1', { title: 'red' })
    const space = await rig.current.raw.space()
    await space.replace([pointsOf({ namespace: ['b'], key: '1' }, version, [])])
    await space.replace([pointsOf({ namespace: ['a', 'c'], key: 'ghost' }, version, ['title', 'body'])])
    expect(await store.verify({ prefix: ['a'] })).toEqual({
      checked: 2,
      missing: 0,
      stale: 0,
      orphaned: 1,
      repaired: 0,
    })
    expect(await store.verify({ prefix: ['b'], repair: true })).toMatchObject({
      checked: 1,
      missing: 1,
      orphaned: 0,
      repaired: 1,
    })
    const progress = vi.fn()
    expect(await store.verify({ repair: true, onProgress: progress })).toMatchObject({
      checked: 3,
      missing: 0,
      orphaned: 1,
      repaired: 1,
    })
    expect(progress).toHaveBeenLastCalledWith({ checked: 3, missing: 0, stale: 0, orphaned: 1, repaired: 1 })
    await rig.current.expectInTandem()
    expect(await store.verify()).toMatchObject(clean)
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('a document that is gone counts once, though its points lie on several pages', async () => {
    const { store } = await rig.current.start()
    const space = await rig.current.raw.space()
    const fields = Array.from({ length: 1100 }, (_, i) => `f${i}`)
    const version = formatVersion(Date.now() * 1000, 'aaaaaaaaaaaa')
    await space.replace([pointsOf({ namespace: ['a'], key: 'ghost' }, version, fields)])
    expect(await store.verify()).toMatchObject({ orphaned: 1 })
    expect(await store.verify({ repair: true })).toMatchObject({ orphaned: 1, repaired: 1 })
    expect(await rig.current.raw.points()).toEqual([])
    expect(await store.verify()).toMatchObject(clean)
  })

  test('hits of documents that are gone are dropped, made up for by others, and repaired', async () => {
    const { store } = await rig.current.start()
    for (const key of ['1', '2', '3', '4']) await store.put(['a'], key, { title: 'red and blue' })
    const version = formatVersion(Date.now() * 1000, 'aaaaaaaaaaaa')
    const space = await rig.current.raw.space()
    // Nearer to the query than any document there is.
    const query = (await store.search(['a'], { query: 'red and blue', limit: 1 }))[0]?.score
    expect(query).toBeCloseTo(1, 5)
    await space.replace(
      Array.from({ length: 10 }, (_, n) => pointsOf({ namespace: ['a'], key: `ghost ${n}` }, version, ['title'])),
    )
    const orphans = vi.fn()
    store.on('orphansFound', orphans)
    const hits = await store.search(['a'], { vector: new Array(64).fill(1), limit: 3 })
    expect(hits.map(({ document }) => document.value)).toEqual(
      Array.from({ length: 3 }, () => ({ title: 'red and blue' })),
    )
    expect(orphans).toHaveBeenCalledExactlyOnceWith({ documents: 10 })
    await store.flush()
    await rig.current.expectInTandem()
    expect(await store.search(['a'], { vector: new Array(64).fill(1), limit: 4 })).toHaveLength(4)
    expect(orphans).toHaveBeenCalledOnce()
  })

  test('a KV that went back to an earlier state: hits that moved are marked stale, those of documents gone are dropped, and repair follows the KV', async () => {
    const before = await rig.current.start()
    for (const key of ['changed', 'deleted', 'same']) await before.store.put(['a'], key, { title: `red ${key}` })
    const rows = await rig.current.raw.rows()
    const spaces = await rig.current.raw.kv.spaces()
    await before.store.put(['a'], 'changed', { title: 'red, and changed' })
    await before.store.delete(['a'], 'deleted')
    await before.store.put(['a'], 'new', { title: 'red new' })
    await before.store.close()

    const backup = await kind.make()
    const restored = await makeRig(
      { kv: backup.kv, vectors: rig.backend.vectors },
      { sync: 'wait' },
      rig.current.collection,
    )
    await restored.raw.kv.put(rows.map((row) => ({ row })))
    for (const space of spaces) await restored.raw.kv.putSpace(space)
    const { store } = await restored.start()
    expect(await store.verify()).toEqual({ checked: 3, missing: 1, stale: 1, orphaned: 1, repaired: 0 })
    const hits = await store.search(['a'], { query: 'red' })
    expect(hits.map(({ document, stale }) => [document.value.title, stale]).sort()).toEqual([
      ['red changed', true],
      ['red same', undefined],
    ])
    await store.flush()
    const { repaired, missing, stale, orphaned } = await store.verify({ repair: true })
    expect(repaired).toBe(missing + stale + orphaned)
    await restored.expectInTandem()
    expect(await store.verify()).toMatchObject({ checked: 3, ...clean })
    expect((await store.search(['a'], { query: 'red' })).map(({ stale: each }) => each)).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    // And a write in the restored KV is followed, though the clock has seen no version of what was lost.
    await store.put(['a'], 'new', { title: 'red again' })
    await restored.expectInTandem()
    await restored.end()
    await backup.cleanup()
  })

  test('a document that changed since its points were written is found, marked stale, only while it passes the filter', async () => {
    const { store, vectors } = await rig.current.start({ sync: 'background' })
    await store.put(['a'], '1', { title: 'red', lang: 'en' }, { sync: 'wait' })
    const upsert = vectors.hold('replace')
    await store.put(['a'], '1', { title: 'blue', lang: 'de' })
    await upsert.reached
    expect(await store.search(['a'], { query: 'red' })).toMatchObject([
      { document: { value: { title: 'blue' } }, stale: true },
    ])
    expect(await store.search(['a'], { query: 'red', filter: { lang: 'en' } })).toEqual([])
    upsert.release()
    await store.flush()
    const hits = await store.search(['a'], { query: 'blue', filter: { lang: 'de' } })
    expect(hits).toMatchObject([{ document: { value: { title: 'blue' } } }])
    expect(hits[0]?.stale).toBeUndefined()
  })
})
