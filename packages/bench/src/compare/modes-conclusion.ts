import { holm } from '../metrics/significance.js'
import type { MeasuredEmbedder } from './measure-embedder.js'
import { modeNames, searchesOf } from './mode-names.js'

const ALPHA = 0.05

/**
 * What searching by words as well is worth, in one sentence, by the best search of all: how much better it is than by
 * vector with the same embedder. Empty where nothing but vectors was measured.
 */
export function concludeModes(measured: readonly MeasuredEmbedder[]): string {
  const all = measured.flatMap(({ result }) => searchesOf(result).map((search) => ({ name: result.name, ...search })))
  const tested = all.filter(({ significance }) => significance !== undefined)
  if (tested.length === 0) return ''
  const corrected = holm(tested.map(({ significance }) => significance?.pValue ?? 1))
  const best = all.reduce((top, each) => (ndcg(each) > ndcg(top) ? each : top))
  if (best.significance === undefined) return `No search by words does better than ${best.name} by vector.`
  const pValue = corrected[tested.indexOf(best)] ?? 1
  const { difference } = best.significance
  const told = `Of all searches, mode ${modeNames[best.mode]} with ${best.name} finds best: nDCG@10 ${ndcg(best).toFixed(3)}`
  const p = pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toPrecision(2)}`
  const more = `${Math.abs(difference.mean).toFixed(3)} ${difference.mean < 0 ? 'less' : 'more'} than by vector alone (${p})`
  return pValue < ALPHA ? `${told}, ${more}.` : `${told}, ${more}, which could be chance.`
}

const ndcg = ({ quality }: { readonly quality: { readonly ndcgAt10: { readonly mean: number } } }): number =>
  quality.ndcgAt10.mean
