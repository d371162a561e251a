import { fail } from '@tandemstore/testkit'
import { describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { forGood, rejection, timedOut } from '../../src/errors.ts'
import { useFakeDate, useRig } from '../../src/fixture.ts'

describe.each(backendKinds)('writes that take effect late, $name', (kind) => {
  const clock = useFakeDate()
  const rig = useRig(kind)
  test('a stalled writer that goes on after its lease has run out projects its own document', async () => {
    const stalled = await rig.current.start()
    const write = stalled.kv.hold('put')
    const put = stalled.store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
    await write.reached
    clock.pass(11_000)
    const { store } = await rig.current.start()
    await store.recover()
    write.release()
    await put
    await rig.current.expectInTandem()
    expect(await rig.current.raw.points()).toHaveLength(1)
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('a KV write that lands after its key was written again, or deleted, changes nothing', async () => {
    const { store, kv } = await rig.current.start()
    const [first, second] = [kv.late('put', forGood()), kv.late('put', forGood(), { nth: 2 })]
    await rejection(store.put(['a'], 'written again', { title: 'red' }), 'INDEX_FAILED')
    await store.put(['a'], 'written again', { title: 'blue' })
    await rejection(store.put(['a'], 'deleted', { title: 'red' }), 'INDEX_FAILED')
    await store.delete(['a'], 'deleted')
    await first.land()
    await second.land()
    await store.recover()
    await store.flush()
    expect((await rig.current.raw.rows()).map(({ value }) => value)).toEqual(['{"title":"blue"}'])
    await rig.current.expectInTandem()
    // What has been superseded cannot arrive any more.
    expect((await rig.current.raw.intents()).filter(({ key }) => key === 'written again')).toEqual([])
  })

  test('an index delete that timed out and lands after a newer put leaves the newer points', async () => {
    const { store, vectors } = await rig.current.start()
    await store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
    const deletion = vectors.late('replace', timedOut())
    await store.delete(['a'], '1')
    await store.put(['a'], '1', { title: 'blue' }, { sync: 'wait' })
    await deletion.land()
    await rig.current.expectInTandem()
    expect(await store.search(['a'], { query: 'blue' })).toMatchObject([{ document: { value: { title: 'blue' } } }])
  })

  test('the index deletion of a namespace that lands after a newer put leaves the newer points', async () => {
    const { store, vectors } = await rig.current.start()
    await store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
    const deletion = vectors.late('deletePrefix', timedOut())
    await store.deleteNamespace(['a'])
    await store.put(['a'], '1', { title: 'blue' }, { sync: 'wait' })
    await deletion.land()
    await store.flush()
    await rig.current.expectInTandem()
    expect(await rig.current.raw.points()).toHaveLength(1)
  })

  test('an index upsert that timed out and lands after the deletion is no ghost: no search gives it, and the first that meets it removes it', async () => {
    const { store, vectors } = await rig.current.start()
    const upsert = vectors.late('replace', timedOut())
    await store.put(['a'], '1', { title: 'red' }, { sync: 'background' })
    await store.flush().catch(() => {})
    await store.flush()
    await store.delete(['a'], '1', { sync: 'wait' })
    await upsert.land()
    expect(await rig.current.raw.points()).toHaveLength(1)
    const orphans = vi.fn()
    store.on('orphansFound', orphans)
    expect(await store.search(['a'], { query: 'red' })).toEqual([])
    expect(orphans).toHaveBeenCalledExactlyOnceWith({ documents: 1 })
    await store.flush()
    expect(await rig.current.raw.points()).toEqual([])
  })

  test('verify finds and removes the points of an upsert that landed late', async () => {
    const { store, vectors } = await rig.current.start()
    const upsert = vectors.late('replace', timedOut())
    await store.put(['a'], '1', { title: 'red' })
    await store.flush().catch(() => {})
    await store.flush()
    await store.delete(['a'], '1', { sync: 'wait' })
    await upsert.land()
    expect(await store.verify()).toMatchObject({ orphaned: 1, repaired: 0 })
    expect(await store.verify({ repair: true })).toMatchObject({ orphaned: 1, repaired: 1 })
    expect(await rig.current.raw.points()).toEqual([])
  })

  test('recover() does not count as waiting what it has projected', async () => {
    const crashing = await rig.current.start({ sync: 'manual' })
    await crashing.store.put(['a'], '1', { title: 'red' })
    crashing.crash()
    clock.pass(11_000)
    const { store, kv } = await rig.current.start({ sync: 'manual' })
    const removal = kv.hold('removeIntents')
    const recovering = store.recover()
    await removal.reached
    // Meanwhile it would have counted.
    expect(await rig.current.raw.intents()).toHaveLength(1)
    expect(await rig.current.raw.intents()).toHaveLength(1)
    removal.release()
    expect(await recovering).toEqual({ projected: 1, failed: 0, waiting: 0 })
  })

  test('intents that could not be removed leave the points right, and recover() removes them', async () => {
    const { store, kv } = await rig.current.start()
    const errors = vi.fn()
    store.on('backgroundError', errors)
    kv.on('removeIntents', fail(forGood()))
    await store.put(['a'], '1', { title: 'red' }, { sync: 'wait' })
    await store.flush()
    expect(errors).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ during: 'removing intents' }))
    expect(await rig.current.raw.intents()).toHaveLength(1)
    await rig.current.expectInTandem()
    await store.recover()
    expect(await rig.current.raw.intents()).toEqual([])
    await rig.current.expectInTandem()
  })
})

