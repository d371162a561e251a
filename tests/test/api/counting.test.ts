import { describe, expect, test } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useFakeDate, useRig } from '../../src/fixture.ts'

describe.each(backendKinds)('count and capabilities, $name', (kind) => {
  const rig = useRig(kind)
  const date = useFakeDate()

  test('count says how many live documents pass', async () => {
    const { store, kv } = await rig.current.start({ sync: 'manual' })
    expect(await store.count([])).toBe(0)
    const documents = Array.from({ length: 1234 }, (_, n) => ({
      namespace: ['a', `n${n % 5}`],
      key: `k${n}`,
      value: { n, tags: [`t${n % 3}`] },
      ...(n % 10 === 0 ? { ttlMs: 1000 } : {}),
    }))
    await store.putMany([...documents, { namespace: ['ab'], key: 'k', value: { n: 1 } }])
    const before = kv.callsOf('list').length
    expect(await store.count([])).toBe(1235)
    expect(kv.callsOf('list').length - before).toBeLessThanOrEqual(4)
    expect(await store.count(['a'])).toBe(1234)
    expect(await store.count(['a', 'n1'])).toBe(247)
    expect(await store.count(['none'])).toBe(0)
    const filter = { tags: 't1', n: { $lt: 100 } }
    expect(await store.count(['a'], { filter })).toBe(33)
    date.pass(1000)
    expect(await store.count(['a'])).toBe(1234 - 124)
    expect(await store.count(['a'], { filter })).toBe(30)
  })

  test('count ends with its signal', async () => {
    const { store, kv } = await rig.current.start({ sync: 'manual' })
    await store.put(['a'], 'k', { n: 1 })
    const held = kv.hold('list')
    const abort = new AbortController()
    const counting = store.count([], { signal: abort.signal })
    await held.reached
    abort.abort()
    await rejection(counting, 'ABORTED')
  })

  test('a store says what it can do', async () => {
    const { store } = await rig.current.start()
    expect(store.capabilities).toEqual({ searchable: true, modes: ['vector'], conditionalWrites: true, exact: true })
    const plain = await rig.current.startPlain()
    expect(plain.capabilities).toEqual({ searchable: false, modes: [], conditionalWrites: true, exact: false })
    const { kv, vectors } = rig.backend
    const other = await rig.current.startPlain(
      {},
      { ...kv, capabilities: { ...kv.capabilities, conditionalWrites: false } },
    )
    expect(other.capabilities.conditionalWrites).toBe(false)
    expect(vectors.capabilities.exact).toBe(true)
  })
})
