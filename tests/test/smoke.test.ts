import { describe, expect, test } from 'vitest'
import { backendKinds } from '../src/backends.ts'
import { makeRig } from '../src/rig.ts'

describe.each(backendKinds)('$name', ({ make }) => {
  test('put, crash, recover', async () => {
    const backend = await make()
    const rig = await makeRig(backend)
    const a = await rig.start()
    await a.store.put(['n'], 'k', { title: 'one' }, { sync: 'wait' })
    await rig.expectInTandem()
    await a.store.put(['n'], 'k2', { title: 'two', body: 'three' })
    a.crash()
    const b = await rig.start()
    await b.store.recover()
    await rig.expectInTandem()
    expect(await rig.raw.points()).toHaveLength(3)
    expect(await rig.raw.intents()).toEqual([])
    await rig.end()
    await backend.cleanup()
  })
})
