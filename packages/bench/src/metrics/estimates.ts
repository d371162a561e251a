import { seededRandom } from '../random.js'
import type { Estimate, Quality } from '../result.js'
import type { QueryScores } from './scores.js'

const RESAMPLES = 2000

/**
 * The mean with its 95 % confidence interval by the percentile bootstrap: 2,000 samples of the queries, drawn with
 * replacement (Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13). The same seed draws the same
 * queries.
 */
export function estimate(values: ArrayLike<number>, seed: number): Estimate {
  if (values.length === 0) return { mean: 0, low: 0, high: 0 }
  const numbers = Float64Array.from(values)
  const random = seededRandom(seed, 'bootstrap')
  const means = new Float64Array(RESAMPLES)
  for (let sample = 0; sample < RESAMPLES; sample += 1) {
    let sum = 0
    for (let i = 0; i < numbers.length; i += 1) sum += numbers[random.integer(numbers.length)] as number
    means[sample] = sum / numbers.length
  }
  means.sort()
  const at = (quantile: number) => means[Math.round(quantile * (RESAMPLES - 1))] as number
  return { mean: mean(numbers), low: at(0.025), high: at(0.975) }
}

/** Each metric over all queries. */
export function quality(scores: readonly QueryScores[], seed: number): Quality {
  const columns = {
    ndcgAt10: new Float64Array(scores.length),
    recallAt10: new Float64Array(scores.length),
    recallAt100: new Float64Array(scores.length),
    mrrAt10: new Float64Array(scores.length),
  }
  for (const [query, { ndcgAt10, recallAt10, recallAt100, mrrAt10 }] of scores.entries()) {
    columns.ndcgAt10[query] = ndcgAt10
    columns.recallAt10[query] = recallAt10
    columns.recallAt100[query] = recallAt100
    columns.mrrAt10[query] = mrrAt10
  }
  return {
    ndcgAt10: estimate(columns.ndcgAt10, seed),
    recallAt10: estimate(columns.recallAt10, seed),
    recallAt100: estimate(columns.recallAt100, seed),
    mrrAt10: estimate(columns.mrrAt10, seed),
  }
}

/** 0 of nothing. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i += 1) sum += values[i] as number
  return values.length === 0 ? 0 : sum / values.length
}
