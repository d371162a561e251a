import { expect, test } from 'vitest'
import { mergeSorted } from '../src/merge.js'

/** Sources of rising numbers, given by pages of `pageSize`. */
function merged(sources: readonly (readonly number[])[], pageSize: number, from = 0, fetches: number[] = []) {
  return mergeSorted<number, number>({
    sources: sources.length,
    from,
    fetch: async (source, start) => {
      fetches.push(source)
      const left = (sources[source] ?? []).filter((item) => item >= start)
      return { items: left.slice(0, pageSize), end: left.length < pageSize }
    },
    positionOf: (item) => item,
    compare: (a, b) => a - b,
    behind: (item) => item + 1,
  })
}

async function rest(source: { next(): Promise<number | undefined> }): Promise<number[]> {
  const all: number[] = []
  for (let next = await source.next(); next !== undefined; next = await source.next()) all.push(next)
  return all
}

test('items come in order over the sources, whatever the page', async () => {
  const numbers = Array.from({ length: 100 }, (_, i) => i)
  const sources = [0, 1, 2, 3].map((s) => numbers.filter((i) => (i * i + i) % 4 === s || (s === 3 && i % 7 === 0)))
  const expected = sources.flat().sort((a, b) => a - b)
  for (const pageSize of [1, 2, 5, 1000]) {
    expect(await rest(merged(sources, pageSize))).toEqual(expected)
    expect(await rest(merged(sources, pageSize, 42))).toEqual(expected.filter((i) => i >= 42))
  }
  expect(await rest(merged([], 1))).toEqual([])
  expect(await rest(merged([[], []], 1))).toEqual([])
})

test('skipTo passes over what lies before, without fetching it', async () => {
  const fetches: number[] = []
  const source = merged([Array.from({ length: 1000 }, (_, i) => i), [500, 2000]], 10, 0, fetches)
  expect(await source.next()).toBe(0)
  source.skipTo(990)
  expect(await source.next()).toBe(990)
  source.skipTo(5)
  expect(await rest(source)).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 2000])
  expect(fetches.length).toBeLessThan(8)
})

test('a source that fails ends it with its error', async () => {
  const source = mergeSorted<number, number>({
    sources: 2,
    from: 0,
    fetch: async (index) => {
      if (index === 1) throw new Error('source 1')
      return { items: [1], end: true }
    },
    positionOf: (item) => item,
    compare: (a, b) => a - b,
    behind: (item) => item + 1,
  })
  await expect(source.next()).rejects.toThrow('source 1')
})
