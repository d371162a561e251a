import { StoreError } from '@tandemstore/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useRig } from '../../src/fixture.ts'
import { always, outage } from '../../src/gate.ts'
import type { RigOptions } from '../../src/rig.ts'

const expired = () => outage(() => new StoreError('AUTHENTICATION', 'The key has expired'))

describe.each(backendKinds)('a fault of the set-up, $name', (kind) => {
  const rig = useRig(kind)

  afterEach(() => void vi.useRealTimers())

  /** Lets no time pass for timers. */
  const holdTimers = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })

  async function startWithExpiredKey(options: RigOptions = {}) {
    const process = await rig.current.start(options)
    const key = expired()
    process.embedder.on('embed', key.behaviour, always)
    process.store.on('indexBlocked', () => {})
    return { ...process, key }
  }

  test('when a search shows that a key is mended, what waits goes on at once', async () => {
    holdTimers()
    const { store, key } = await startWithExpiredKey()
    const receipts = await Promise.all(['1', '2', '3'].map((name) => store.put(['a'], name, { title: `red ${name}` })))
    await rejection(store.flush(), 'AUTHENTICATION')
    key.end()
    expect(await store.search(['a'], { query: 'red' })).toEqual([])
    await Promise.all(receipts.map(({ indexed }) => indexed))
    expect(await store.search(['a'], { query: 'red' })).toHaveLength(3)
    expect(await store.health()).toMatchObject({ ok: true })
    await rig.current.expectInTandem()
  })

  test('when nobody asks, what waits goes on within six seconds, however long the key was bad', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
    const { store, embedder, key } = await startWithExpiredKey({ embedding: { maxBatchSize: 1 } })
    const receipts = await Promise.all(
      Array.from({ length: 8 }, (_, i) => store.put(['a'], String(i), { title: `red ${i}` })),
    )
    await rejection(store.flush(), 'AUTHENTICATION')
    for (let second = 0; second < 120; second += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      await turns()
    }
    // A probe every few seconds, whatever waits.
    expect(embedder.callsOf('embed').length).toBeLessThan(60)
    key.end()
    for (let second = 0; second < 6; second += 1) {
      await vi.advanceTimersByTimeAsync(1000)
      await turns()
    }
    await Promise.all(receipts.map(({ indexed }) => indexed))
    await rig.current.expectInTandem()
  })

  test('recover() says the cause each time, and goes on when the key is mended', async () => {
    const dead = await rig.current.start({ leaseMs: 100 })
    dead.embedder.on('embed', () => new Promise(() => {}), always)
    await dead.store.put(['a'], '1', { title: 'red' })
    dead.crash()
    const { store, key } = await startWithExpiredKey({ sync: 'manual' })
    const first = await rejection(store.recover(), 'AUTHENTICATION')
    const second = await rejection(store.recover(), 'AUTHENTICATION')
    expect(first).toMatchObject({ setup: true, message: expect.stringContaining('The key has expired') })
    expect(second).toMatchObject({ setup: true, message: expect.stringContaining('The key has expired') })
    key.end()
    expect(await store.recover()).toMatchObject({ projected: 1, failed: 0 })
    await rig.current.expectInTandem()
    expect(await rig.current.raw.points()).toHaveLength(1)
  })

  test('background work that meets it again and again tells once', async () => {
    const dead = await rig.current.start({ leaseMs: 100 })
    dead.embedder.on('embed', () => new Promise(() => {}), always)
    await dead.store.put(['a'], '1', { title: 'red' })
    dead.crash()
    const { store, kv } = await startWithExpiredKey({ leaseMs: 100 })
    const failed = vi.fn()
    store.on('backgroundError', failed)
    await vi.waitFor(() => expect(failed).toHaveBeenCalled())
    const beats = kv.callsOf('putLease').length
    await vi.waitFor(() => expect(kv.callsOf('putLease').length).toBeGreaterThan(beats + 10))
    expect(failed.mock.calls.filter(([{ during }]) => during === 'recovery').length).toBeLessThanOrEqual(2)
  })

  test('where nobody listens, the warning says what to do', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const started = await rig.current.start()
    started.embedder.on('embed', expired().behaviour, always)
    await started.store.put(['a'], '1', { title: 'red' })
    await rejection(started.store.flush(), 'AUTHENTICATION')
    const words = warned.mock.calls.map(([message]) => String(message)).join('\n')
    expect(words).toContain('The key has expired')
    expect(words).toContain('Mend what the error says')
    warned.mockRestore()
  })
})

/** Lets everything happen that needs no timer. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
