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

/** One that has 1 under way until `end`, and holds 2 and 3, which are in a hurry. */
async function underWay(gathers: boolean): Promise<{ released: number[][]; end: () => void }> {
  const released: number[][] = []
  const first = Promise.withResolvers<void>()
  const release = (items: number[]): Promise<void> => {
    released.push(items)
    return first.promise
  }
  const held = new HeldBack<number>({ most: 4, forMs: 20, gathers, release })
  held.add([1])
  held.hurry()
  await turn()
  for (const item of [2, 3]) {
    held.add([item])
    held.hurry()
  }
  await turn()
  return { released, end: first.resolve }
}

test('what is in a hurry goes on beside what is under way', async () => {
  const { released } = await underWay(false)
  expect(released).toEqual([[1], [2, 3]])
})

test('what gathers waits in a hurry until what is under way has ended, and then goes on', async () => {
  const { released, end } = await underWay(true)
  expect(released).toEqual([[1]])
  end()
  await turn()
  await turn()
  expect(released).toEqual([[1], [2, 3]])
})

test('what gathers waits in a hurry for no longer than otherwise', async () => {
  const { released } = await underWay(true)
  expect(released).toEqual([[1]])
  vi.advanceTimersByTime(20)
  expect(released).toEqual([[1], [2, 3]])
})
