import { createStore, type Store } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { fakeEmbedder } from '@tandemstore/testkit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

let store: Store
let embedder: ReturnType<typeof fakeEmbedder>

beforeEach(async () => {
  embedder = fakeEmbedder()
  store = await createStore({ collection: 'notes', kv: memoryKV(), vectors: memoryIndex(), embedder })
  // From here on no time passes unless a test says so.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(async () => {
  vi.useRealTimers()
  await store.close()
})

const put = (key: string) => store.put(['a'], key, { text: `text of ${key}` })

test('writes in the background that nobody waits for are embedded together', async () => {
  await put('1')
  await put('2')
  expect(embedder.calls).toHaveLength(0)
  vi.advanceTimersByTime(100)
  await store.flush()
  expect(embedder.calls.map(({ texts }) => texts.length)).toEqual([2])
})

test.each<[string, () => Promise<unknown>]>([
  ['a receipt', async () => (await put('1')).indexed],
  ['the result of putMany', async () => (await store.putMany([{ namespace: ['a'], key: '1', value: {} }])).indexed],
  ['a deletion', async () => (await store.delete(['a'], '1')).indexed],
  [
    'a flush',
    async () => {
      await put('1')
      await store.flush()
    },
  ],
  [
    'a flush from before',
    async () => {
      const writing = put('1')
      await Promise.all([store.flush(), writing])
    },
  ],
  ['a search after it', async () => store.search(['a'], { query: 'text', after: await put('1') })],
  ['mode wait', () => store.put(['a'], '1', { text: 'text' }, { sync: 'wait' })],
  [
    'closing',
    async () => {
      await put('1')
      expect(await store.close()).toEqual({ leftToRecovery: 0 })
    },
  ],
])('%s does not wait for more', async (_, waits) => {
  await waits()
  expect(vi.getTimerCount()).toBe(0)
})
