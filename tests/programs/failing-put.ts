/**
 * Puts documents while the embedder's key has expired. `wait`: the put fails, and the store is left open. `await`: the receipt is
 * awaited, and the third attempt succeeds. `room`: more documents than there is room for. The process has to end by itself: at once, or
 * when what is awaited is done.
 */
import { createStore, StoreError } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { fakeEmbedder, script } from '@tandemstore/testkit'

const [how] = process.argv.slice(2)
const embedder = script(fakeEmbedder())
const times = how === 'wait' ? Number.POSITIVE_INFINITY : 2
embedder.on('embed', () => Promise.reject(new StoreError('AUTHENTICATION', 'The key has expired')), { times })
const store = await createStore({
  collection: 'notes',
  kv: memoryKV(),
  vectors: memoryIndex(),
  embedder: embedder.port,
  maxPending: 2,
})
if (how === 'wait') {
  await store.put(['a'], '1', { title: 'red' }, { sync: 'wait' }).catch((error: StoreError) => {
    console.log(error.code)
  })
} else if (how === 'room') {
  const documents = ['1', '2', '3', '4'].map((key) => ({ namespace: ['a'], key, value: { title: 'red' } }))
  console.log((await store.putMany(documents)).written)
} else {
  const receipt = await store.put(['a'], '1', { title: 'red' })
  await receipt.indexed
  console.log('searchable')
}
