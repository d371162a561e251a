import { describe, expect, test } from 'vitest'
import { backendKinds } from '../../src/backends.ts'
import { useRig } from '../../src/fixture.ts'

describe.each(backendKinds)('the record of a space says what documents are indexed by, $name', (kind) => {
  const rig = useRig(kind)

  test('as the store that opened it last has it, and stays complete', async () => {
    await rig.current.start({ index: { fields: ['title'], filterable: { year: 'integer' } } })
    const records = async () => (await rig.current.raw.kv.spaces()).map(({ index, complete }) => ({ index, complete }))
    const first = { fields: ['title'], filterable: { year: 'integer' }, onTooLong: 'chunk' }
    expect(await records()).toEqual([{ index: first, complete: true }])
    await rig.current.start({ index: { fields: ['title', 'body'] }, embedding: { onTooLong: 'truncate' } })
    const second = { fields: ['title', 'body'], filterable: {}, onTooLong: 'truncate' }
    expect(await records()).toEqual([{ index: second, complete: true }])
    await rig.current.start({ index: { fields: ['title'], keywords: { language: 'english' } } })
    const third = { fields: ['title'], filterable: {}, onTooLong: 'chunk', keywords: { language: 'english' } }
    expect(await records()).toEqual([{ index: third, complete: true }])
    await rig.current.startPlain()
    expect(await records()).toEqual([{ index: third, complete: true }])
  })
})
