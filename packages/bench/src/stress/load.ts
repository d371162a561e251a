import { setTimeout } from 'node:timers/promises'
import type { Receipt, SearchMode, Store } from '@tandemstore/core'
import { createLatencyRecorder, type LatencyRecorder } from '../latency.js'
import { seededRandom } from '../random.js'
import type { StressOperation } from '../result.js'
import { ROOT, refOf } from '../workload/searches.js'
import { startThroughput, type Throughput } from '../workload/throughput.js'
import { createBreath } from '../workload/waiting.js'
import type { ErrorCount } from './errors.js'
import { nextStep, type Step } from './mix.js'
import type { Writes } from './writes.js'

export interface LoadOptions {
  readonly store: Store
  /** What documents change to, and what is searched for. */
  readonly texts: readonly string[]
  readonly queries: readonly string[]
  /** Of searches, drawn by chance. */
  readonly modes: readonly SearchMode[]
  readonly documents: number
  readonly concurrency: number
  readonly durationMs: number
  readonly seed: number
  readonly signal: AbortSignal
  readonly errors: ErrorCount
  readonly writes: Writes
  readonly onElapsed: (ms: number) => void
}

export interface Load {
  readonly latencies: Readonly<Record<StressOperation, LatencyRecorder>>
  /** The latencies of searches by mode. */
  readonly searches: ReadonlyMap<SearchMode, LatencyRecorder>
  readonly throughput: ReturnType<Throughput['end']>
  readonly operations: number
}

/** As a client would, a worker waits before it goes on after an error. */
const AFTER_ERROR_MS = 100

/**
 * Works on the store with many operations at the same time, many of them on the same documents. Errors are counted,
 * and do not end it.
 */
export async function runLoad(options: LoadOptions): Promise<Load> {
  const { concurrency, durationMs, seed, signal, errors, writes, onElapsed, modes } = options
  const recorder = (name: string): LatencyRecorder => createLatencyRecorder(seededRandom(seed, `latencies of ${name}`))
  const latencies = {
    put: recorder('put'),
    get: recorder('get'),
    delete: recorder('delete'),
    search: recorder('search'),
  }
  const searches = new Map(modes.map((mode) => [mode, recorder(`search by ${mode}`)]))
  const throughput = startThroughput()
  const begun = performance.now()

  const work = async (worker: number): Promise<void> => {
    const random = seededRandom(seed, `worker ${worker}`)
    const ofMode = seededRandom(seed, `modes of worker ${worker}`)
    const breath = createBreath(signal)
    for (;;) {
      await breath()
      const start = performance.now()
      onElapsed(Math.min(start - begun, durationMs))
      if (start - begun >= durationMs) return
      const step = nextStep(random, options.documents)
      const mode = at(modes, ofMode.fraction()) ?? 'vector'
      try {
        const receipt = await perform(step, mode, options)
        const ms = performance.now() - start
        latencies[step.operation].record(ms)
        if (step.operation === 'search') searches.get(mode)?.record(ms)
        throughput.add()
        if (receipt !== undefined) writes.accepted(step.operation, receipt)
      } catch (error) {
        signal.throwIfAborted()
        errors.add(step.operation, error)
        await setTimeout(AFTER_ERROR_MS, undefined, { signal })
      }
    }
  }
  // An abort ends all of them; waiting for each leaves none behind.
  const ends = await Promise.allSettled(Array.from({ length: concurrency }, (_, worker) => work(worker)))
  const measured = { throughput: throughput.end(), operations: throughput.done }
  signal.throwIfAborted()
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return { latencies, searches, ...measured }
}

async function perform(
  { operation, document, text }: Step,
  mode: SearchMode,
  { store, texts, queries, signal }: LoadOptions,
): Promise<Receipt | undefined> {
  const { namespace, key } = refOf(document)
  switch (operation) {
    case 'put':
      return store.put(namespace, key, { text: at(texts, text) ?? '' }, { signal })
    case 'delete':
      return store.delete(namespace, key, { signal })
    case 'get':
      await store.get(namespace, key, { signal })
      return undefined
    case 'search':
      await store.search(ROOT, { query: at(queries, text) ?? '', mode, limit: 10, signal })
      return undefined
  }
}

/** `place` is in [0, 1). */
function at<T>(items: readonly T[], place: number): T | undefined {
  return items[Math.floor(place * items.length)]
}
