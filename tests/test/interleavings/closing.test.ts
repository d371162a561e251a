import { fail } from '@tandemstore/testkit'
import { describe, expect, test, vi } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { unavailable } from '../../src/errors.ts'
import { useFakeDate, useRig } from '../../src/fixture.ts'
import { always } from '../../src/gate.ts'

/** Its heartbeat, a third of it, runs on real timers. */
const leaseMs = 300

describe.each(backendKinds)('closing with work left, $name', (kind) => {
  const clock = useFakeDate()
  const rig = useRig(kind)

  test('a store that is open takes over what another one leaves when it closes', async () => {
    const settleMs = 600_000
    const { store } = await rig.current.start({ leaseMs, settleMs })
    const recovered = new Promise((resolve) => store.on('recovered', resolve))
    const leaving = await rig.current.start({ leaseMs })
    leaving.vectors.on('replace', fail(unavailable()), always)
    await leaving.store.put(['a'], '1', { title: 'red' })
    expect(await leaving.store.close({ timeoutMs: 0 })).toEqual({ leftToRecovery: 1 })
    clock.pass(leaseMs)
    expect(await recovered).toEqual({ projected: 1, failed: 0 })
    await vi.waitFor(async () => expect(await rig.current.raw.intents()).toEqual([]))
    await rig.current.expectInTandem()
    // It is kept for stores with another space, until all that are open have seen it.
    expect(await rig.current.raw.kv.leases()).toHaveLength(2)
    clock.pass(settleMs)
    await vi.waitFor(async () => expect(await rig.current.raw.kv.leases()).toHaveLength(1))
  })

  test('a store that is open takes over what one without an index has written', async () => {
    const { store } = await rig.current.start({ leaseMs })
    const recovered = new Promise((resolve) => store.on('recovered', resolve))
    const plain = await rig.current.startPlain({ leaseMs })
    await plain.put(['a'], '1', { title: 'red' })
    await plain.close()
    clock.pass(leaseMs)
    expect(await recovered).toEqual({ projected: 1, failed: 0 })
    await vi.waitFor(async () => expect(await rig.current.raw.intents()).toEqual([]))
    await rig.current.expectInTandem()
  })
})

// Of the other kind the writers of earlier tests are still looked for.
describe.each(backendKinds.filter(({ intentsWithWrites }) => !intentsWithWrites))('closing, $name', (kind) => {
  const rig = useRig(kind)

  test.each(['background', 'manual'] as const)('a store that leaves nothing leaves no lease, mode %s', async (sync) => {
    const { store } = await rig.current.start({ sync })
    await store.put(['a'], '1', { title: 'red' })
    await store.flush()
    expect(await store.close()).toEqual({ leftToRecovery: 0 })
    expect(await rig.current.raw.kv.leases()).toEqual([])
  })
})

// Databases of their own for each: of these the writers of an earlier test are still looked for.
describe.each(
  backendKinds
    .filter(({ intentsWithWrites }) => intentsWithWrites)
    .flatMap((kind) => [
      { ...kind, when: 'between two looks', during: false },
      { ...kind, when: 'during a look', during: true },
    ]),
)('late writes, $name, closing $when', ({ during, ...kind }) => {
  const clock = useFakeDate()
  const rig = useRig(kind)

  test('who looks for one that a dead writer had on its way hands that on', async () => {
    const other = await rig.current.start({ leaseMs })
    // What it looks for on opening is over.
    await other.store.recover()
    // It does not get to see the lease of the writer that dies.
    const heartbeat = other.kv.hold('leases')
    await heartbeat.reached
    const dying = await rig.current.start({ leaseMs })
    const write = dying.kv.hold('put')
    dying.store.put(['a'], '1', { title: 'red' }).catch(() => {})
    await write.reached
    dying.crash()
    clock.pass(1000)
    const looking = await rig.current.start({ leaseMs })
    // It looks at what the others left, and is the only one that knows when their leases are forgotten.
    await looking.store.recover()
    for (const { writer, expiresAt } of await rig.current.raw.kv.leases())
      if (expiresAt <= Date.now()) await rig.current.raw.kv.putLease({ writer, expiresAt: 0 })
    if (during) {
      const look = looking.kv.hold('listIntents')
      clock.pass(31_000)
      await look.reached
    }
    await looking.store.close()
    clock.pass(leaseMs)
    heartbeat.release()
    write.release()
    await vi.waitFor(async () => expect(await rig.current.raw.rows()).toHaveLength(1))
    await vi.waitFor(
      async () => {
        clock.pass(31_000)
        expect(await rig.current.raw.points()).toHaveLength(1)
      },
      { timeout: 5000, interval: 200 },
    )
    await vi.waitFor(async () => expect(await rig.current.raw.intents()).toEqual([]))
    await rig.current.expectInTandem()
  })
})
