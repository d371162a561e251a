import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Stage } from '../../src/resilience/stage.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Batches that end when the test says so. */
function held() {
  const begun: string[][] = []
  const ends: (() => void)[] = []
  const run = (items: string[]): Promise<void> => {
    begun.push(items)
    return new Promise((resolve) => ends.push(resolve))
  }
  const end = async (): Promise<void> => {
    ends.shift()?.()
    await turn()
  }
  return { begun, run, end }
}

const key = (item: string): string => item.slice(0, 1)
const beside = { when: 'beside', weight: 3, ms: 100 } as const
const idle = { when: 'debounce', weight: 4, ms: 20 } as const

function addAll(stage: Stage<string>, ...items: string[]): void {
  for (const item of items) stage.add(item)
}

test('what is added in one run of code shares a batch, up to the bounds', async () => {
  const { begun, run } = held()
  const stage = new Stage({ concurrency: 3, maxWeight: 3, maxBytes: 10, bytes: (item) => item.length, run })
  addAll(stage, 'a', 'b', 'c', 'd', 'eeeeeeeeeeee', 'f')
  await turn()
  expect(begun).toEqual([['a', 'b', 'c'], ['d'], ['eeeeeeeeeeee']])
})

test('items of one key run one after the other, in order, and hold up no others', async () => {
  const { begun, run, end } = held()
  const stage = new Stage({ concurrency: 3, maxWeight: 10, key, run })
  stage.add('a1')
  await turn()
  addAll(stage, 'a2', 'b1', 'a3')
  await turn()
  expect(begun).toEqual([['a1'], ['b1']])
  await end()
  expect(begun).toEqual([['a1'], ['b1'], ['a2']])
  await end()
  await end()
  expect(begun).toEqual([['a1'], ['b1'], ['a2'], ['a3']])
})

test('an item that has not begun can be withdrawn', async () => {
  const { begun, run, end } = held()
  const stage = new Stage({ concurrency: 1, run })
  stage.add('a')
  await turn()
  addAll(stage, 'b', 'c')
  expect([stage.withdraw('b'), stage.withdraw('a')]).toEqual([true, false])
  await end()
  expect(begun).toEqual([['a'], ['c']])
})

test('beside a batch that runs, less than the hold gathers until it ends', async () => {
  const { begun, run, end } = held()
  const stage = new Stage({ concurrency: 4, maxWeight: 10, hold: beside, run })
  stage.add('a')
  await turn()
  addAll(stage, 'b', 'c')
  await turn()
  expect(begun).toEqual([['a']])
  stage.add('d')
  await turn()
  expect(begun).toEqual([['a'], ['b', 'c', 'd']])
  stage.add('e')
  await end()
  expect(begun).toHaveLength(2)
  await end()
  expect(begun).toEqual([['a'], ['b', 'c', 'd'], ['e']])
})

test('a batch that hangs holds those behind it up for no longer than the hold', async () => {
  const { begun, run } = held()
  const stage = new Stage({ concurrency: 4, maxWeight: 10, hold: beside, run })
  stage.add('a')
  await turn()
  stage.add('b')
  vi.advanceTimersByTime(99)
  await turn()
  expect(begun).toEqual([['a']])
  vi.advanceTimersByTime(1)
  await turn()
  expect(begun).toEqual([['a'], ['b']])
  // The next one is held again.
  stage.add('c')
  await turn()
  expect(begun).toHaveLength(2)
})

test('a full batch goes on beside one that runs, though it weighs less than the hold', async () => {
  const { begun, run } = held()
  const stage = new Stage({ concurrency: 4, maxWeight: 2, hold: beside, run })
  stage.add('a')
  await turn()
  stage.add('b')
  await turn()
  expect(begun).toEqual([['a']])
  stage.add('c')
  await turn()
  expect(begun).toEqual([['a'], ['b', 'c']])
})

test('the hold counts weight, and the batches of a neighbour', async () => {
  const first = held()
  const second = held()
  const neighbour = new Stage({ concurrency: 1, maxWeight: 10, run: first.run })
  const weight = (item: string): number => item.length
  const stage = new Stage({ concurrency: 4, maxWeight: 10, hold: beside, neighbour, weight, run: second.run })
  neighbour.add('n')
  await turn()
  stage.add('aa')
  await turn()
  expect(second.begun).toEqual([])
  await first.end()
  expect(second.begun).toEqual([['aa']])
  neighbour.add('m')
  stage.add('bbb')
  await turn()
  expect(second.begun).toEqual([['aa'], ['bbb']])
})

test('a debounce lets go of all together when its time is over', async () => {
  const { begun, run } = held()
  const stage = new Stage({ hold: idle, run })
  stage.add('a')
  vi.advanceTimersByTime(15)
  addAll(stage, 'b', 'c')
  await turn()
  expect(begun).toEqual([])
  vi.advanceTimersByTime(5)
  await turn()
  expect(begun).toEqual([['a', 'b', 'c']])
  vi.advanceTimersByTime(100)
  await turn()
  expect(begun).toHaveLength(1)
})

test('a debounce lets go at once when its weight is there', async () => {
  const { begun, run } = held()
  const stage = new Stage({ hold: idle, run })
  addAll(stage, 'a', 'b', 'c', 'd', 'e')
  await Promise.resolve()
  expect(begun).toEqual([['a', 'b', 'c', 'd', 'e']])
})

test('a debounce that is drained lets go at the end of the turn', async () => {
  const { begun, run, end } = held()
  const stage = new Stage({ hold: idle, run })
  stage.add('a')
  stage.drain()
  stage.add('b')
  await Promise.resolve()
  expect(begun).toEqual([])
  await turn()
  expect(begun).toEqual([['a', 'b']])
  await end()
  stage.drain()
  stage.add('c')
  await turn()
  expect(begun).toHaveLength(1)
})

test('what is drained beside a batch that runs gathers until that ends, or for as long as the hold', async () => {
  for (const ends of [true, false]) {
    const { begun, run, end } = held()
    const stage = new Stage({ hold: idle, run })
    stage.add('a')
    stage.drain()
    await turn()
    for (const item of ['b', 'c']) {
      stage.add(item)
      stage.drain()
    }
    await turn()
    expect(begun).toEqual([['a']])
    if (ends) await end()
    else vi.advanceTimersByTime(20)
    await turn()
    expect(begun).toEqual([['a'], ['b', 'c']])
  }
})
