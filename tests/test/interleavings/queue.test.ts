import { describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useRig } from '../../src/fixture.ts'
import { always, gate } from '../../src/gate.ts'

describe.each(backendKinds)('bounded work and close, $name', (kind) => {
  const rig = useRig(kind)

  test('a full queue makes put wait; an abort ends the wait, and room lets it go on', async () => {
    const { store, kv, embedder } = await rig.current.start({ maxPending: 3 })
    const held = gate()
    embedder.on('embed', held.behaviour, always)
    for (const key of ['1', '2', '3']) await store.put(['a'], key, { title: key })
    const aborting = new AbortController()
    const aborted = store.put(['a'], '4', { title: '4' }, { signal: aborting.signal })
    const waiting = store.put(['a'], '5', { title: '5' })
    aborting.abort(new Error('called off'))
    expect((await rejection(aborted, 'ABORTED')).cause).toEqual(new Error('called off'))
    // Not one of them has got to the database, though it would take it.
    await store.get(['a'], '1')
    expect(kv.callsOf('put').flat().flat()).toHaveLength(2 * 3)
    expect((await store.stats()).index).toMatchObject({ pending: 3 })
    held.open()
    await waiting
    await store.flush()
    expect((await rig.current.raw.rows()).map(({ key }) => key)).toEqual(['1', '2', '3', '5'])
    await rig.current.expectInTandem()
  })

  test('a flush waits also for a put that waits for room', async () => {
    const { store, embedder } = await rig.current.start({ maxPending: 1 })
    const held = gate()
    embedder.on('embed', held.behaviour, always)
    const puts = ['1', '2', '3'].map((key) => store.put(['a'], key, { title: key }))
    const flushed = store.flush()
    await held.reached
    held.open()
    await flushed
    expect(await rig.current.raw.points()).toHaveLength(3)
    await Promise.all(puts)
  })

  test('close waits for what is under way', async () => {
    const { store, embedder } = await rig.current.start()
    const held = gate()
    embedder.on('embed', held.behaviour, always)
    const { indexed } = await store.put(['a'], '1', { title: 'red' })
    await held.reached
    const closed = store.close()
    held.open()
    expect(await closed).toEqual({ leftToRecovery: 0 })
    await indexed
    await rig.current.expectInTandem()
    expect(await rig.current.raw.points()).toHaveLength(1)
  })

  test('close that runs out of time says what it leaves to recovery, and a store opened later finishes it', async () => {
    const { store, embedder } = await rig.current.start()
    embedder.on('embed', gate().behaviour, always)
    const receipts = await Promise.all(['1', '2', '3'].map((key) => store.put(['a'], key, { title: key })))
    const flushed = rejection(store.flush(), 'CLOSED')
    expect(await store.close({ timeoutMs: 1 })).toEqual({ leftToRecovery: 3 })
    for (const { indexed } of receipts) expect((await rejection(indexed, 'CLOSED')).retryable).toBe(true)
    await flushed
    expect(await rig.current.raw.intents()).toHaveLength(3)
    const next = await rig.current.start()
    // It has given up its lease, so nobody waits for that.
    await next.store.recover()
    await rig.current.expectInTandem()
    expect(await rig.current.raw.points()).toHaveLength(3)
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('close leaves what waits for a flush in mode manual to recovery, and counts it', async () => {
    const { store } = await rig.current.start({ sync: 'manual' })
    const { indexed } = await store.put(['a'], '1', { title: 'red' })
    await store.putMany([{ namespace: ['a'], key: '2', value: { title: 'blue' } }])
    expect(await store.close()).toEqual({ leftToRecovery: 2 })
    await rejection(indexed, 'CLOSED')
    const next = await rig.current.start()
    await next.store.recover()
    await rig.current.expectInTandem()
    expect(await rig.current.raw.points()).toHaveLength(2)
  })

  test('a put that waits for room when the store closes is refused with CLOSED', async () => {
    const { store, embedder } = await rig.current.start({ maxPending: 1 })
    embedder.on('embed', gate().behaviour, always)
    await store.put(['a'], '1', { title: 'red' })
    const waiting = rejection(store.put(['a'], '2', { title: 'blue' }), 'CLOSED')
    await store.close({ timeoutMs: 1 })
    await waiting
    expect((await rig.current.raw.rows()).map(({ key }) => key)).toEqual(['1'])
  })

  test('close in the middle of what runs by itself is no failure', async () => {
    const { store, kv } = await rig.current.start({ leaseMs: 100, sweepMs: 5 })
    const failed = vi.fn()
    store.on('backgroundError', failed)
    const beats = [kv.hold('putLease'), kv.hold('deleteExpired')]
    await Promise.all(beats.map(({ reached }) => reached))
    await store.close()
    expect(failed).not.toHaveBeenCalled()
  })

  test('close twice is once', async () => {
    const { store } = await rig.current.start()
    const [one, two] = await Promise.all([store.close(), store.close()])
    expect(one).toEqual(two)
    expect(await store.close()).toEqual(one)
  })
})
