import { count, short } from '../numbers.js'
import type { IngestRun } from '../result.js'

/** What the largest run says, in one sentence. */
export function concludeIngest(runs: readonly IngestRun[]): string {
  const largest = Math.max(...runs.filter(({ kind }) => kind !== 'one-by-one').map(({ documents }) => documents))
  const find = (kind: IngestRun['kind']): IngestRun | undefined =>
    runs.find((run) => run.kind === kind && run.documents === largest)
  const [cold, warm] = [find('cold'), find('warm')]
  if (cold === undefined) return 'Nothing was measured.'
  const { speedup, search } = cold
  const times = speedup === undefined ? '' : `, ${short(speedup)} times as fast as one by one`
  const cached = warm === undefined ? '' : `; with every vector cached it is ${short(warm.documentsPerSecond)}/s`
  const { wordSearch, recallAt10 } = cold
  const words =
    wordSearch === undefined
      ? ''
      : ` By words it takes ${short(wordSearch.keyword.p50)} ms, by both ${short(wordSearch.hybrid.p50)} ms.`
  const recall =
    recallAt10 === undefined ? '' : ` It finds ${(recallAt10 * 100).toFixed(1)} % of the ten nearest documents.`
  return `${count(largest)} documents become searchable at ${short(cold.documentsPerSecond)}/s${times}${cached}. A search ${wordSearch === undefined ? '' : 'by vector '}among them takes ${short(search.p50)} ms at the median and ${short(search.p95)} ms at p95.${recall}${words}`
}
