import { describe, expect, test } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { useRig } from '../../src/fixture.ts'

const createdAt = new Date('2020-01-02T03:04:05.678Z')
const updatedAt = new Date('2021-01-02T03:04:05.678Z')

describe.each(backendKinds)('times that documents bring along, $name', (kind) => {
  const rig = useRig(kind)

  test('are kept, in the index too, and the next put is of its own time', async () => {
    const { store } = await rig.current.start({ sync: 'wait', ttlMs: 60_000 })
    const expiresAt = new Date(Date.now() + 3_600_000)
    const { written, failed } = await store.putMany([
      { namespace: ['a'], key: 'k', value: { title: 'tea' }, createdAt, updatedAt, expiresAt },
    ])
    expect({ written, failed }).toEqual({ written: 1, failed: [] })
    expect(await store.get(['a'], 'k')).toMatchObject({ createdAt, updatedAt, expiresAt })
    await rig.current.expectInTandem()
    await store.put(['a'], 'k', { title: 'tea' })
    const after = await store.get(['a'], 'k')
    expect(after?.updatedAt.getTime()).toBeGreaterThan(updatedAt.getTime())
  })

  test('a time that has passed makes a document that nobody sees', async () => {
    const { store } = await rig.current.start({ sync: 'wait' })
    await store.putMany([{ namespace: ['a'], key: 'k', value: { title: 'tea' }, expiresAt: updatedAt }])
    expect(await store.get(['a'], 'k')).toBeUndefined()
    expect(await store.search(['a'], { query: 'tea' })).toEqual([])
  })

  test('what is no time is refused by name', async () => {
    const { store } = await rig.current.start()
    const bad = [new Date(Number.NaN), 5, 'yesterday', new Date(-1)]
    const documents = bad.map((time, i) => ({
      namespace: ['a'],
      key: `k${i}`,
      value: {},
      createdAt: time as unknown as Date,
    }))
    const { written, failed } = await store.putMany(documents)
    expect(written).toBe(0)
    expect(failed.map(({ error }) => error.message)).toEqual(
      bad.map((_, i) => expect.stringContaining(`documents[${i}].createdAt`)),
    )
  })
})
