import { formatVersion } from '@tandemstore/core/adapter'
import { fakeEmbedder } from '@tandemstore/testkit'
import { describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useFakeDate, useRig } from '../../src/fixture.ts'

describe.each(backendKinds)('another embedding model, $name', (kind) => {
  const clock = useFakeDate()
  const rig = useRig(kind, { sync: 'wait' })
  const first = fakeEmbedder({ model: 'first' })
  const second = fakeEmbedder({ model: 'second', dimensions: 32 })

  async function fillFirst(): Promise<string> {
    const { store } = await rig.current.start({ embedder: first })
    for (const key of ['1', '2', '3']) await store.put(['a'], key, { title: `red ${key}` })
    const { space } = await store.health()
    expect(space).toMatchObject({ complete: true, dimensions: 64, points: 3 })
    await store.close()
    return space?.name as string
  }

  test('has a space of its own, which says that it is incomplete until verify({ repair: true }) has filled it', async () => {
    const old = await fillFirst()
    const { store } = await rig.current.start({ embedder: second })
    const incomplete = await new Promise((resolve) => store.on('spaceIncomplete', resolve))
    const { space } = await store.health()
    expect(incomplete).toEqual({ space: space?.name })
    expect(space).toMatchObject({ complete: false, dimensions: 32, points: 0 })
    expect(space?.name).not.toBe(old)
    expect(await store.search(['a'], { query: 'red' })).toEqual([])
    expect(await store.verify()).toMatchObject({ checked: 3, missing: 3 })

    // When every writer has looked for spaces since.
    clock.pass(11_000)
    expect(await store.verify({ repair: true })).toMatchObject({ missing: 3, repaired: 3 })
    expect((await store.health()).space).toMatchObject({ complete: true, points: 3 })
    expect(await store.search(['a'], { query: 'red' })).toHaveLength(3)
    await rig.current.expectInTandem(undefined, space?.name)
    expect(await rig.current.raw.points(old)).toHaveLength(3)
  })

  test('that another process is just making, in a collection without documents, is not said to be incomplete', async () => {
    await (await rig.current.start({ embedder: first })).store.close()
    for (const space of await rig.current.raw.kv.spaces())
      await rig.current.raw.kv.putSpace({ ...space, complete: false })
    const { store } = await rig.current.start({ embedder: first })
    const told = vi.fn()
    store.on('spaceIncomplete', told)
    // What is told on opening has its turn before this.
    await new Promise((resolve) => setImmediate(resolve))
    expect(told).not.toHaveBeenCalled()
  })

  test('stays complete when it is opened again, and the old one is incomplete once something else was written', async () => {
    const old = await fillFirst()
    const filling = await rig.current.start({ embedder: second })
    clock.pass(11_000)
    await filling.store.verify({ repair: true })
    await filling.store.put(['a'], '4', { title: 'red 4' })
    await filling.store.delete(['a'], '1')
    await filling.store.close()

    const again = await rig.current.start({ embedder: second })
    expect((await again.store.health()).space).toMatchObject({ complete: true, points: 3 })
    await again.store.close()
    const back = await rig.current.start({ embedder: first })
    const incomplete = await new Promise((resolve) => back.store.on('spaceIncomplete', resolve))
    expect(incomplete).toEqual({ space: old })
    // What was deleted meanwhile is not found, though its points are there.
    expect((await back.store.search(['a'], { query: 'red' })).map(({ document }) => document.key).sort()).toEqual([
      '2',
      '3',
    ])
    await back.store.flush()
    expect(await back.store.verify({ repair: true })).toMatchObject({ missing: 1, repaired: 1 })
    await rig.current.expectInTandem(undefined, old)
    expect((await back.store.health()).space).toMatchObject({ complete: true })
  })

  test('is not called complete while a writer may not know of it: verify({ repair: true }) waits, and finds what that one wrote', async () => {
    await fillFirst()
    const { store, vectors } = await rig.current.start({ embedder: second, leaseMs: 400 })
    const scan = vectors.hold('scan')
    const verifying = store.verify({ repair: true })
    await scan.reached
    // By a store without an index that has not looked for spaces since this one was made.
    const written = Date.now() * 1000
    const row = {
      namespace: ['a'],
      key: '4',
      value: '{"title":"red 4"}',
      version: formatVersion(written, 'abcdefabcdef'),
      createdAt: Date.now(),
      updatedAt: Date.now(),
    }
    await rig.current.raw.kv.put([{ row }])
    expect((await store.health()).space).toMatchObject({ complete: false })
    scan.release()
    expect(await verifying).toMatchObject({ checked: 4, missing: 4, repaired: 4 })
    const { space } = await store.health()
    expect(space).toMatchObject({ complete: true, points: 4 })
    await rig.current.expectInTandem(undefined, space?.name)
  })

  test('a new collection is complete from the start, and says nothing', async () => {
    const { store } = await rig.current.start({ embedder: first })
    const incomplete = vi.fn()
    store.on('spaceIncomplete', incomplete)
    await store.put(['a'], '1', { title: 'red' })
    expect((await store.health()).space).toMatchObject({ complete: true })
    expect(incomplete).not.toHaveBeenCalled()
  })

  test('the same model with another metric is MODEL_MISMATCH, and what is there stays', async () => {
    await fillFirst()
    const index = { fields: ['title', 'body'], metric: 'euclidean' } as const
    await rejection(rig.current.start({ embedder: first, index }), 'MODEL_MISMATCH')
    const { store } = await rig.current.start({ embedder: first })
    expect(await store.search(['a'], { query: 'red' })).toHaveLength(3)
  })

  test('any part of the identity makes another model', async () => {
    const names = new Set<string>()
    for (const part of [
      {},
      { revision: '2' },
      { dtype: 'q8' },
      { pooling: 'cls' },
      { prefixes: { query: 'query: ' } },
      { options: { task: 1 } },
    ]) {
      const embedder = { ...first, model: { provider: 'fake', name: 'first', ...part } }
      const { store } = await rig.current.start({ embedder })
      names.add((await store.health()).space?.name as string)
      await store.close()
    }
    expect(names.size).toBe(6)
    expect((await rig.current.raw.spaceNames()).sort()).toEqual([...names].sort())
  })
})
