import { lruCache } from '@tandemstore/cache-lru'
import { type Store, StoreError } from '@tandemstore/core'
import { summarizeLatencies } from '../latency.js'
import { short } from '../numbers.js'
import { reportBase } from '../report.js'
import type { ProfileReport, Timeline } from '../result.js'
import { openBenchStore } from '../store/open-store.js'
import { fillStore } from '../workload/fill.js'
import { ROOT, refOf } from '../workload/searches.js'
import { type BenchTexts, searchesWithin } from '../workload/texts.js'
import { createBreath } from '../workload/waiting.js'
import { type WorkloadOptions, withDefaults } from '../workload/workload.js'
import { observedCache } from './observed-cache.js'
import { medianOf, toPhaseTimes, toTimeline } from './phases.js'
import { type Recorder, startRecorder } from './recorder.js'

export interface ProfileOptions extends WorkloadOptions {
  /** In the store before the first operation. */
  readonly documents: number
  /** Puts, and as many searches, or as there are queries. */
  readonly operations: number
}

type ProfiledOperation = ProfileReport['operations'][number]

const WARM_UP = 10

/**
 * Makes one put after the other, each awaited until it is searchable, then searches, and says where the time went.
 * Nothing is in the cache before.
 */
export async function runProfile(given: ProfileOptions): Promise<ProfileReport> {
  const startedAt = new Date()
  const options = withDefaults(given)
  const { place, embedder, documents, operations, texts, seed, configuration, signal, progress } = options
  const warnings = [...options.warnings]
  if (texts.count < documents + operations + WARM_UP)
    warnings.push(
      `${texts.name} has ${texts.count} documents, so that some texts are put twice and come from the cache`,
    )
  const searches = searchesWithin(texts, operations + WARM_UP, 1, warnings)
  const warmUp = Math.min(WARM_UP, Math.floor(searches / 2))
  const recorder = startRecorder()
  try {
    const cache = observedCache(lruCache({ maxEntries: 100_000 }), recorder.tracer)
    progress.begin('Opening the store', 1, 'stores')
    const bench = await openBenchStore({ ...place, embedder, cache, index: { fields: ['text'] }, signal })
    try {
      const { store } = bench
      warnings.push(...bench.warnings)
      progress.begin('Filling the store', documents, 'documents')
      await fillStore({ store, texts, documents, signal, onIndexed: progress.update })
      const run = async (
        operation: 'put' | 'search',
        warmUp: number,
        operations: number,
        call: (number: number) => Promise<unknown>,
      ): Promise<ProfiledOperation> => {
        progress.begin(operation === 'put' ? 'Putting' : 'Searching', operations, 'operations')
        const timelines = await record({
          recorder,
          operation,
          warmUp,
          operations,
          signal,
          call,
          onDone: progress.update,
        })
        return {
          operation,
          latency: summarizeLatencies(timelines.map(({ durationMs }) => durationMs)),
          phases: toPhaseTimes(timelines),
          timeline: medianOf(timelines) ?? { operation, durationMs: 0, phases: [] },
        }
      }
      const put = await run('put', WARM_UP, operations, (number) => putNext(store, texts, documents + number, signal))
      const search = await run('search', warmUp, searches - warmUp, (number) =>
        store.search(ROOT, { query: texts.query(number), limit: 10, signal }),
      )
      const stats = await store.stats()
      return {
        ...(await reportBase({ startedAt, seed, configuration, warnings, versions: bench.versions })),
        command: 'profile',
        store: place.kind,
        embedder: options.embedderName,
        operations: [put, search],
        stats,
        conclusion: [put, search].map(conclude).join(' '),
      }
    } finally {
      progress.begin('Deleting what was written', 1, 'stores')
      await bench.remove()
    }
  } finally {
    progress.end()
    await recorder.stop()
  }
}

function putNext(store: Store, texts: BenchTexts, number: number, signal: AbortSignal): Promise<unknown> {
  const { namespace, key } = refOf(number)
  return store.put(namespace, key, { text: texts.document(number) }, { sync: 'wait', signal })
}

interface Recording {
  readonly recorder: Recorder
  readonly operation: 'put' | 'search'
  /** Calls before, that are not counted. */
  readonly warmUp: number
  readonly operations: number
  readonly signal: AbortSignal
  readonly call: (number: number) => Promise<unknown>
  readonly onDone: (done: number) => void
}

/** One timeline for each operation; those that warm up first are not counted. */
async function record({
  recorder,
  operation,
  warmUp,
  operations,
  signal,
  call,
  onDone,
}: Recording): Promise<Timeline[]> {
  const breath = createBreath(signal)
  const timelines: Timeline[] = []
  for (let number = 0; number < warmUp + operations; number += 1) {
    await breath()
    recorder.take()
    await call(number)
    if (number < warmUp) continue
    const spans = recorder.take()
    const root = spans.find(({ name, parent }) => name === `tandem.${operation}` && parent === undefined)
    if (root === undefined) throw new StoreError('NOT_SUPPORTED', `The store has no spans of a ${operation}`)
    timelines.push(toTimeline(root, spans))
    onDone(timelines.length)
  }
  return timelines
}

function conclude({ operation, latency, phases }: ProfiledOperation): string {
  const [first, second] = phases.toSorted((a, b) => b.share - a.share)
  if (first === undefined) return ''
  const percent = (share: number): string => `${Math.round(share * 100)} %`
  const then = second === undefined ? '' : `, then ${second.phase} (${percent(second.share)})`
  const median = short(latency.p50)
  return `A ${operation} takes ${median} ms at the median; most of the time goes into ${first.phase} (${percent(first.share)})${then}.`
}
