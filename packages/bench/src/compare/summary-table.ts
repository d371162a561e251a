import { count, short } from '../numbers.js'
import type { CompareReport, Estimate } from '../result.js'
import { formatTable } from '../table.js'
import { modeNames, searchesOf } from './mode-names.js'

const searchesHead = ['model', 'search', 'nDCG@10 (95 %)', 'R@10', 'R@100', 'MRR@10', 'to vector', 'p']

/** A comparison for a terminal: the table, what could not be had, warnings and the conclusion. */
export function formatComparison(
  report: Pick<CompareReport, 'embedders' | 'unavailable' | 'warnings' | 'conclusion'>,
): string {
  const { embedders, unavailable, warnings, conclusion } = report
  const head = [
    'model',
    'nDCG@10 (95 %)',
    'in store',
    'R@10',
    'R@100',
    'MRR@10',
    'docs/s',
    'cold p50/p95',
    'cached',
    'tokens',
    '$',
    'bytes',
    'hits',
  ]
  const rows = embedders.map(
    ({ name, exact, index, documentsPerSecond, latency, tokens, tokensEstimated, cost, ...each }) => [
      name,
      interval(exact.ndcgAt10),
      score(index.ndcgAt10),
      score(exact.recallAt10),
      score(exact.recallAt100),
      score(exact.mrrAt10),
      short(documentsPerSecond),
      `${short(latency.cold.p50)}/${short(latency.cold.p95)} ms`,
      `${short(latency.cached.p50)} ms`,
      `${tokensEstimated ? '~' : ''}${count(tokens)}`,
      cost === undefined ? '?' : short(cost.run),
      count(each.bytesPerVector),
      `${Math.round(each.cacheHitRate * 100)} %`,
    ],
  )
  const searches = embedders.flatMap((embedder) =>
    searchesOf(embedder).map(({ mode, quality, significance }) => [
      embedder.name,
      modeNames[mode],
      interval(quality.ndcgAt10),
      score(quality.recallAt10),
      score(quality.recallAt100),
      score(quality.mrrAt10),
      significance === undefined ? '' : signed(significance.difference),
      significance === undefined ? '' : significance.pValue.toPrecision(2),
    ]),
  )
  return [
    ...(rows.length > 0 ? [formatTable(head, rows), ''] : []),
    ...(searches.length > embedders.length ? [formatTable(searchesHead, searches), ''] : []),
    ...unavailable.map(({ name, reason }) => `Not compared: ${name} (${reason})`),
    ...warnings.map((warning) => `Note: ${warning}`),
    ...(unavailable.length + warnings.length > 0 ? [''] : []),
    conclusion,
  ].join('\n')
}

const score = ({ mean }: Estimate): string => mean.toFixed(3)
const signed = ({ mean }: Estimate): string => `${mean < 0 ? '' : '+'}${mean.toFixed(3)}`
const interval = ({ mean, low, high }: Estimate): string => `${mean.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`
