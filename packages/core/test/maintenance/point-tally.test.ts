import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PointTally } from '../../src/maintenance/point-tally.js'

const ids = fc.uniqueArray(fc.uuid(), { maxLength: 300 })

test('is even where both sides held the same ids, in any order, and at no id that only one side held', () => {
  fc.assert(
    fc.property(ids, ids, ids, (both, onlyAdded, onlyRemoved) => {
      const different = new Set([...onlyAdded, ...onlyRemoved].filter((id) => !both.includes(id)))
      const tally = new PointTally()
      for (const id of [...both, ...onlyAdded.filter((each) => different.has(each))]) tally.add(id)
      for (const id of [...onlyRemoved.filter((each) => different.has(each)), ...both.toReversed()]) tally.remove(id)
      const onBoth = new Set(onlyAdded.filter((id) => onlyRemoved.includes(id)))
      const uneven = [...different].filter((id) => !onBoth.has(id))
      expect(tally.allEven).toBe(uneven.length === 0)
      for (const id of uneven) expect(tally.isEven(id)).toBe(false)
    }),
  )
})

test('fewer than one id in ten shares a bucket with one of a few strays', () => {
  const tally = new PointTally()
  for (let i = 0; i < 50; i += 1) tally.add(`stray ${i}`)
  const met = Array.from({ length: 10_000 }, (_, i) => `document ${i}`).filter((id) => !tally.isEven(id))
  expect(met.length).toBeLessThan(1000)
})
