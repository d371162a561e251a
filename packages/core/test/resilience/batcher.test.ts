import { expect, test } from 'vitest'
import { Batcher } from '../../src/resilience/batcher.js'

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

/** Lets everything that waits for no batch run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const key = (item: string): string => item

test('beside a batch that runs, less than minBeside gathers until it ends', async () => {
  const { begun, run, end } = held()
  const batcher = new Batcher({ concurrency: 4, maxWeight: 10, minBeside: 3, key, run })
  batcher.add('a')
  await turn()
  batcher.add('b')
  batcher.add('c')
  await turn()
  expect(begun).toEqual([['a']])
  batcher.add('d')
  await turn()
  expect(begun).toEqual([['a'], ['b', 'c', 'd']])
  batcher.add('e')
  await end()
  expect(begun).toHaveLength(2)
  await end()
  expect(begun).toEqual([['a'], ['b', 'c', 'd'], ['e']])
})

test('a full batch goes on beside one that runs, though it weighs less than minBeside', async () => {
  const { begun, run } = held()
  const batcher = new Batcher({ concurrency: 4, maxWeight: 2, minBeside: 3, key, run })
  batcher.add('a')
  await turn()
  batcher.add('b')
  await turn()
  expect(begun).toEqual([['a']])
  batcher.add('c')
  await turn()
  expect(begun).toEqual([['a'], ['b', 'c']])
})

test('minBeside counts weight, and the batches of a neighbour', async () => {
  const first = held()
  const second = held()
  const neighbour = new Batcher({ concurrency: 1, maxWeight: 10, key, run: first.run })
  const weight = (item: string): number => item.length
  const batcher = new Batcher({ concurrency: 4, maxWeight: 10, minBeside: 3, neighbour, weight, key, run: second.run })
  neighbour.add('n')
  await turn()
  batcher.add('aa')
  await turn()
  expect(second.begun).toEqual([])
  await first.end()
  expect(second.begun).toEqual([['aa']])
  neighbour.add('m')
  batcher.add('bbb')
  await turn()
  expect(second.begun).toEqual([['aa'], ['bbb']])
  await second.end()
  await second.end()
  await first.end()
  expect([batcher.idle, neighbour.idle]).toEqual([true, true])
})
