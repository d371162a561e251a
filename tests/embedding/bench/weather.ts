/**
 * How much longer 20,000 documents take when of the requests a tenth are told to wait 200 ms, a twentieth fail and a hundredth hang until their
 * time-out of a second. Over HTTP on this machine; `latency` is added to every request. The last column is the time beyond one time-out, as a multiple of
 * the time without faults.
 *
 * Run: node embedding/bench/weather.ts [documents]
 */
import { createStore } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { startEmbeddingServer } from '@tandemstore/testkit/services'
import { randomFrom } from '../../src/random.ts'
import { roughWeather, tapWire } from '../wire.ts'

interface Setting {
  readonly batch: number
  readonly concurrency: number
  readonly latencyMs: number
}

const TIMEOUT_MS = 1000
const documents = Number(process.argv[2] ?? 20_000)
const settings: readonly Setting[] = [
  { batch: 50, concurrency: 8, latencyMs: 100 },
  { batch: 50, concurrency: 8, latencyMs: 300 },
  { batch: 100, concurrency: 5, latencyMs: 300 },
  { batch: 100, concurrency: 5, latencyMs: 800 },
]

async function ingest({ batch, concurrency, latencyMs }: Setting, rough: boolean) {
  await using server = await startEmbeddingServer()
  const wire = tapWire(server, { latencyMs })
  await using store = await createStore({
    collection: 'weather',
    kv: memoryKV(),
    vectors: memoryIndex(),
    embedder: wire.openai({ model: 'text-embedding-3-small', dimensions: 16 }),
    index: { fields: ['text'] },
    embedding: { concurrency, maxBatchSize: batch, attemptTimeoutMs: TIMEOUT_MS + latencyMs },
    maxPending: batch * concurrency * 4,
  })
  if (rough) server.next(...roughWeather((documents / batch) * 2, randomFrom(7)))
  const startedAt = performance.now()
  const { indexed } = await store.putMany(
    (function* () {
      for (let i = 0; i < documents; i += 1) yield { namespace: ['notes'], key: `${i}`, value: { text: `note ${i}` } }
    })(),
  )
  if ((await indexed) !== documents) throw new Error('Not all documents are searchable')
  return { ms: performance.now() - startedAt, requests: wire.sent.length }
}

const rows = []
for (const setting of settings) {
  const calm = await ingest(setting, false)
  const rough = await ingest(setting, true)
  rows.push({
    ...setting,
    'calm, s': (calm.ms / 1000).toFixed(2),
    'rough, s': (rough.ms / 1000).toFixed(2),
    requests: `${calm.requests} / ${rough.requests}`,
    times: ((rough.ms - TIMEOUT_MS - setting.latencyMs) / calm.ms).toFixed(2),
  })
}
console.table(rows)