const settleMs = 60_000

describe.each(backendKinds.filter(({ intentsWithWrites }) => !intentsWithWrites))(
  'writes that take effect later than their intents, $name',
  (kind) => {
    const clock = useFakeDate()
    const rig = useRig(kind)

    test('a stalled writer: recovery sees its intent and not its document, keeps the intent, and projects the document when it comes', async () => {
      const stalled = await rig.current.start()
      const write = stalled.kv.hold('put')
      const put = stalled.store.put(['a'], '1', { title: 'red' })
      put.catch(() => {})
      await write.reached
      stalled.crash()
      clock.pass(11_000)
      const { store } = await rig.current.start({ settleMs })
      const told = { indexed: vi.fn(), recovered: vi.fn() }
      store.on('indexed', told.indexed)
      store.on('recovered', told.recovered)
      // The first also waits for the one that began on opening.
      await store.recover()
      expect(await store.recover()).toEqual({ projected: 0, failed: 0, waiting: 1 })
      expect(await rig.current.raw.intents()).toHaveLength(1)
      // Of a document that is not there.
      expect((await store.stats()).index).toMatchObject({ projected: 0 })
      expect(told.indexed).not.toHaveBeenCalled()
      expect(told.recovered).not.toHaveBeenCalled()

      write.release()
      await vi.waitFor(async () => expect(await rig.current.raw.rows()).toHaveLength(1))
      expect(await rig.current.raw.points()).toEqual([])
      expect(await store.recover()).toEqual({ projected: 1, failed: 0, waiting: 0 })
      const [row] = await rig.current.raw.rows()
      expect(told.indexed.mock.calls).toEqual([[{ namespace: ['a'], key: '1', version: row?.version }]])
      await rig.current.expectInTandem()
      expect(await rig.current.raw.points()).toHaveLength(1)
      expect(await rig.current.raw.intents()).toEqual([])
    })

    test('a KV write that timed out and lands later is found after recover()', async () => {
      const { store, kv } = await rig.current.start()
      const write = kv.late('put', forGood())
      await rejection(store.put(['a'], '1', { title: 'red' }), 'INDEX_FAILED')
      await store.recover()
      expect(await rig.current.raw.intents()).toHaveLength(1)
      await write.land()
      expect(await store.recover()).toMatchObject({ projected: 1, waiting: 0 })
      await rig.current.expectInTandem()
      expect(await store.search([], { query: 'red' })).toHaveLength(1)
    })

    test('an intent whose write has not shown stays until settleMs, and not longer', async () => {
      const dead = await rig.current.start()
      const write = dead.kv.hold('put')
      dead.store.put(['a'], '1', { title: 'red' }).catch(() => {})
      await write.reached
      dead.crash()
      clock.pass(settleMs - 1)
      const { store } = await rig.current.start({ settleMs })
      expect(await store.recover()).toMatchObject({ waiting: 1 })
      expect(await rig.current.raw.intents()).toHaveLength(1)
      clock.pass(2)
      expect(await store.recover()).toMatchObject({ waiting: 0 })
      expect(await rig.current.raw.intents()).toEqual([])
    })

    test('a process that stands still between reading the document and removing the intent does not take the time for granted', async () => {
      const dead = await rig.current.start()
      const write = dead.kv.hold('put')
      dead.store.put(['a'], '1', { title: 'red' }).catch(() => {})
      await write.reached
      dead.crash()
      clock.pass(11_000)
      const { store, kv } = await rig.current.start({ settleMs, sync: 'manual' })
      // It reads once to project and once more before it removes the intent.
      const read = kv.hold('get', { nth: 2, after: true })
      const recovered = store.recover()
      await read.reached
      write.release()
      await vi.waitFor(async () => expect(await rig.current.raw.rows()).toHaveLength(1))
      clock.pass(settleMs)
      read.release()
      expect(await recovered).toMatchObject({ waiting: 1 })
      await store.recover()
      await rig.current.expectInTandem()
      expect(await rig.current.raw.intents()).toEqual([])
    })
  },
)

