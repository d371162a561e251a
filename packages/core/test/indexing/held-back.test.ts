import { expect, test } from 'vitest'
import { HeldBack } from '../../src/indexing/held-back.ts'

test('lets go at the end of the turn, in order, and at once when many are held', async () => {
  const released: number[] = []
  const held = new HeldBack<number>((item) => released.push(item))
  held.add(1)
  held.add(2)
  await Promise.resolve()
  expect(released).toEqual([])
  await new Promise((resolve) => setImmediate(resolve))
  expect(released).toEqual([1, 2])
  for (let i = 3; i < 3 + 32; i += 1) held.add(i)
  expect(released).toHaveLength(34)
  await new Promise((resolve) => setImmediate(resolve))
  expect(released).toHaveLength(34)
})
