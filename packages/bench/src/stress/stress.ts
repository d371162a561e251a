import { lruCache } from '@tandemstore/cache-lru'
import type { VerifyResult } from '@tandemstore/core'
import { count } from '../numbers.js'
import { reportBase } from '../report.js'
import type { StressOperation, StressReport } from '../result.js'
import { openBenchStore } from '../store/open-store.js'
import { fillStore } from '../workload/fill.js'
import { indexOf, modesOf } from '../workload/keywords.js'
import { type WorkloadOptions, withDefaults } from '../workload/workload.js'
import { driftOf } from './drift.js'
import { countErrors } from './errors.js'
import { type Load, runLoad } from './load.js'
import { followWrites } from './writes.js'

export interface StressOptions extends WorkloadOptions {
  /** In the store before the time begins; no others are written after. */
  readonly documents: number
  /** Operations at the same time. */
  readonly concurrency: number
  readonly durationMs: number
}

/**
 * Texts that documents change to, for each document. With a cache for a part of them, some are embedded and some are
 * not.
 */
const TEXTS_PER_DOCUMENT = 4
const MAX_TEXTS = 20_000
const QUERIES = 2000

/**
 * Reads, writes, deletes and searches at the same time, for a while; then waits until all is searchable and compares
 * every document with its vectors.
 */
export async function runStress(given: StressOptions): Promise<StressReport> {
  const startedAt = new Date()
  const options = withDefaults(given)
  const {
    place,
    embedder,
    documents,
    texts,
    progress,
    signal,
    seed,
    configuration,
    concurrency,
    durationMs,
    keywords,
  } = options
  const errors = countErrors()
  const troubles = new Map<string, number>()
  progress.begin('Opening the store', 1, 'stores')
  const bench = await openBenchStore({
    ...place,
    embedder,
    cache: lruCache({ maxEntries: Math.max(1, documents) }),
    index: indexOf(keywords),
    signal,
  })
  try {
    const { store } = bench
    const trouble = (what: string): void => void troubles.set(what, (troubles.get(what) ?? 0) + 1)
    store.on('indexDelayed', ({ error }) => trouble(`attempts to index failed and were made again (${error.code})`))
    store.on('backgroundError', ({ during, error }) =>
      trouble(`errors in the background during ${during} (${error.code})`),
    )
    progress.begin('Filling the store', documents, 'documents')
    await fillStore({ store, texts, documents, signal, onIndexed: progress.update })
    const writes = followWrites(store, errors)
    progress.begin('Working on it', durationMs / 1000, 's')
    const load = await runLoad({
      store,
      texts: pool(Math.min(TEXTS_PER_DOCUMENT * documents, MAX_TEXTS, texts.count), texts.document),
      queries: pool(QUERIES, texts.query),
      modes: modesOf(keywords),
      documents,
      concurrency,
      durationMs,
      seed,
      signal,
      errors,
      writes,
      onElapsed: (ms) => progress.update(ms / 1000),
    })
    const left = writes.open
    progress.begin('Waiting until all is searchable', left, 'writes')
    const endListening = store.on('indexed', () => progress.update(Math.max(0, left - writes.open)))
    await writes.drain(signal)
    endListening()
    progress.begin('Comparing documents and vectors', documents, 'documents')
    const verify = await store.verify({ signal, onProgress: ({ checked }) => progress.update(checked) })
    const operations = Object.fromEntries(
      Object.entries(load.latencies).map(([name, recorder]) => [
        name,
        { latency: recorder.summary(), errors: errors.of(name as StressOperation) },
      ]),
    ) as StressReport['operations']
    const searches = Object.fromEntries(
      [...load.searches].map(([mode, recorder]) => [mode, recorder.summary()]),
    ) as NonNullable<StressReport['searches']>
    const warnings = [
      ...options.warnings,
      ...bench.warnings,
      ...errors.examples,
      ...[...troubles].map(([what, times]) => `${times} ${what}`),
    ]
    const { durationMs: took, points } = load.throughput
    const operationsPerSecond = (load.operations * 1000) / took
    return {
      ...(await reportBase({ startedAt, seed, configuration, warnings, versions: bench.versions })),
      command: 'stress',
      store: place.kind,
      embedder: options.embedderName,
      documents,
      concurrency,
      operations,
      ...(keywords !== false && { searches }),
      errors: errors.byCode,
      operationsPerSecond,
      throughput: points,
      verify,
      conclusion: conclude(load, operationsPerSecond, errors.total, verify),
    }
  } finally {
    progress.begin('Deleting what was written', 1, 'stores')
    await bench.remove().finally(progress.end)
  }
}

function pool(count: number, text: (number: number) => string): string[] {
  return Array.from({ length: count }, (_, i) => text(i))
}

function conclude({ operations }: Load, perSecond: number, errors: number, verify: VerifyResult): string {
  const drift = driftOf(verify)
  const done = `${count(operations)} operations, ${count(perSecond)}/s`
  if (errors === 0 && drift === 0) return `${done}, without an error, and every document agrees with its vectors.`
  const what = [
    ...(errors === 0 ? [] : [errors === 1 ? '1 error' : `${count(errors)} errors`]),
    ...(drift === 0
      ? []
      : [`${count(drift)} of ${count(verify.checked)} documents that do not agree with their vectors`]),
  ]
  return `${done}, with ${what.join(' and ')}: do not rely on this setup before that is understood.`
}
