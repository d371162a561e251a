import { describe, expect, test } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { useRig } from '../../src/fixture.ts'

describe.each(backendKinds)('flush() in mode manual, $name', (kind) => {
  const rig = useRig(kind, { sync: 'manual' })

  test('does not take a write for searchable that became durable while it was at work, below a version that it flushed', async () => {
    const { store, kv, embedder } = await rig.current.start()
    const third = kv.hold('put')
    const put3 = store.put(['a'], '3', { title: 'three' })
    await third.reached
    const flushed = store.flush()
    const fourth = kv.hold('put')
    const put4 = store.put(['a'], '4', { title: 'four' })
    await fourth.reached
    await store.put(['a'], '5', { title: 'five' })
    const embedding = embedder.hold('embed')
    third.release()
    await put3
    await embedding.reached
    fourth.release()
    const receipt = await put4
    embedding.release()
    await flushed
    expect((await rig.current.raw.points()).map(({ key }) => key).sort()).toEqual(['3', '5'])

    await store.flush()
    await receipt.indexed
    await rig.current.expectInTandem()
    expect(await rig.current.raw.points()).toHaveLength(3)
    expect(await store.close()).toEqual({ leftToRecovery: 0 })
  })

  test('leaves what was written meanwhile, and that alone', async () => {
    const { store, embedder } = await rig.current.start()
    await store.putMany(
      Array.from({ length: 10 }, (_, n) => ({ namespace: ['a'], key: String(n), value: { title: `number ${n}` } })),
    )
    const embedding = embedder.hold('embed')
    const flushed = store.flush()
    await embedding.reached
    await store.put(['a'], 'late', { title: 'late' })
    embedding.release()
    await flushed
    expect(await rig.current.raw.intents()).toHaveLength(1)
    expect(await store.close()).toEqual({ leftToRecovery: 1 })
  })

  test('leaves what a putMany wrote meanwhile, of which it flushed what was there', async () => {
    const { store, embedder } = await rig.current.start()
    const more = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    async function* documents() {
      yield { namespace: ['a'], key: '1', value: { title: 'one' } }
      asked.resolve()
      await more.promise
      yield { namespace: ['a'], key: '2', value: { title: 'two' } }
    }
    const written = store.putMany(documents())
    await asked.promise
    const embedding = embedder.hold('embed')
    const flushed = store.flush()
    await embedding.reached
    more.resolve()
    const { indexed } = await written
    embedding.release()
    await flushed
    expect((await rig.current.raw.points()).map(({ key }) => key)).toEqual(['1'])
    await store.flush()
    expect(await indexed).toBe(2)
    await rig.current.expectInTandem()
    expect(await rig.current.raw.points()).toHaveLength(2)
  })

  test('is what verify() counts as pending, each document once', async () => {
    const { store } = await rig.current.start()
    await store.put(['a'], '1', { title: 'red' })
    await store.flush()
    // One point is missing, and another is one too many.
    await store.put(['a'], '1', { body: 'blue' })
    expect(await store.verify()).toEqual({ checked: 1, missing: 0, stale: 0, orphaned: 0, repaired: 0, pending: 1 })
    await store.flush()
    expect(await store.verify()).toEqual({ checked: 1, missing: 0, stale: 0, orphaned: 0, repaired: 0 })
  })

  test('of two at a time settles each write once', async () => {
    const { store } = await rig.current.start()
    const receipts = [await store.put(['a'], '1', { title: 'one' })]
    const flushes = [store.flush(), store.flush()]
    receipts.push(await store.put(['a'], '2', { title: 'two' }))
    await Promise.all(flushes)
    await store.flush()
    await Promise.all(receipts.map(({ indexed }) => indexed))
    await rig.current.expectInTandem()
    expect(await store.close()).toEqual({ leftToRecovery: 0 })
  })

  test('has nothing left to do after recover(), which tells the receipts', async () => {
    const { store, embedder } = await rig.current.start()
    const receipt = await store.put(['a'], '1', { title: 'red' })
    expect(await store.recover()).toEqual({ projected: 1, failed: 0, waiting: 0 })
    await receipt.indexed
    const calls = embedder.callsOf('embed').length
    await store.flush()
    expect(embedder.callsOf('embed')).toHaveLength(calls)
    expect(await store.close()).toEqual({ leftToRecovery: 0 })
  })
})
