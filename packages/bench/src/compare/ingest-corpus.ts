import { setInterval } from 'node:timers'
import type { ModelStats, Store } from '@tandemstore/core'
import type { ThroughputPoint } from '../result.js'
import { startThroughput } from '../workload/throughput.js'
import type { MeasureOptions } from './measure-embedder.js'
import type { PartialIngest } from './run-state.js'

/** All documents lie here, each under its number in the corpus. */
export const NAMESPACE = ['corpus']

export type CorpusStore = Store<{ readonly text: string }>

export interface IngestedCorpus {
  readonly documentsPerSecond: number
  readonly throughput: readonly ThroughputPoint[]
  /** Texts that needed no call of the embedder, 0 to 1. Of documents alone, as queries are asked twice on purpose. */
  readonly hitRate: number
  /** What earlier, broken runs used. */
  readonly earlierTokens: number
  readonly earlierEstimated: boolean
}

/** How much of the work a run that is killed may forget, milliseconds. */
const KEEP_EVERY_MS = 2000

/**
 * Puts every document, and waits until it is searchable. A document that cannot be embedded is a warning, as it
 * cannot be found; any other failure is thrown.
 */
export async function ingestCorpus(
  store: CorpusStore,
  { corpus, open, state, progress, signal }: MeasureOptions,
  warnings: string[],
): Promise<IngestedCorpus> {
  const { name } = open
  const before = state.partial ?? { texts: 0, durationMs: 0, tokens: 0, tokensEstimated: false }
  progress.begin(`${name}: documents`, corpus.documents.length, 'documents')
  const throughput = startThroughput()
  const startedAt = performance.now()
  const endListening = store.on('indexed', () => {
    throughput.add()
    progress.update(throughput.done)
  })
  // putMany tells of them below; unheard, the store would warn of them besides.
  const endFailures = store.on('indexFailed', () => {})
  let kept = Promise.resolve()
  const keep = (): void => {
    kept = kept.then(async () => state.keepPartial(after(before, await statsOf(store), performance.now() - startedAt)))
    kept.catch(() => {}) // Thrown below.
  }
  const timer = setInterval(keep, KEEP_EVERY_MS)
  try {
    const all = corpus.documents.map(({ text }, i) => ({ namespace: NAMESPACE, key: String(i), value: { text } }))
    const { failed } = await store.putMany(all, { signal })
    const [first] = failed
    for (const { error } of failed) if (error.code !== 'EMBEDDING_FAILED') throw error
    if (first !== undefined) {
      const of = `${failed.length} of ${all.length} documents`
      warnings.push(`${name}: ${of} cannot be embedded and are never found: ${first.error.message}`)
    }
  } finally {
    clearInterval(timer)
    endListening()
    endFailures()
    keep()
    await kept
    await state.cache.settled()
  }
  const { durationMs, points } = throughput.end()
  const { texts, cache } = await statsOf(store)
  const total = before.texts + texts.embedded
  if (before.texts > 0) {
    const { restored } = state.cache
    const lost = restored > before.texts ? `, but for ${restored - before.texts} texts, as it was killed` : ''
    warnings.push(
      `${name}: went on from an earlier run, which had embedded ${restored} texts; documents/s, tokens and cost are of both${lost}`,
    )
  }
  return {
    documentsPerSecond:
      before.texts === 0
        ? perSecond(throughput.done, durationMs)
        : // Of this run's documents, as many as texts were embedded: the others came from the file.
          perSecond((throughput.done * total) / Math.max(1, texts.requested), before.durationMs + durationMs),
    throughput: points,
    hitRate: (texts.shared + cache.hits) / Math.max(1, texts.requested),
    earlierTokens: before.tokens,
    earlierEstimated: before.tokensEstimated,
  }
}

function after(before: PartialIngest, { texts, tokens }: ModelStats, durationMs: number): PartialIngest {
  return {
    texts: before.texts + texts.embedded,
    durationMs: before.durationMs + durationMs,
    tokens: before.tokens + tokens.reported + tokens.estimated,
    tokensEstimated: before.tokensEstimated || tokens.estimated > 0,
  }
}

/** What a store with an embedder counts of it. */
export async function statsOf(store: CorpusStore): Promise<ModelStats> {
  const { embeddings } = await store.stats()
  if (embeddings === undefined) throw new Error('The store has no embedder')
  return embeddings
}

const perSecond = (count: number, ms: number): number => (count * 1000) / Math.max(1, ms)
