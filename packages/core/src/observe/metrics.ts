import { type BatchObservableResult, metrics, type Observable } from '@opentelemetry/api'
import type { IndexContext } from '../open/context.js'
import type { Outbox } from '../outbox/outbox.js'
import type { Reranking } from '../reranking/reranking.js'
import { INSTRUMENTATION } from './phase.js'
import type { Counters } from './stats.js'

/** Reports the store's counters to OpenTelemetry, where an SDK is registered. Gives the function that ends it. */
export function registerMetrics(
  collection: string,
  counters: Counters,
  outbox: Outbox,
  index: IndexContext | undefined,
  reranking: Reranking | undefined,
): () => void {
  const meter = metrics.getMeter(INSTRUMENTATION)
  const attributes = { 'tandem.collection': collection }
  const counter = (name: string, description: string, unit: string): Observable =>
    meter.createObservableCounter(`tandem.${name}`, { description, unit })
  const gauge = (name: string, description: string, unit: string): Observable =>
    meter.createObservableGauge(`tandem.${name}`, { description, unit })

  const written = counter('documents.written', 'Documents put or deleted.', '{document}')
  const failed = counter('index.failed', 'Changes that will not be searchable unless tried again by hand.', '{change}')
  const withoutText = counter(
    'index.without_text',
    'Changes that left a document without a text to index, which no search finds.',
    '{change}',
  )
  const open = gauge('index.pending', 'Changes accepted and not searchable yet.', '{change}')
  const delayed = gauge('index.delayed', 'Of these, changes that wait to be tried again.', '{change}')
  const degraded = counter(
    'search.degraded',
    'Hybrid searches answered by words alone, as their queries could not be embedded.',
    '{search}',
  )
  const hits = counter('cache.hits', 'Vectors found in the embedding cache.', '{vector}')
  const misses = counter('cache.misses', 'Vectors not found in the embedding cache.', '{vector}')
  const embedded = counter('embedding.texts', 'Texts embedded.', '{text}')
  const tokens = counter('embedding.tokens', 'Tokens embedded, as reported or else estimated.', '{token}')
  const reranked = counter('rerank.texts', 'Texts scored by the reranker.', '{text}')
  const unranked = counter('rerank.degraded', 'Searches that the reranker failed, which kept their order.', '{search}')
  const all = [
    written,
    failed,
    withoutText,
    open,
    delayed,
    degraded,
    hits,
    misses,
    embedded,
    tokens,
    reranked,
    unranked,
  ]

  const observe = (result: BatchObservableResult): void => {
    result.observe(written, counters.put + counters.deleted, attributes)
    result.observe(open, outbox.size, attributes)
    if (reranking !== undefined) {
      const { name, texts, searches } = reranking.stats()
      const ofReranker = { ...attributes, 'tandem.reranker': name }
      result.observe(reranked, texts, ofReranker)
      result.observe(unranked, searches.degraded, ofReranker)
    }
    if (index === undefined) return
    result.observe(failed, counters.indexFailed, attributes)
    result.observe(withoutText, counters.withoutText, attributes)
    result.observe(delayed, index.retries.documents, attributes)
    result.observe(degraded, counters.degraded, attributes)
    if (index.pipeline === undefined) return
    const stats = index.pipeline.stats()
    const ofModel = { ...attributes, 'tandem.model': index.model }
    result.observe(hits, stats.cache.hits, ofModel)
    result.observe(misses, stats.cache.misses, ofModel)
    result.observe(embedded, stats.texts.embedded, ofModel)
    result.observe(tokens, stats.tokens.reported + stats.tokens.estimated, ofModel)
  }
  meter.addBatchObservableCallback(observe, all)
  return () => meter.removeBatchObservableCallback(observe, all)
}
