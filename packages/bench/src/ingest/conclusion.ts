import type { IngestRun } from '../result.js'

/** What the largest run says, in one sentence. */
export function concludeIngest(runs: readonly IngestRun[]): string {
  const largest = Math.max(...runs.filter(({ kind }) => kind !== 'one-by-one').map(({ documents }) => documents))
  const find = (kind: IngestRun['kind']): IngestRun | undefined =>
    runs.find((run) => run.kind === kind && run.documents === largest)
  const [cold, warm] = [find('cold'), find('warm')]
  if (cold === undefined) return 'Nothing was measured.'
  const { speedup, search } = cold
  const times = speedup === undefined ? '' : `, ${round(speedup)} times as fast as one by one`
  const cached = warm === undefined ? '' : `; with every vector cached it is ${round(warm.documentsPerSecond)}/s`
  return `${largest.toLocaleString('en')} documents become searchable at ${round(cold.documentsPerSecond)}/s${times}${cached}. A search among them takes ${round(search.p50)} ms at the median and ${round(search.p95)} ms at p95.`
}

function round(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}
