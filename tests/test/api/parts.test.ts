import { describe, expect, test } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { rejection } from '../../src/errors.ts'
import { useRig } from '../../src/fixture.ts'

describe.each(backendKinds)('parts, $name', (kind) => {
  const rig = useRig(kind)

  test('each text of a document with its vector, as the embedder made it', async () => {
    const { store, embedder } = await rig.current.start({ sync: 'wait' })
    await store.put(['a'], 'two', { title: 'tea', body: 'green tea' })
    await store.put(['a'], 'none', { title: 'not indexed' }, { index: false })
    const [two, none, absent] = await store.parts(
      [
        { namespace: ['a'], key: 'two' },
        { namespace: ['a'], key: 'none' },
        { namespace: ['a'], key: 'absent' },
      ],
      { vectors: true },
    )
    expect(two).toMatchObject([
      { field: 'title', part: 0, text: 'tea', state: 'current' },
      { field: 'body', part: 0, text: 'green tea', state: 'current' },
    ])
    const { vectors } = await embedder.port.embed(['tea', 'green tea'], { purpose: 'document' })
    for (const [i, part] of (two ?? []).entries()) {
      const wanted = vectors[i] as Float32Array
      expect(part.vector).toHaveLength(wanted.length)
      for (const [at, value] of (part.vector as Float32Array).entries())
        expect(value).toBeCloseTo(wanted[at] as number, 5)
    }
    expect(none).toEqual([])
    expect(absent).toEqual([])
  })

  test('a text that has changed since is missing, a new version of the same text stale', async () => {
    const { store } = await rig.current.start({ sync: 'manual' })
    await store.put(['a'], 'changed', { title: 'old' })
    await store.put(['a'], 'same', { title: 'same', n: 1 })
    await store.flush()
    await store.put(['a'], 'changed', { title: 'new' })
    await store.put(['a'], 'same', { title: 'same', n: 2 })
    const refs = ['changed', 'same'].map((key) => ({ namespace: ['a'], key }))
    const [changed, same] = await store.parts(refs, { vectors: true })
    expect(changed).toMatchObject([{ text: 'new', state: 'missing' }])
    expect(changed?.[0]).not.toHaveProperty('vector')
    expect(same).toMatchObject([{ text: 'same', state: 'stale', vector: expect.any(Float32Array) }])
    await store.flush()
    expect(await store.parts(refs)).toMatchObject([[{ state: 'current' }], [{ state: 'current' }]])
    expect((await store.parts(refs))[0]?.[0]).not.toHaveProperty('vector')
  })

  test('refused: what is no reference, and a store without an index', async () => {
    const { store } = await rig.current.start()
    await rejection(store.parts([{ namespace: [], key: 'k' }]), 'INVALID_ARGUMENT')
    const plain = await rig.current.startPlain()
    await rejection(plain.parts([]), 'NOT_SUPPORTED')
  })
})
