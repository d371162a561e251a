import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HeldBack } from '../../src/indexing/held-back.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function holding(): { held: HeldBack<number>; released: number[][] } {
  const released: number[][] = []
  return { held: new HeldBack({ most: 4, forMs: 20, release: (items) => released.push(items) }), released }
}

test('lets go of all together when the time of the first is over', () => {
  const { held, released } = holding()
  held.add([1])
  vi.advanceTimersByTime(15)
  held.add([2, 3])
  expect(released).toEqual([])
  vi.advanceTimersByTime(5)
  expect(released).toEqual([[1, 2, 3]])
  vi.advanceTimersByTime(100)
  expect(released).toHaveLength(1)
})

test('lets go at once when many are held', () => {
  const { held, released } = holding()
  held.add([1, 2, 3])
  held.add([4, 5])
  expect(released).toEqual([[1, 2, 3, 4, 5]])
  held.add([6])
  vi.advanceTimersByTime(20)
  expect(released).toEqual([[1, 2, 3, 4, 5], [6]])
})

test('lets go at the end of the turn when somebody waits', async () => {
  const { held, released } = holding()
  held.add([1])
  held.hurry()
  held.add([2])
  expect(released).toEqual([])
  await turn()
  expect(released).toEqual([[1, 2]])
  held.hurry()
  await turn()
  expect(released).toHaveLength(1)
})
