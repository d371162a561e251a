import { describe, expect, test } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { useFakeDate, useRig } from '../../src/fixture.ts'

const COUNT = 3000
/** Doubling from 32 to 1,000 rows a call reads 3,000 rows in 7 calls; SQLite may end a page early. */
const FEW = 10

const numbers = Array.from({ length: COUNT }, (_, i) => i)
const padded = (i: number): string => String(i).padStart(4, '0')

describe.each(backendKinds)('a page that keeps few of what it reads, $name', (kind) => {
  const rig = useRig(kind)
  const date = useFakeDate()

  test.each([1, 10])('one match among 3,000 documents takes few calls, limit %d', async (limit) => {
    const { store, kv } = await rig.current.start({ sync: 'manual' })
    await store.putMany(numbers.map((n) => ({ namespace: ['a'], key: padded(n), value: { n } })))
    const filter = { n: COUNT - 1 }

    const before = kv.callsOf('list').length
    const page = await store.list(['a'], { filter, limit })
    expect(page.items.map(({ key }) => key)).toEqual([padded(COUNT - 1)])
    const afterList = kv.callsOf('list').length
    expect(afterList - before).toBeLessThanOrEqual(FEW)

    const hits = await store.search(['a'], { filter, limit })
    expect(hits.map(({ document }) => document.key)).toEqual([padded(COUNT - 1)])
    expect(kv.callsOf('list').length - afterList).toBeLessThanOrEqual(FEW)
  })

  test('expired documents in front of one that lives take few calls', async () => {
    const { store, kv } = await rig.current.start({ sync: 'manual' })
    await store.putMany(numbers.map((n) => ({ namespace: ['a'], key: padded(n), value: { n }, ttlMs: 1000 })))
    await store.put(['a'], 'last', { n: 0 })
    date.pass(1001)
    const before = kv.callsOf('list').length
    expect((await store.list(['a'], { limit: 1 })).items.map(({ key }) => key)).toEqual(['last'])
    expect(kv.callsOf('list').length - before).toBeLessThanOrEqual(FEW + 5)
  })

  test('one match among 3,000 namespaces takes few calls', async () => {
    const { store, kv } = await rig.current.start({ sync: 'manual' })
    await store.putMany(
      numbers.map((n) => ({ namespace: ['a', padded(n), n === COUNT - 1 ? 'z' : 'y'], key: 'k', value: { n } })),
    )
    const before = kv.callsOf('namespaces').length
    const found = await store.namespaces({ suffix: ['z'], limit: 1 })
    expect(found.items).toEqual([['a', padded(COUNT - 1), 'z']])
    expect(kv.callsOf('namespaces').length - before).toBeLessThanOrEqual(FEW)
  })

  test('a page where everything counts reads no more than it gives', async () => {
    const { store, kv } = await rig.current.start({ sync: 'manual' })
    await store.putMany(numbers.slice(0, 100).map((n) => ({ namespace: ['a'], key: padded(n), value: { n } })))
    const before = kv.callsOf('list').length
    await store.list(['a'], { limit: 10 })
    await store.list(['a'], { limit: 10, offset: 5 })
    const sizes = kv.callsOf('list').map(([{ limit }]) => limit)
    expect(sizes.slice(before)).toEqual([10, 15])
  })
})
