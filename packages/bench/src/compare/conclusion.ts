import type { Corpus } from '../corpus/corpus.js'
import type { UnavailableEmbedder } from '../embedders/available.js'
import { holm } from '../metrics/significance.js'
import { short } from '../numbers.js'
import type { Estimate } from '../result.js'
import type { MeasuredEmbedder } from './measure-embedder.js'
import { significance } from './significance.js'

const ALPHA = 0.05
/** Two that surely differ by no more, in nDCG@10, are as good as one another. */
const MARGIN = 0.03
/** A loss of the store's index that is worth a word, in nDCG@10. */
const INDEX_LOSS = 0.01

export interface Compared {
  readonly measured: readonly MeasuredEmbedder[]
  readonly unavailable: readonly UnavailableEmbedder[]
  readonly corpus: Pick<Corpus, 'name' | 'queries'>
  readonly seed: number
}

/**
 * Which embedder to take, by how much it is better, whether that is sure and what it costs in speed and money. Of the
 * best and those that are as good (the whole interval of the difference lies within 0.03) it is the fastest. A
 * difference is sure where p, corrected by Holm for all comparisons with the best, is below 0.05. Where one is
 * neither, the queries are too few to choose by, which is not the same as being as good.
 */
export function concludeCompare({ measured, unavailable, corpus, seed }: Compared): string {
  const [best, ...others] = measured.toSorted((a, b) => ndcg(b) - ndcg(a))
  if (best === undefined) {
    return `Nothing can be said: ${unavailable.map(({ name, reason }) => `${name} cannot be had (${reason})`).join(', ')}.`
  }
  const compared = compareWith(best, others, corpus.queries.length, seed)
  const [next] = compared
  if (next === undefined) {
    return `${best.result.name} reaches nDCG@10 ${score(ndcg(best))} on ${corpus.name} at ${pace(best)}; compare it with another to know whether that is good.${indexLoss(best)}`
  }
  const open = compared.filter(({ verdict }) => verdict === 'open')
  if (open.length > 0) return undecided(best, open, corpus.queries.length)
  const equals = compared.filter(({ verdict }) => verdict === 'equal')
  if (equals.length === 0) {
    const { other, difference, pValue } = next
    return `Take ${best.result.name}: its nDCG@10 of ${score(ndcg(best))} is ${score(difference.mean)} better than that of ${other.result.name}, ${others.length === 1 ? 'the other' : 'the next best'}, which is significant (${p(pValue)}); it works at ${pace(best)}, against ${pace(other)}.${indexLoss(best)}`
  }
  return fastestOf(best, equals, corpus.queries.length)
}

interface ComparedWithBest {
  readonly other: MeasuredEmbedder
  readonly difference: Estimate
  /** Corrected for all comparisons with the best. */
  readonly pValue: number
  readonly verdict: 'worse' | 'equal' | 'open'
}

function compareWith(
  best: MeasuredEmbedder,
  others: readonly MeasuredEmbedder[],
  queries: number,
  seed: number,
): ComparedWithBest[] {
  const tests = others.map((other) => significance(best, other, seed))
  const corrected = holm(tests.map(({ pValue }) => pValue))
  // The least p that so many queries can give; with fewer, no difference would ever be seen.
  const canTell = 2 ** (1 - queries) * others.length < ALPHA
  return others.flatMap((other, i) => {
    const [test, pValue = 1] = [tests[i], corrected[i]]
    if (test === undefined) return []
    const { low, high } = test.difference
    const isEqual = canTell && Math.max(Math.abs(low), Math.abs(high)) <= MARGIN
    const verdict = pValue < ALPHA ? 'worse' : isEqual ? 'equal' : 'open'
    return [{ other, difference: test.difference, pValue, verdict } as const]
  })
}

function undecided(best: MeasuredEmbedder, open: readonly ComparedWithBest[], queries: number): string {
  const rivals = open.map(
    ({ other, difference, pValue }) =>
      `the ${score(ndcg(other))} of ${other.result.name} (difference ${score(difference.mean)}, between ${score(difference.low)} and ${score(difference.high)}, ${p(pValue)}; ${pace(other)})`,
  )
  const many = `${queries} ${queries === 1 ? 'query does' : 'queries do'}`
  return `${best.result.name} is ahead with an nDCG@10 of ${score(ndcg(best))} at ${pace(best)}, but ${many} not suffice to tell that from ${rivals.join(' or ')}: compare with more queries.${indexLoss(best)}`
}

function fastestOf(best: MeasuredEmbedder, equals: readonly ComparedWithBest[], queries: number): string {
  const chosen = [best, ...equals.map(({ other }) => other)].reduce((fastest, each) =>
    each.result.documentsPerSecond > fastest.result.documentsPerSecond ? each : fastest,
  )
  const rival = chosen === best ? (equals[0]?.other ?? best) : best
  const tested = equals.find(({ other }) => other === rival || other === chosen)
  const gap = `${score(tested?.difference.mean ?? 0)}, ${p(tested?.pValue ?? 1)}`
  return `Take ${chosen.result.name}: by ${queries} queries its nDCG@10 of ${score(ndcg(chosen))} is within ${MARGIN} of the ${score(ndcg(rival))} of ${rival.result.name} (difference ${gap}), and it is the ${equals.length === 1 ? 'faster' : 'fastest'} of them, at ${pace(chosen)} against ${pace(rival)}.${indexLoss(chosen)}`
}

const ndcg = ({ result }: MeasuredEmbedder): number => result.exact.ndcgAt10.mean

function pace({ result: { documentsPerSecond, latency, cost } }: MeasuredEmbedder): string {
  const price =
    cost === undefined || cost.perMillionTokens === 0 ? '' : ` and $${cost.perMillionTokens} a million tokens`
  return `${short(documentsPerSecond)} documents/s, ${short(latency.cold.p50)} ms a query${price}`
}

function indexLoss({ result: { exact, index } }: MeasuredEmbedder): string {
  const loss = exact.ndcgAt10.mean - index.ndcgAt10.mean
  return loss < INDEX_LOSS ? '' : ` The store's own search loses ${score(loss)} of it: tune its index.`
}

const score = (value: number): string => value.toFixed(3)
const p = (value: number): string => (value < 0.001 ? 'p < 0.001' : `p = ${value.toPrecision(2)}`)
