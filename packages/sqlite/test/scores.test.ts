import type { Metric } from '@tandemstore/core/adapter'
import { sqlite } from '@tandemstore/sqlite'
import { describe, expect, test } from 'vitest'
import { documentOf } from './support.js'

async function search(
  metric: Metric,
  stored: readonly (readonly (readonly number[])[])[],
  query: readonly number[],
  rest: { limit?: number; minScore?: number } = {},
): Promise<{ found: [key: string, score: number][]; more: boolean }> {
  const { vectors } = sqlite({ path: ':memory:' })
  const dimensions = query.length
  const space = await vectors.open({ name: 's', dimensions, metric, filterable: {} })
  const documents = stored.map((each, i) => documentOf({ namespace: ['n'], key: String(i).padStart(5, '0') }, 1, each))
  for (let i = 0; i < documents.length; i += 500) await space.replace(documents.slice(i, i + 500))
  const answer = await space.query({ vector: Float32Array.from(query), prefix: [], now: 0, limit: 100, ...rest })
  await space.close()
  return { found: answer.matches.map(({ key, score }) => [key, score]), more: answer.more }
}

describe('scores', () => {
  test('of each metric', async () => {
    const stored = [[[3, 4]], [[-3, -4]], [[4, -3]]]
    const cosine = await search('cosine', stored, [6, 8])
    expect(cosine.found).toEqual([
      ['00000', 1],
      ['00002', 0],
      ['00001', -1],
    ])
    const dot = await search('dot', stored, [6, 8])
    expect(dot.found).toEqual([
      ['00000', 50],
      ['00002', 0],
      ['00001', -50],
    ])
    const euclidean = await search('euclidean', stored, [6, 8])
    expect(euclidean.found.map(([key]) => key)).toEqual(['00000', '00002', '00001'])
    expect(euclidean.found[0]?.[1]).toBe(-5)
  })

  test('a zero vector, stored or asked for, scores 0 by cosine and by dot product', async () => {
    const stored = [[[-1, 0]], [[0, 0]], [[1, 0]]]
    expect((await search('cosine', stored, [1, 0])).found).toEqual([
      ['00002', 1],
      ['00001', 0],
      ['00000', -1],
    ])
    for (const metric of ['cosine', 'dot'] as const) {
      const { found } = await search(metric, stored, [0, 0])
      expect(found.map(([key, score]) => [key, score + 0])).toEqual([
        ['00000', 0],
        ['00001', 0],
        ['00002', 0],
      ])
    }
    expect((await search('euclidean', stored, [0, 0])).found.map(([key]) => key)).toEqual(['00001', '00000', '00002'])
  })

  test('numbers whose squares are too large or too small for 32 bits', async () => {
    for (const size of [1e30, 1e-30]) {
      const stored = [[[size, size]], [[size, 0]], [[1, 0.5]], [[-size, 0]]]
      for (const query of [
        [1, 0],
        [size, 0],
      ]) {
        const cosine = await search('cosine', stored, query)
        expect(cosine.found.map(([key]) => key)).toEqual(['00001', '00002', '00000', '00003'])
        expect(cosine.found[0]?.[1]).toBeCloseTo(1, 6)
        expect(cosine.found[2]?.[1]).toBeCloseTo(Math.SQRT1_2, 6)
        const dot = await search('dot', stored, query)
        const order = size > 1 ? ['00000', '00001', '00002', '00003'] : ['00002', '00000', '00001', '00003']
        expect(dot.found.map(([key]) => key)).toEqual(order)
        const last = size < 1 && query[0] !== 1 ? '00002' : size > 1 && query[0] === 1 ? '00000' : '00003'
        expect((await search('euclidean', stored, query)).found.at(-1)?.[0]).toBe(last)
      }
    }
  })

  test('dot products that are equal are ordered by key, though their vectors are of all lengths', async () => {
    const stored = Array.from({ length: 300 }, (_, i) => [[2, ((i * 7919) % 300) - 150]])
    const { found, more } = await search('dot', stored, [1, 0], { limit: 20 })
    expect(found).toEqual(Array.from({ length: 20 }, (_, i) => [String(i).padStart(5, '0'), 2]))
    expect(more).toBe(true)
  })

  test('differences below the rounding of 32 bits decide', async () => {
    const [one, next] = [1, 1 + 2 ** -23]
    const stored = Array.from({ length: 200 }, (_, i) => [[i === 150 ? next : one, 1000, 1000]])
    const { found } = await search('dot', stored, [1, 1000, 1000], { limit: 1 })
    expect(found).toEqual([['00150', 2_000_000 + next]])
  })
})

describe('documents', () => {
  test('one that has very many near points leaves room for the others', async () => {
    const crowd = Array.from({ length: 1000 }, (_, i) => [1, i / 1e6])
    const { found, more } = await search('cosine', [crowd, [[1, 1]], [[0, 1]], crowd], [1, 0], { limit: 3 })
    expect(found.map(([key]) => key)).toEqual(['00000', '00003', '00001'])
    expect(more).toBe(true)
  })

  test('a thousand that are all the same come in order', async () => {
    const stored = Array.from({ length: 1000 }, () => [[0.3, 0.4, 0.5]])
    const { found, more } = await search('cosine', stored, [0.5, 0.4, 0.3], { limit: 10 })
    expect(found.map(([key]) => key)).toEqual(Array.from({ length: 10 }, (_, i) => `0000${i}`))
    expect(more).toBe(true)
  })

  test('minScore is a bound that may be met', async () => {
    const stored = [[[3, 4]], [[4, 3]], [[0, 1]]]
    expect(await search('dot', stored, [5, 0], { minScore: 15 })).toEqual({
      found: [
        ['00001', 20],
        ['00000', 15],
      ],
      more: false,
    })
    expect((await search('dot', stored, [5, 0], { minScore: 15.000001 })).found).toHaveLength(1)
  })
})
