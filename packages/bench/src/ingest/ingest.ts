import { lruCache } from '@tandemstore/cache-lru'
import { StoreError, type SyncMode } from '@tandemstore/core'
import { count } from '../numbers.js'
import { reportBase } from '../report.js'
import type { IngestReport, IngestRun } from '../result.js'
import { modesOf } from '../workload/keywords.js'
import { type BenchTexts, searchesWithin } from '../workload/texts.js'
import { type WorkloadOptions, withDefaults } from '../workload/workload.js'
import { concludeIngest } from './conclusion.js'
import { type MeasuredRun, measureRun } from './run.js'

export interface IngestOptions extends WorkloadOptions {
  readonly sync: SyncMode
  /** Numbers of documents, each a run of its own. */
  readonly sizes: readonly number[]
  /** Documents of the one-by-one baseline, at most; 0 leaves it out. */
  readonly baseline: number
  /** Searches after each run. */
  readonly searches: number
}

const WARM_UP_DOCUMENTS = 32
const WARM_UP_SEARCHES = 10

/**
 * Measures how fast documents become searchable, for each size: with an empty cache, with a full one, and one by one.
 */
export async function runIngest(given: IngestOptions): Promise<IngestReport> {
  const startedAt = new Date()
  const options = withDefaults(given)
  const { sizes, baseline, texts, progress, place, seed, configuration, keywords } = options
  const warnings = [...options.warnings]
  const usable = sizesWithin(texts, sizes, warnings)
  // The warm run has the cache of the cold one.
  const embedded = modesOf(keywords).filter((mode) => mode !== 'keyword').length
  const searches = searchesWithin(texts, options.searches, 2 * embedded, warnings)
  const runs: IngestRun[] = []
  let versions: MeasuredRun['versions'] = {}
  let asked = 0
  const measure = async (
    kind: IngestRun['kind'],
    documents: number,
    cache = newCache(documents, searches),
    perRun = searches,
  ): Promise<IngestRun> => {
    const measured = await measureRun({ ...options, kind, documents, cache, searches: perRun, firstQuery: asked })
    asked += embedded * perRun
    versions = measured.versions
    for (const each of measured.warnings) if (!warnings.includes(each)) warnings.push(each)
    return measured.run
  }
  try {
    // Not counted: the first calls load the model, and are compiled.
    await measure('cold', Math.min(WARM_UP_DOCUMENTS, ...usable), undefined, WARM_UP_SEARCHES)
    for (const documents of usable) {
      const cache = newCache(documents, searches)
      runs.push(await measure('cold', documents, cache), await measure('warm', documents, cache))
      const singly = Math.min(documents, baseline)
      if (singly === 0) continue
      const known = runs.find((run) => run.kind === 'one-by-one' && run.documents === singly)
      if (known === undefined) runs.push(await measure('one-by-one', singly))
      if (singly < documents)
        warnings.push(
          `One by one, ${count(singly)} documents were put instead of ${count(documents)}; compare the rates`,
        )
    }
  } finally {
    progress.end()
  }
  const compared = withSpeedup(runs, baseline)
  return {
    ...(await reportBase({ startedAt, seed, configuration, warnings, versions })),
    command: 'ingest',
    store: place.kind,
    embedder: options.embedderName,
    sync: options.sync,
    runs: compared,
    conclusion: concludeIngest(compared),
  }
}

/** In ascending order, none larger than the corpus. */
function sizesWithin({ name, count: available }: BenchTexts, sizes: readonly number[], warnings: string[]): number[] {
  const tooLarge = sizes.filter((size) => size > available)
  if (tooLarge.length > 0)
    warnings.push(
      `${name} has ${count(available)} documents, which are taken instead of ${tooLarge.map(count).join(', ')}`,
    )
  const usable = [...new Set(sizes.map((size) => Math.min(size, available)))].sort((a, b) => a - b)
  if (usable.length === 0 || (usable[0] ?? 0) < 1)
    throw new StoreError('CONFIGURATION', 'A size is a number of documents of at least 1', { field: 'sizes' })
  return usable
}

function withSpeedup(runs: readonly IngestRun[], baseline: number): IngestRun[] {
  return runs.map((run) => {
    const singly = Math.min(run.documents, baseline)
    const base = runs.find(({ kind, documents }) => kind === 'one-by-one' && documents === singly)
    return base === undefined || run.kind === 'one-by-one'
      ? run
      : { ...run, speedup: run.documentsPerSecond / base.documentsPerSecond }
  })
}

/** Large enough to forget nothing of two runs. */
function newCache(documents: number, searches: number): ReturnType<typeof lruCache> {
  return lruCache({ maxEntries: 100 * documents + 4 * searches + 1000 })
}
