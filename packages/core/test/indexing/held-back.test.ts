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
  return { held: new HeldBack({ most: 4, forMs: 20, release: async (items) => void released.push(items) }), released }
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

test('what is in a hurry gathers while what went before is under way, and then goes on', async () => {
  const released: { items: number[]; end: () => void }[] = []
  const release = (items: number[]) => new Promise<void>((end) => released.push({ items, end }))
  const held = new HeldBack<number>({ most: 4, forMs: 20, gathers: true, release })
  held.add([1])
  held.hurry()
  await turn()
  held.add([2])
  held.hurry()
  held.add([3])
  held.hurry()
  await turn()
  expect(released.map(({ items }) => items)).toEqual([[1]])
  released[0]?.end()
  await turn()
  await turn()
  expect(released.map(({ items }) => items)).toEqual([[1], [2, 3]])
})

test('what is in a hurry gathers for no longer than what is in none', async () => {
  const released: number[][] = []
  const release = (items: number[]) => {
    released.push(items)
    return new Promise<void>(() => {})
  }
  const held = new HeldBack<number>({ most: 4, forMs: 20, gathers: true, release })
  held.add([1])
  held.hurry()
  await turn()
  held.add([2])
  held.hurry()
  await turn()
  expect(released).toEqual([[1]])
  vi.advanceTimersByTime(20)
  expect(released).toEqual([[1], [2]])
})
