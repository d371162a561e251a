import { expect, it } from 'vitest'
import { randomFrom } from '../src/random.ts'
import { notes, small, useEmbeddingServer } from './fixture.ts'
import { roughWeather } from './wire.ts'

const DOCUMENTS = 20_000
const CONCURRENCY = 8
const BATCH = 100
const fixture = useEmbeddingServer()

it('brings 20,000 documents through refusals, failures and hangs: each embedded once, never too many requests at a time', async () => {
  const { server, wire } = fixture
  const store = await fixture.open(wire.openai(small), {
    embedding: { concurrency: CONCURRENCY, maxBatchSize: BATCH, attemptTimeoutMs: 1000 },
  })
  server.next(...roughWeather((DOCUMENTS / BATCH) * 2, randomFrom(7)))

  const result = await store.putMany(notes(DOCUMENTS))
  expect(result).toMatchObject({ written: DOCUMENTS, failed: [] })
  expect(await result.indexed).toBe(DOCUMENTS)

  const embedded = wire.embedded()
  expect(embedded.size).toBe(DOCUMENTS)
  expect([...embedded].filter(([, times]) => times > 1)).toEqual([])
  expect(wire.mostInFlight).toBe(CONCURRENCY)
  const statuses = wire.sent.map(({ status }) => status)
  for (const status of [429, 500, undefined]) expect(statuses).toContain(status)
  expect((await store.stats()).embeddings).toMatchObject({ texts: { embedded: DOCUMENTS, failed: 0 } })
  const [hit] = await store.search(['notes'], { query: 'note 4711', limit: 1 })
  expect(hit?.document.key).toBe('4711')
})
