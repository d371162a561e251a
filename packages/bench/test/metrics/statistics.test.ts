import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { estimate } from '../../src/metrics/estimates.js'
import { holm, randomisationTest } from '../../src/metrics/significance.js'
import { seededRandom } from '../../src/random.js'

const seed = 42
const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 })

describe('the bootstrap', () => {
  test('the interval holds the mean and lies between the extremes', () => {
    fc.assert(
      fc.property(scores, (values) => {
        const { mean, low, high } = estimate(values, seed)
        expect(low).toBeLessThanOrEqual(mean + 1e-9)
        expect(high).toBeGreaterThanOrEqual(mean - 1e-9)
        expect(low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9)
        expect(high).toBeLessThanOrEqual(Math.max(...values) + 1e-9)
      }),
      // Of few values that are mostly one, every sample may miss the others.
      { examples: [[[0, 1]], [[1]]] },
    )
  })

  test('equal values leave no doubt', () => {
    expect(estimate([0.25, 0.25, 0.25], seed)).toEqual({ mean: 0.25, low: 0.25, high: 0.25 })
  })

  test('comes near the normal interval of many values', () => {
    const random = seededRandom(1, 'test')
    const values = Array.from({ length: 400 }, () => random.fraction())
    const { mean, low, high } = estimate(values, seed)
    const sigma = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length / values.length)
    expect(low).toBeCloseTo(mean - 1.96 * sigma, 2)
    expect(high).toBeCloseTo(mean + 1.96 * sigma, 2)
  })

  test('the same seed gives the same interval, another one another', () => {
    const values = Array.from({ length: 50 }, (_, i) => Math.sin(i) ** 2)
    expect(estimate(values, 1)).toEqual(estimate(values, 1))
    expect(estimate(values, 1)).not.toEqual(estimate(values, 2))
  })
})

describe('the paired randomisation test', () => {
  /** Every way in which the signs can fall. */
  function exact(differences: readonly number[]): number {
    const seen = Math.abs(differences.reduce((sum, x) => sum + x, 0)) - 1e-9
    let asMuch = 0
    for (let signs = 0; signs < 2 ** differences.length; signs += 1) {
      const sum = differences.reduce((total, x, i) => total + ((signs >> i) & 1 ? x : -x), 0)
      if (Math.abs(sum) >= seen) asMuch += 1
    }
    return asMuch / 2 ** differences.length
  }

  test.each([
    [[0.5, 0.5, 0.5, 0.5, 0.5, 0.5]],
    [[0.1, -0.1, 0.2, 0.3, -0.05, 0.4, 0.1]],
    [[0.9, -0.1, 0, 0, 0.3, 0.2, -0.2, 0.4, 0.1, 0.7]],
    [[1, -1]],
  ])('comes near the exact probability of %j', (differences) => {
    expect(Math.abs(randomisationTest(differences, seed) - exact(differences))).toBeLessThan(0.02)
  })

  test('no difference at all is no evidence', () => {
    expect(randomisationTest([0, 0, 0], seed)).toBe(1)
    expect(randomisationTest([], seed)).toBe(1)
  })

  test('a difference on each of many queries is never by chance, and never impossible', () => {
    const p = randomisationTest(Array(60).fill(0.1), seed)
    expect(p).toBeCloseTo(1 / 10_001, 12)
  })

  test('neither the sign nor queries without a difference matter', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }), (values) => {
        const p = randomisationTest(values, seed)
        expect(p).toBeGreaterThan(0)
        expect(p).toBeLessThanOrEqual(1)
        expect(
          randomisationTest(
            values.map((x) => -x),
            seed,
          ),
        ).toBeCloseTo(p, 12)
        expect(randomisationTest([0, ...values, 0], seed)).toBe(p)
      }),
      { numRuns: 20 },
    )
  })
})

describe('the correction for several tests', () => {
  test('is that of a worked example', () => {
    // Sorted 0.005, 0.01, 0.03, 0.04: times 4, 3, 2 and 1, and never less than the one before.
    const expected = [0.03, 0.06, 0.06, 0.02]
    for (const [i, each] of holm([0.01, 0.04, 0.03, 0.005]).entries()) expect(each).toBeCloseTo(expected[i] ?? -1, 12)
  })

  test('leaves one test as it is, and stays below 1', () => {
    expect(holm([0.04])).toEqual([0.04])
    expect(holm([0.9, 0.8])).toEqual([1, 1])
    expect(holm([])).toEqual([])
  })
})
