import type { Corpus } from '../corpus/corpus.js'
import type { UnavailableEmbedder } from '../embedders/available.js'
import type { ComparedEmbedder } from '../result.js'
import type { MeasuredEmbedder } from './measure-embedder.js'
import { significance } from './significance.js'

const ALPHA = 0.05
/** A loss of the store's index that is worth a word, in nDCG@10. */
const INDEX_LOSS = 0.01

export interface Compared {
  readonly measured: readonly MeasuredEmbedder[]
  readonly unavailable: readonly UnavailableEmbedder[]
  readonly corpus: Pick<Corpus, 'name' | 'queries'>
  readonly seed: number
}

/**
 * Which embedder to take, by how much it is better, whether that is sure and what it costs in speed and money. Of those that the queries cannot tell from the
 * best (p at or above 0.05, divided by the number of comparisons with it), it is the fastest.
 */
export function concludeCompare({ measured, unavailable, corpus, seed }: Compared): string {
  const ranked = measured.toSorted((a, b) => ndcg(b.result) - ndcg(a.result))
  const [best, ...others] = ranked
  if (best === undefined) {
    return `Nothing can be said: ${unavailable.map(({ name, reason }) => `${name} cannot be had (${reason})`).join(', ')}.`
  }
  const compared = others.map((other) => ({ other, ...significance(best, other, seed) }))
  const [next] = compared
  const losing = indexLoss(best.result)
  if (next === undefined) {
    return `${best.result.name} reaches nDCG@10 ${score(ndcg(best.result))} on ${corpus.name} at ${pace(best.result)}; compare it with another to know whether that is good.${losing}`
  }
  const equals = compared.filter(({ pValue }) => pValue >= ALPHA / others.length)
  const chosen = [best, ...equals.map(({ other }) => other)].reduce((fastest, each) =>
    each.result.documentsPerSecond > fastest.result.documentsPerSecond ? each : fastest,
  )
  if (equals.length === 0) {
    const { other, difference, pValue } = next
    return `Take ${best.result.name}: its nDCG@10 of ${score(ndcg(best.result))} is ${score(difference.mean)} better than that of ${other.result.name}, ${others.length === 1 ? 'the other' : 'the next best'}, which is significant (${p(pValue)}); it works at ${pace(best.result)}, against ${pace(other.result)}.${losing}`
  }
  const rival = chosen === best ? (equals[0]?.other ?? best) : best
  const tested = equals.find(({ other }) => other === rival || other === chosen)
  const gap = `${score(tested?.difference.mean ?? 0)}, ${p(tested?.pValue ?? 1)}`
  return `Take ${chosen.result.name}: the ${corpus.queries.length} queries do not tell its nDCG@10 of ${score(ndcg(chosen.result))} from the ${score(ndcg(rival.result))} of ${rival.result.name} (difference ${gap}), and it is the ${equals.length === 1 ? 'faster' : 'fastest'} of them, at ${pace(chosen.result)} against ${pace(rival.result)}.${indexLoss(chosen.result)}`
}

const ndcg = ({ exact }: Pick<ComparedEmbedder, 'exact'>): number => exact.ndcgAt10.mean

function pace({ documentsPerSecond, latency, cost }: MeasuredEmbedder['result']): string {
  const price =
    cost === undefined || cost.perMillionTokens === 0 ? '' : ` and $${cost.perMillionTokens} a million tokens`
  return `${short(documentsPerSecond)} documents/s, ${short(latency.cold.p50)} ms a query${price}`
}

function indexLoss({ exact, index }: MeasuredEmbedder['result']): string {
  const loss = exact.ndcgAt10.mean - index.ndcgAt10.mean
  return loss < INDEX_LOSS ? '' : ` The store's own search loses ${score(loss)} of it: tune its index.`
}

const score = (value: number): string => value.toFixed(3)
const short = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 3 })
const p = (value: number): string => (value < 0.001 ? 'p < 0.001' : `p = ${value.toPrecision(2)}`)
