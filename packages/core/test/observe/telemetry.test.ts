import { context, metrics, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createStore, type StoreEvents } from '../../src/index.js'
import { memoryIndex, memoryKV } from '../../src/memory/index.js'

const spans = new InMemorySpanExporter()
const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 1_000_000 })

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }))
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
})
afterAll(async () => {
  await reader.shutdown()
  trace.disable()
  metrics.disable()
  context.disable()
})

const secret = 'what nobody else may read'
const vector = Float32Array.of(1, 0)
const embedder = {
  model: { provider: 'test', name: 'unit' },
  dimensions: 2,
  embed: (texts: readonly string[]) => ({ vectors: texts.map(() => vector), tokens: texts.length * 3 }),
}

async function open() {
  const kept = new Map<string, Float32Array>()
  return createStore({
    collection: 'observed',
    kv: memoryKV(),
    vectors: memoryIndex(),
    embedder,
    embedding: { pricePerMillionTokens: 20 },
    reranker: { name: 'test/rerank', rerank: (_, texts) => texts.map(() => 0) },
    cache: {
      name: 'map',
      getMany: (keys) => keys.map((key) => kept.get(key)),
      setMany: (entries) => {
        for (const [key, value] of entries) kept.set(key, value)
      },
      clear: () => kept.clear(),
      size: () => ({ entries: kept.size, maxEntries: 100 }),
    },
  })
}

it('gives a span for each phase, below that of the operation, without content', async () => {
  await using store = await open()
  await store.put([secret], secret, { text: secret }, { sync: 'wait' })
  spans.reset()
  await store.search([], { query: secret, rerank: true })
  const finished = spans.getFinishedSpans()
  const search = finished.find(({ name }) => name === 'tandem.search')
  const below = finished.filter(({ parentSpanContext }) => parentSpanContext?.spanId === search?.spanContext().spanId)
  expect(below.map(({ name }) => name).sort()).toEqual([
    'tandem.embed',
    'tandem.hydrate',
    'tandem.indexQuery',
    'tandem.rerank',
  ])
  const rerank = finished.find(({ name }) => name === 'tandem.rerank')
  expect(rerank?.attributes).toMatchObject({ 'tandem.reranker': 'test/rerank', 'tandem.texts': 1 })
  const embed = finished.find(({ name }) => name === 'tandem.embed')
  expect(embed?.attributes).toMatchObject({ 'tandem.model': 'test/unit', 'tandem.texts': 1, 'tandem.purpose': 'query' })
  expect(JSON.stringify(finished.map(({ name, attributes, events }) => ({ name, attributes, events })))).not.toContain(
    secret,
  )
})

it('says of a failed operation which error it was', async () => {
  await using store = await open()
  spans.reset()
  await expect(store.put([], 'key', {})).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  expect(spans.getFinishedSpans()[0]?.attributes).toMatchObject({ 'error.type': 'INVALID_ARGUMENT' })
})

it('reports counters while the store is open', async () => {
  const store = await open()
  await store.put(['a'], 'one', { text: 'same' }, { sync: 'wait' })
  await store.put(['a'], 'two', { text: 'same' }, { sync: 'wait' })
  await store.flush()
  await store.search(['a'], { query: 'same', rerank: true })
  await reader.forceFlush()
  const points = new Map(
    measured
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap(({ metrics: all }) => all)
      .map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.find(({ attributes }) => attributes['tandem.collection'] === 'observed')?.value,
      ]),
  )
  expect(points.get('tandem.documents.written')).toBe(2)
  // Those of the documents, and the query.
  expect(points.get('tandem.embedding.texts')).toBe(2)
  expect(points.get('tandem.embedding.tokens')).toBe(6)
  expect(points.get('tandem.cache.hits')).toBe(1)
  expect(points.get('tandem.rerank.texts')).toBe(2)
  expect(points.get('tandem.rerank.degraded')).toBe(0)
  expect(points.get('tandem.index.pending')).toBe(0)
  expect(points.has('tandem.duration')).toBe(true)
  await store.close()
})

it('counts what was spent and saved, and sums up the cache once on closing', async () => {
  const store = await open()
  await store.put(['a'], 'one', { text: 'same' }, { sync: 'wait' })
  await store.put(['a'], 'two', { text: 'same' }, { sync: 'wait' })
  const { embeddings } = await store.stats()
  expect(embeddings).toMatchObject({
    model: 'test/unit',
    savedTokens: 3,
    cost: { spent: (3 * 20) / 1e6, saved: (3 * 20) / 1e6 },
  })
  const closed: StoreEvents['closed'][] = []
  store.on('closed', (event) => closed.push(event))
  await store.close()
  await store.close()
  expect(closed).toEqual([{ leftToRecovery: 0, cache: { size: 1, maxSize: 100, hits: 1, misses: 1, hitRate: 0.5 } }])
})
