import { estimate } from '../metrics/estimates.js'
import { randomisationTest } from '../metrics/significance.js'
import type { ComparedEmbedder, Significance } from '../result.js'
import type { MeasuredEmbedder } from './measure-embedder.js'

/** The difference of nDCG@10 to another's, query by query. Both are in the order of the corpus' queries. */
export function pairedTest(one: readonly number[], other: readonly number[], seed: number): Significance {
  const differences = one.map((score, i) => score - (other[i] ?? 0))
  return { metric: 'ndcgAt10', difference: estimate(differences, seed), pValue: randomisationTest(differences, seed) }
}

/** The difference in nDCG@10 of one embedder to another. */
export function significance(one: MeasuredEmbedder, other: MeasuredEmbedder, seed: number): Significance {
  return pairedTest(one.ndcgByQuery, other.ndcgByQuery, seed)
}

/** Adds to each but the first how sure its difference to the first is. */
export function withSignificance(measured: readonly MeasuredEmbedder[], seed: number): ComparedEmbedder[] {
  const [first] = measured
  return measured.map((each) =>
    first === undefined || each === first
      ? each.result
      : { ...each.result, significance: significance(each, first, seed) },
  )
}
