import { StoreError } from '@tandemstore/core'
import { describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useFakeDate, useRig } from '../../src/fixture.ts'
import { always } from '../../src/gate.ts'

describe.each(backendKinds)('recover() and leases, $name', (kind) => {
  const clock = useFakeDate()
  const rig = useRig(kind)

  /** A process that dies and leaves a document to be indexed. */
  async function die(key: string, leaseMs: number): Promise<void> {
    const dead = await rig.current.start({ leaseMs })
    dead.embedder.on('embed', () => new Promise(() => {}), always)
    await dead.store.put(['a'], key, { title: 'red' })
    dead.crash()
  }

  test('a flush in mode manual does not wait behind a recover() that waits for a lease', async () => {
    await die('1', 600_000)
    const { store, kv } = await rig.current.start({ sync: 'manual', leaseMs: 100 })
    await store.put(['a'], '2', { title: 'blue' })
    const abort = new AbortController()
    const recovering = rejection(store.recover({ signal: abort.signal }), 'ABORTED')
    // It looks at the intents, and then waits.
    await vi.waitFor(() => expect(kv.callsOf('listIntents')).not.toEqual([]))
    await store.flush()
    expect((await rig.current.raw.points()).map(({ key }) => key)).toContain('2')
    abort.abort()
    await recovering
  })

  test('recover() that met a failure says so at once, and waits for no lease', async () => {
    await die('1', 100)
    clock.pass(200)
    await die('2', 600_000)
    const { store, embedder } = await rig.current.start({ sync: 'manual', embedding: { retries: 0 } })
    embedder.on('embed', () => Promise.reject(new StoreError('UNAVAILABLE', 'away')), always)
    // The date stands still, so that no lease runs out.
    await rejection(store.recover(), 'UNAVAILABLE')
  })

  test('recover() waits for the lease of a process whose leases last longer', async () => {
    await die('1', 5000)
    const { store } = await rig.current.start({ sync: 'manual', leaseMs: 100 })
    const passing = setInterval(() => clock.pass(50), 5)
    expect(await store.recover()).toMatchObject({ projected: 1, failed: 0 })
    clearInterval(passing)
    await rig.current.expectInTandem()
  })

  test('recover() does not wait for writers that renew their leases', async () => {
    const alive = await rig.current.start({ leaseMs: 100 })
    const embedding = alive.embedder.hold('embed')
    await alive.store.put(['a'], '1', { title: 'red' })
    await embedding.reached
    const { store } = await rig.current.start({ sync: 'manual', leaseMs: 100 })
    const passing = setInterval(() => clock.pass(1), 1)
    expect(await store.recover()).toMatchObject({ projected: 0 })
    clearInterval(passing)
    embedding.release()
    await alive.store.flush()
    await rig.current.expectInTandem()
  })
})
