import type { Metric, VectorMatch, VectorSpace } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { rejectionOf } from '../shared/expectations.js'
import { documentOf, keysFound, queryAll, store, type VectorContext, vectorOf } from './context.js'

/** What a score is, by its definition. */
function plainScore(metric: Metric, a: Float32Array, b: Float32Array): number {
  let [dot, squaresA, squaresB, apart] = [0, 0, 0, 0]
  for (let i = 0; i < a.length; i += 1) {
    const [x, y] = [a[i] as number, b[i] as number]
    dot += x * y
    squaresA += x * x
    squaresB += y * y
    apart += (x - y) ** 2
  }
  if (metric === 'dot') return dot
  if (metric === 'euclidean') return -Math.sqrt(apart)
  return squaresA === 0 || squaresB === 0 ? 0 : dot / Math.sqrt(squaresA * squaresB)
}

/** Numbers in [-1, 1) that are the same on every run (the linear congruential generator of Numerical Recipes). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
}

function randomVectors(count: number, dimensions: number, seed: number): Float32Array[] {
  const next = numbers(seed)
  return Array.from({ length: count }, () => {
    // Lengths differ, so that an index which normalises for the wrong metric is found out.
    const length = 1 + Math.abs(next()) * 3
    return Float32Array.from({ length: dimensions }, () => next() * length)
  })
}

async function fill(space: VectorSpace, vectors: readonly Float32Array[], version: () => string): Promise<void> {
  await store(
    space,
    vectors.map((vector, i) => documentOf({ namespace: ['n'], key: `k${i}` }, version(), vector)),
  )
}

function expectScores(
  metric: Metric,
  matches: readonly VectorMatch[],
  query: Float32Array,
  vectors: readonly Float32Array[],
): void {
  for (const [i, { key, score }] of matches.entries()) {
    const expected = plainScore(metric, query, vectors[Number(key.slice(1))] as Float32Array)
    expect(Math.abs(score - expected), `${key}: ${score}, by definition ${expected}`).toBeLessThan(1e-4)
    if (metric === 'cosine') expect(Math.abs(score)).toBeLessThanOrEqual(1)
    if (i > 0) expect(score).toBeLessThanOrEqual(matches[i - 1]?.score as number)
  }
}

function scores(metric: Metric): Check<VectorContext> {
  return {
    name: `${metric}: scores are those of the definition, best first, and minScore keeps to them`,
    async run({ fresh, version }) {
      const { space } = await fresh({ metric, dimensions: 6, filterable: {} })
      const vectors = randomVectors(30, 6, 1)
      await fill(space, vectors, version)
      for (const query of randomVectors(3, 6, 2)) {
        const all = await queryAll(space, { prefix: [], vector: query, limit: 50 })
        expect(all).toHaveLength(vectors.length)
        expectScores(metric, all, query, vectors)
        const [above, below] = [all[9]?.score as number, all[10]?.score as number]
        const best = await queryAll(space, { prefix: [], vector: query, limit: 50, minScore: (above + below) / 2 })
        expect(best.map(({ key }) => key)).toEqual(all.slice(0, 10).map(({ key }) => key))
        const { matches: five } = await space.query({ prefix: [], vector: query, limit: 5, now: 0 })
        expect(five.map(({ key }) => key)).toEqual(all.slice(0, 5).map(({ key }) => key))
      }
    },
  }
}

export const scoringChecks: readonly Check<VectorContext>[] = [
  scores('cosine'),
  scores('dot'),
  scores('euclidean'),
  {
    name: 'a vector finds itself and its opposite at the ends of the scale; a zero vector has the cosine 0',
    async run({ space, root, version }) {
      const query = vectorOf(0.1, -0.7, 1e-3, 25)
      const vectors = {
        same: query,
        scaled: query.map((x) => x / 1000),
        opposite: query.map((x) => -x),
        zero: vectorOf(0, 0, 0, 0),
      }
      await store(
        space,
        Object.entries(vectors).map(([key, vector]) => documentOf({ namespace: [root], key }, version(), vector)),
      )
      const found = new Map(
        (await queryAll(space, { prefix: [root], vector: query })).map(({ key, score }) => [key, score]),
      )
      expect(found.get('same')).toBeCloseTo(1, 5)
      expect(found.get('scaled')).toBeCloseTo(1, 5)
      expect(found.get('opposite')).toBeCloseTo(-1, 5)
      expect(found.get('zero')).toBeCloseTo(0, 5)
      for (const score of found.values()) expect(Math.abs(score)).toBeLessThanOrEqual(1)
    },
  },
  {
    name: 'the nearest are found: all of them by an exact index, nine of ten and the very nearest by another',
    async run({ index, fresh, version }) {
      const { space } = await fresh({ dimensions: 16, filterable: {} })
      const vectors = randomVectors(400, 16, 3)
      await fill(space, vectors, version)
      let found = 0
      const queries = randomVectors(10, 16, 4)
      for (const query of queries) {
        const ranked = vectors
          .map((vector, i) => ({ key: `k${i}`, score: plainScore('cosine', query, vector) }))
          .sort((a, b) => b.score - a.score)
        const { matches } = await space.query({ prefix: [], vector: query, limit: 10, now: 0 })
        expect(matches).toHaveLength(10)
        expectScores('cosine', matches, query, vectors)
        expect(matches[0]?.key).toBe(ranked[0]?.key)
        const best = new Set(ranked.slice(0, 10).map(({ key }) => key))
        found += matches.filter(({ key }) => best.has(key)).length
      }
      const recall = found / (queries.length * 10)
      expect(recall).toBeGreaterThanOrEqual(index.capabilities.exact ? 1 : 0.9)
    },
  },
  {
    name: 'a query with other dimensions is refused, and does no harm',
    async run({ space, root, version }) {
      await store(space, [documentOf({ namespace: [root], key: 'k' }, version(), vectorOf(1, 0, 0, 0))])
      for (const vector of [vectorOf(1, 0, 0), vectorOf(1, 0, 0, 0, 0)]) {
        await rejectionOf(() => space.query({ vector, prefix: [root], now: 0, limit: 1 }))
      }
      expect(await keysFound(space, { prefix: [root] })).toEqual(['k'])
    },
  },
]
