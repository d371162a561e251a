import { describe, expect, test } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { useRig } from '../../src/fixture.ts'

/** The index is asked for 1, 2, 4, … documents: for 1,000 dead ones that is eleven times. */
const FEW = 12

describe.each(backendKinds)('a search among points of documents that are gone, $name', (kind) => {
  const rig = useRig(kind, { sync: 'manual' })
  const dead = Array.from({ length: 1000 }, (_, i) => ({
    namespace: ['a'],
    key: `dead${i}`,
    value: { title: `sea ${i % 7}` },
  }))

  test.each([1, 10, 100])('finds the live ones behind 1,000 dead ones in few queries, limit %d', async (limit) => {
    const { store, vectors } = await rig.current.start()
    await store.putMany(dead)
    const live = Array.from({ length: 3 }, (_, i) => `live${i}`)
    for (const key of live) await store.put(['a'], key, { title: 'stone fire' })
    await store.flush()
    // Durable; the points go with the next flush.
    const { failed } = await store.deleteMany(dead)
    expect(failed).toEqual([])

    const before = vectors.callsOf('query').length
    const hits = await store.search(['a'], { query: 'sea', limit })
    expect(hits.map(({ document }) => document.key).sort()).toEqual(live.slice(0, limit))
    expect(vectors.callsOf('query').length - before).toBeLessThanOrEqual(FEW)
  })

  test('deletes the points it meets, in the background', async () => {
    const { store, vectors } = await rig.current.start()
    await store.putMany(dead.slice(0, 10))
    await store.put(['a'], 'live', { title: 'stone' })
    await store.flush()
    await rig.current.raw.kv.delete(
      (await rig.current.raw.rows())
        .filter(({ key }) => key.startsWith('dead'))
        .map(({ namespace, key, version }) => ({ namespace, key, version })),
    )
    expect(await store.search(['a'], { query: 'sea', limit: 1 })).toHaveLength(1)
    await store.flush()
    await rig.current.expectInTandem()
    const before = vectors.callsOf('query').length
    await store.search(['a'], { query: 'sea', limit: 1 })
    expect(vectors.callsOf('query').length - before).toBe(1)
  })

  test('documents that no longer pass the filter hide none that does', async () => {
    const { store, vectors } = await rig.current.start()
    await store.putMany(dead.slice(0, 200).map((each) => ({ ...each, value: { ...each.value, lang: 'en' } })))
    await store.put(['a'], 'live', { title: 'stone', lang: 'en' })
    await store.flush()
    await store.putMany(dead.slice(0, 200).map((each) => ({ ...each, value: { ...each.value, lang: 'de' } })))
    const before = vectors.callsOf('query').length
    const hits = await store.search(['a'], { query: 'sea', filter: { lang: 'en' }, limit: 1 })
    expect(hits.map(({ document }) => document.key)).toEqual(['live'])
    expect(vectors.callsOf('query').length - before).toBeLessThanOrEqual(FEW)
  })
})
