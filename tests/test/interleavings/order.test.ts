import { describe, expect, test } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { useRig } from '../../src/fixture.ts'

describe.each(backendKinds)('the order of work on one document, $name', (kind) => {
  const rig = useRig(kind)

  test('an operation that has read the document again writes nothing after its deletion', async () => {
    const { store } = await rig.current.start()
    // The first put is in the index when the second has changed the document, so that it reads it again; then comes the deletion.
    await Promise.all([
      store.put(['a'], '1', { title: 'red' }, { ttlMs: 60_000 }),
      store.put(['a'], '1', { title: 'red', body: 'red' }),
      store.deleteMany([{ namespace: ['a'], key: '1' }]),
      store.put(['a'], '2', { title: 'red' }),
    ])
    await store.flush()
    expect((await rig.current.raw.points()).map(({ key }) => key)).toEqual(['2'])
    expect(await rig.current.raw.intents()).toEqual([])
  })

  test('a delete waits for the upsert of the same document that is still under way', async () => {
    const { store, vectors } = await rig.current.start()
    const upsert = vectors.hold('replace')
    const put = await store.put(['a'], '1', { title: 'red' })
    await upsert.reached
    const deletion = await store.delete(['a'], '1')
    expect(vectors.callsOf('replace')).toHaveLength(1)
    upsert.release()
    await Promise.all([put.indexed, deletion.indexed])
    expect(await rig.current.raw.points()).toEqual([])
    expect(await store.search([], { query: 'red' })).toEqual([])
  })

  test('of many writes to one document made at once the last wins, in the KV and in the index', async () => {
    const { store } = await rig.current.start()
    const receipts = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        i % 7 === 3 ? store.delete(['a'], '1') : store.put(['a'], '1', { title: `number ${i}` }),
      ),
    )
    await Promise.all(receipts.map(({ indexed }) => indexed))
    const versions = receipts.map(({ version }) => version)
    expect(versions).toEqual([...versions].sort())
    expect((await store.get(['a'], '1'))?.value).toEqual({ title: 'number 49' })
    await rig.current.expectInTandem()
    expect(await rig.current.raw.intents()).toEqual([])
  })
})
