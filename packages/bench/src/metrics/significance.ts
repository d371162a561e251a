import { seededRandom } from '../random.js'
import { mean } from './estimates.js'

const ROUNDS = 10_000

/**
 * Two-sided p-value of Fisher's paired randomisation test on the mean difference: of 10,000 rounds, in which each
 * query's two scores change places or not by chance, how many differ as much as was seen; the observed one counts as
 * a round, so it is never 0 (Smucker, Allan and Carterette, A Comparison of Statistical Significance Tests for
 * Information Retrieval Evaluation, 2007).
 *
 * @param differences Per query, one system's score less the other's.
 */
export function randomisationTest(differences: readonly number[], seed: number): number {
  // Queries on which both score the same stay what they are in every round.
  const sizes = Float64Array.from(differences.filter((each) => each !== 0))
  const seen = Math.abs(mean(sizes)) * sizes.length
  // Sums in another order differ in the last digits; these count as equal.
  const least = seen - 1e-9 * Math.max(1, seen)
  const random = seededRandom(seed, 'randomisation')
  let asMuch = 1
  for (let round = 0; round < ROUNDS; round += 1) {
    let sum = 0
    let signs = 0
    for (let i = 0; i < sizes.length; i += 1) {
      if (i % 16 === 0) signs = random.integer(0x10000)
      sum += (signs & 1) === 1 ? (sizes[i] as number) : -(sizes[i] as number)
      signs >>= 1
    }
    if (Math.abs(sum) >= least) asMuch += 1
  }
  return asMuch / (ROUNDS + 1)
}

/**
 * p-values of several tests, each made as large as it must be so that 0.05 holds for all together: Holm, A Simple
 * Sequentially Rejective Multiple Test Procedure, 1979.
 */
export function holm(pValues: readonly number[]): number[] {
  const adjusted = pValues.map(() => 1)
  let most = 0
  const ascending = [...pValues.entries()].sort(([, a], [, b]) => a - b)
  for (const [rank, [place, pValue]] of ascending.entries()) {
    most = Math.max(most, Math.min(1, pValue * (pValues.length - rank)))
    adjusted[place] = most
  }
  return adjusted
}
