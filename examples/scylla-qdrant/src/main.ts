/** Documents in ScyllaDB or Cassandra, their vectors in Qdrant: what a store does, step by step. See README.md. */
import { setTimeout as wait } from 'node:timers/promises'
import { lruCache } from '@tandemstore/cache-lru'
import { createStore, type ScoredHit, type Store, StoreError } from '@tandemstore/core'
import { local } from '@tandemstore/embed-local'
import { qdrant } from '@tandemstore/qdrant'
import { scylla } from '@tandemstore/scylla'
import { type Memory, memories } from './memories.ts'
import { findServices, type Services } from './services.ts'

const services = await findServices()
if (services === undefined) {
  console.error('This example needs both databases; see above for how to get them.')
  process.exit(1)
}
try {
  await run(services)
} finally {
  await services.stop()
}

async function run({ cassandra, qdrant: index }: Services): Promise<void> {
  const { contactPoints, localDataCenter } = cassandra
  await using embedder = local()
  const options = {
    collection: 'memories',
    kv: scylla({
      contactPoints: [...contactPoints],
      localDataCenter,
      keyspace: 'tandem_example',
      replication: { class: 'NetworkTopologyStrategy', [localDataCenter]: 1 },
    }),
    vectors: qdrant({ url: index.url, apiKey: index.apiKey, collectionPrefix: 'tandem_example_' }),
    embedder,
    cache: lruCache({ maxEntries: 10_000 }),
    index: { fields: ['text'], filterable: { topic: 'keyword', year: 'integer' } },
  } as const

  step(1, `Open a store: documents in ${cassandra.origin}, vectors in Qdrant (${index.way}, ${index.url})`)
  await using store = await createStore<Memory>(options)
  const { ok, kv, vectors, space } = await store.health()
  say(`ok: ${ok}; documents ${ms(kv.latencyMs)}, vectors ${ms(vectors?.latencyMs)}; space ${space?.name}`)

  step(2, 'Store what is known of two users, and wait until it is searchable')
  const { written, failed, indexed } = await store.putMany(memories)
  say(`${written} written, ${failed.length} failed, ${await indexed} searchable`)

  step(3, 'Search by meaning; each user finds only their own')
  show(await store.search(['users', 'ada'], { query: 'what does she like to drink?', limit: 2 }))
  show(await store.search(['users', 'ben'], { query: 'what does he like to drink?', limit: 1 }))

  step(4, 'Filter inside of the search: travel, since 2024, of anybody')
  show(
    await store.search(['users'], { query: 'sitting on a train', filter: { topic: 'travel', year: { $gte: 2024 } } }),
  )

  step(5, 'Change a document, only if nobody else has; and see the change in the next search')
  await change(store)

  step(6, 'Let a document expire')
  const note = { text: 'Is in a meeting right now', topic: 'work', year: 2026 } as const
  const ttlMs = 1500
  const receipt = await store.put(['users', 'ada'], 'status', note, { ttlMs })
  const status = async (): Promise<boolean> => {
    const hits = await store.search(['users', 'ada'], { query: 'is she in a meeting?', after: receipt })
    return hits.some(({ document }) => document.key === 'status')
  }
  const before = await status()
  await wait(ttlMs)
  say(`found at first: ${before}; found after ${ttlMs} ms: ${await status()}`)

  step(7, 'End without indexing what was written, and let the next store do it')
  await using hasty = await createStore<Memory>({ ...options, sync: 'manual' })
  await hasty.put(['users', 'ben'], 'late', { text: 'Collects old maps of harbours', topic: 'work', year: 2026 })
  const { leftToRecovery } = await hasty.close()
  const { projected } = await store.recover()
  say(`left behind: ${leftToRecovery}; recovered: ${projected}`)
  show(await store.search(['users', 'ben'], { query: 'nautical charts', limit: 1 }))

  step(8, 'Compare every document with its vectors')
  say(JSON.stringify(await store.verify()))

  step(9, 'Delete both users, and look again')
  await (await store.deleteNamespace(['users'])).indexed
  const left = await store.search(['users'], { query: 'tea' })
  say(`found: ${left.length}; ${JSON.stringify(await store.verify())}`)

  const { embeddings, latency } = await store.stats()
  const embedded = embeddings?.texts.embedded
  say(`\nTexts embedded: ${embedded}; put: median ${ms(latency.put.p50)}; search: median ${ms(latency.search.p50)}`)
}

async function change(store: Store<Memory>): Promise<void> {
  const document = await store.get(['users', 'ada'], 'memory-0')
  if (document === undefined) throw new Error('memory-0 was stored in step 2')
  const value = { ...document.value, text: 'Has given up tea and drinks hot chocolate now', year: 2026 }
  const receipt = await store.put(['users', 'ada'], 'memory-0', value, { ifVersion: document.version })
  try {
    await store.put(['users', 'ada'], 'memory-0', document.value, { ifVersion: document.version })
  } catch (error) {
    if (!StoreError.isInstance(error) || error.code !== 'CONFLICT') throw error
    say(`a second change of the same version: ${error.code}`)
  }
  show(await store.search(['users', 'ada'], { query: 'what does she like to drink?', limit: 1, after: receipt }))
}

function step(number: number, what: string): void {
  say(`\n${number}. ${what}`)
}

function show(hits: readonly ScoredHit<Memory>[]): void {
  for (const { document, score } of hits)
    say(`   ${score.toFixed(2)}  ${document.namespace.join('/')}  ${document.value.text}`)
}

function ms(milliseconds: number | undefined): string {
  return `${milliseconds?.toFixed(1)} ms`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