describe.each(backendKinds.filter(({ intentsWithWrites }) => intentsWithWrites))(
  'writes that take effect late, and their intents with them, $name',
  (kind) => {
    const clock = useFakeDate()
    const rig = useRig(kind)

    test('what a dead writer had on its way is looked for, and projected when it comes', async () => {
      const dead = await rig.current.start({ leaseMs: 100 })
      const write = dead.kv.hold('put')
      dead.store.put(['a'], '1', { title: 'red' }).catch(() => {})
      await write.reached
      dead.crash()
      clock.pass(11_000)
      const { store } = await rig.current.start({ leaseMs: 100, settleMs })
      expect(await store.recover()).toEqual({ projected: 0, failed: 0, waiting: 0 })
      const recovered = vi.fn()
      store.on('recovered', recovered)
      write.release()
      await vi.waitFor(async () => expect(await rig.current.raw.rows()).toHaveLength(1))
      clock.pass(31_000)
      await vi.waitFor(() => expect(recovered).toHaveBeenCalledExactlyOnceWith({ projected: 1, failed: 0 }))
      await rig.current.expectInTandem()
      expect(await store.search([], { query: 'red' })).toHaveLength(1)
    })

    test('a KV write that timed out and lands later is found by its own writer', async () => {
      const { store, kv } = await rig.current.start({ leaseMs: 100 })
      const write = kv.late('put', forGood())
      await rejection(store.put(['a'], '1', { title: 'red' }), 'INDEX_FAILED')
      await store.recover()
      await write.land()
      clock.pass(31_000)
      await vi.waitFor(async () => expect(await rig.current.raw.intents()).toEqual([]))
      await rig.current.expectInTandem()
      expect(await store.search([], { query: 'red' })).toHaveLength(1)
    })

    test('one that lands while the writer that looks for it is dying is found by the next', async () => {
      const first = await rig.current.start({ leaseMs: 100 })
      const write = first.kv.hold('put')
      first.store.put(['a'], '1', { title: 'red' }).catch(() => {})
      await write.reached
      first.crash()
      clock.pass(11_000)
      const second = await rig.current.start({ leaseMs: 100, settleMs })
      await second.store.recover()
      second.crash()
      write.release()
      await vi.waitFor(async () => expect(await rig.current.raw.intents()).toHaveLength(1))
      clock.pass(11_000)
      const { store } = await rig.current.start({ settleMs })
      await store.recover()
      await rig.current.expectInTandem()
      expect(await rig.current.raw.points()).toHaveLength(1)
    })
  },
)
