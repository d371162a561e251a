import { describe, expect, test } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useFakeDate, useRig } from '../../src/fixture.ts'

describe.each(backendKinds)('clocks, $name', (kind) => {
  const clock = useFakeDate()
  const rig = useRig(kind, { sync: 'wait' })

  test('a clock that goes back does not take versions back with it: the later write wins', async () => {
    const { store } = await rig.current.start()
    const before = await store.put(['a'], '1', { title: 'red' })
    clock.pass(-30_000)
    const after = await store.put(['a'], '1', { title: 'blue' })
    expect(after.version > before.version).toBe(true)
    expect((await store.get(['a'], '1'))?.value).toEqual({ title: 'blue' })
    await rig.current.expectInTandem()
    const deletion = await store.delete(['a'], '1')
    expect(deletion.version > after.version).toBe(true)
    expect(await rig.current.raw.points()).toEqual([])
  })

  test('a clock that goes back across a restart does not either', async () => {
    const first = await rig.current.start()
    const before = await first.store.put(['a'], '1', { title: 'red' })
    await first.store.close()
    clock.pass(-30_000)
    const second = await rig.current.start()
    const after = await second.store.put(['a'], '1', { title: 'blue' })
    expect(after.version > before.version).toBe(true)
    expect((await second.store.get(['a'], '1'))?.value).toEqual({ title: 'blue' })
    await rig.current.expectInTandem()
  })

  test('a clock that goes back by more than maxDriftMs: the process goes on from its last version, and a new one is refused by name', async () => {
    const { store } = await rig.current.start({ maxDriftMs: 10_000 })
    const before = await store.put(['a'], '1', { title: 'red' })
    clock.pass(-11_000)
    const after = await store.put(['a'], '1', { title: 'blue' })
    expect(after.version > before.version).toBe(true)
    await rig.current.expectInTandem()
    const error = await rejection(rig.current.start({ maxDriftMs: 10_000 }), 'CONFIGURATION')
    expect(error.message).toContain('11000 ms ahead')
    clock.pass(11_000)
    const { store: late } = await rig.current.start({ maxDriftMs: 10_000 })
    expect((await late.get(['a'], '1'))?.value).toEqual({ title: 'blue' })
  })

  test('a write goes past the version that was read, also from a process whose clock is ahead', async () => {
    const ahead = await rig.current.start()
    const behind = await rig.current.start()
    clock.pass(20_000)
    const { version } = await ahead.store.put(['a'], '1', { title: 'ahead' })
    clock.pass(-20_000)
    expect((await behind.store.get(['a'], '1'))?.version).toBe(version)
    const later = await behind.store.put(['a'], '1', { title: 'behind' })
    expect(later.version > version).toBe(true)
    expect((await ahead.store.get(['a'], '1'))?.value).toEqual({ title: 'behind' })
    await rig.current.expectInTandem()
  })

  test('two writers of the same microsecond are told apart, and the index follows the one that the KV holds', async () => {
    for (let round = 0; round < 10; round += 1) {
      const key = String(round)
      const [one, other] = [await rig.current.start(), await rig.current.start()]
      const [first, second] = await Promise.all([
        one.store.put(['a'], key, { title: 'one' }),
        other.store.put(['a'], key, { title: 'other', body: 'more' }),
      ])
      expect(first.version.slice(0, 16)).toBe(second.version.slice(0, 16))
      expect(first.version).not.toBe(second.version)
      const winner = first.version > second.version ? { title: 'one' } : { title: 'other', body: 'more' }
      expect((await one.store.get(['a'], key))?.value).toEqual(winner)
      await rig.current.expectInTandem()
      clock.pass(1000)
      await Promise.all([one.store.close(), other.store.close()])
    }
    expect(await rig.current.raw.intents()).toEqual([])
  })
})
