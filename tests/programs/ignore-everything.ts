/**
 * Writes to a store that fails in every way, awaits no receipt, and never closes it. A rejection that nobody handles would end it with an
 * error, and a timer that is left would keep it from ending at all.
 */
import { createStore, StoreError } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { fakeEmbedder, script } from '@tandemstore/testkit'

const always = { times: Number.POSITIVE_INFINITY }
const kv = script(memoryKV())
const vectors = script(memoryIndex())
const embedder = script(fakeEmbedder())
embedder.on('embed', () => Promise.reject(new StoreError('EMBEDDING_FAILED', 'The text is refused')), {
  ...always,
  where: (texts) => texts.some((text) => text.includes('refused')),
})
vectors.on('deletePrefix', () => Promise.reject(new StoreError('INDEX_FAILED', 'No deletion today')), always)
kv.on('removeIntents', () => Promise.reject(new StoreError('KV_FAILED', 'No removal today')))

const parts = {
  collection: 'notes',
  kv: kv.port,
  vectors: vectors.port,
  embedder: embedder.port,
  sync: 'background',
} as const
const store = await createStore(parts)
const documents = ['good', 'refused', 'better', 'refused too'].map((title) => ({
  namespace: ['a'],
  key: title,
  value: { title },
}))
for (const { namespace, key, value } of documents) await store.put(namespace, key, value)
await store.putMany(documents)
await store.deleteMany(documents.slice(1))
await store.deleteNamespace(['a'])
await store.put(['b'], '1', { title: 'refused' }, { sync: 'manual' })
await store.putMany(documents, { sync: 'manual' })
await store.put(['b'], '1', { title: 'x' }, { ifAbsent: true }).catch(() => {})
await store.flush().catch(() => {})

const closed = await createStore({ ...parts, collection: 'closed' })
embedder.on('embed', () => new Promise(() => {}), always)
await closed.put(['a'], '1', { title: 'never embedded' })
await closed.put(['a'], '2', { title: 'never embedded' }, { sync: 'manual' })
await closed.deleteNamespace(['b'])
await closed.close({ timeoutMs: 1 })
process.stdout.write('done\n')
