import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupByPartition } from '../src/group-by-partition.js'

const limits = { items: 4, bytes: 100 }

test('keeps every item once, those of a partition in order, and to its limits', () => {
  const item = fc.record({ partition: fc.constantFrom('a', 'b', 'c'), bytes: fc.nat(150) })
  fc.assert(
    fc.property(fc.array(item, { maxLength: 60 }), (items) => {
      const groups = groupByPartition(
        items,
        ({ partition }) => partition,
        limits,
        ({ bytes }) => bytes,
      )
      for (const partition of ['a', 'b', 'c'])
        expect(groups.flat().filter((each) => each.partition === partition)).toEqual(
          items.filter((each) => each.partition === partition),
        )
      for (const group of groups) {
        expect(new Set(group.map(({ partition }) => partition)).size).toBe(1)
        expect(group.length).toBeLessThanOrEqual(limits.items)
        const bytes = group.reduce((sum, each) => sum + each.bytes, 0)
        expect(group.length === 1 || bytes <= limits.bytes).toBe(true)
      }
    }),
  )
})
