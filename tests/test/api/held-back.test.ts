import { createStore, type Store, StoreError } from '@tandemstore/core'
import type { KVBackend, VectorIndex } from '@tandemstore/core/adapter'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { fakeEmbedder, type Script, script } from '@tandemstore/testkit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openRaw } from '../../src/raw.ts'

let store: Store
let embedder: ReturnType<typeof fakeEmbedder>
let kv: Script<KVBackend>
let vectors: Script<VectorIndex>

const ports = () => ({ collection: 'notes', kv: kv.port, vectors: vectors.port, embedder })

beforeEach(async () => {
  embedder = fakeEmbedder()
  kv = script(memoryKV())
  vectors = script(memoryIndex())
  store = await createStore(ports())
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

/** Until something was done that only microtasks and turns of the event loop are needed for. */
async function turns(isDone: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !isDone(); turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(isDone()).toBe(true)
}

const found = async (key: string) =>
  (await store.search(['a'], { query: `text of ${key}` })).some(({ document }) => document.key === key)

test('what is written in the background is searchable at once, and checked together with the rest of a second', async () => {
  for (const key of ['1', '2', '3']) {
    await put(key)
    vi.advanceTimersByTime(100)
    await turns(() => embedder.calls.length === Number(key))
  }
  await vi.waitUntil(() => found('3'))
  expect(kv.callsOf('removeIntents')).toHaveLength(0)
  const reads = kv.callsOf('get').length
  vi.advanceTimersByTime(1000)
  await turns(() => kv.callsOf('removeIntents').length > 0)
  // The searches read, too; nothing else has.
  expect(kv.callsOf('get').length).toBe(reads + 1)
  expect(kv.callsOf('removeIntents').map(([intents]) => intents.length)).toEqual([3])
})

test('a receipt that is read when its points are on their way, or there, does not wait for more', async () => {
  const [onItsWay, there] = [await put('1'), await put('2')]
  vi.advanceTimersByTime(100)
  const first = onItsWay.indexed
  await first
  await vi.waitUntil(() => found('2'))
  await there.indexed
  expect(vi.getTimerCount()).toBe(0)
})

test('a newer write takes over what was written and not checked yet', async () => {
  const first = await put('1')
  vi.advanceTimersByTime(100)
  await vi.waitUntil(() => found('1'))
  const second = await store.put(['a'], '1', { text: 'other text' })
  await Promise.all([first.indexed, second.indexed])
  await store.flush()
  expect(await store.verify()).toEqual({ checked: 1, missing: 0, stale: 0, orphaned: 0, repaired: 0 })
  expect((await store.stats()).index).toMatchObject({ pending: 0 })
  expect(kv.callsOf('removeIntents').flatMap(([intents]) => intents)).toHaveLength(2)
})

test('an awaited write whose rest is done by a newer one does not wait for more', async () => {
  const writing = vectors.hold('replace')
  const first = store.put(['a'], '1', { text: 'one' }, { sync: 'wait' })
  await writing.reached
  await put('1')
  writing.release()
  await first
  expect(vi.getTimerCount()).toBe(0)
  await store.flush()
  expect(await store.verify()).toMatchObject({ checked: 1, missing: 0, stale: 0, orphaned: 0 })
})

test('an operation that a newer one took over while intents were being removed is done once', async () => {
  const other = await createStore({
    collection: 'notes',
    kv: kv.port,
    vectors: memoryIndex(),
    embedder,
    sync: 'manual',
  })
  await put('moved')
  await put('current')
  vi.advanceTimersByTime(100)
  await vi.waitUntil(async () => (await found('moved')) && (await found('current')))
  await other.put(['a'], 'moved', { text: 'of the other' })
  const removal = kv.hold('removeIntents')
  const flushed = store.flush()
  await removal.reached
  const newer = await put('moved')
  const indexed = newer.indexed
  removal.release()
  await Promise.all([flushed, indexed])
  await store.flush()
  expect((await store.stats()).index).toMatchObject({ projected: 3, pending: 0 })
  // Nothing of it is under way any more, so what is broken now is seen.
  const raw = await kv.port.open('notes')
  await raw.delete([{ namespace: ['a'], key: 'moved', version: newer.version }])
  const [{ name: space = '' } = {}] = await raw.spaces()
  await raw.removeIntents((await raw.listIntents({ space, limit: 10 })).intents)
  expect(await store.verify({ repair: true })).toMatchObject({ orphaned: 1, repaired: 1 })
  await other.close()
})

test('a write that waits for room does not wait for more', async () => {
  const small = await createStore({
    collection: 'small',
    kv: memoryKV(),
    vectors: memoryIndex(),
    embedder,
    maxPending: 2,
  })
  await small.put(['a'], '1', { text: 'one' })
  vi.advanceTimersByTime(100)
  await vi.waitUntil(async () => (await small.search(['a'], { query: 'one' })).length === 1)
  await small.put(['a'], '2', { text: 'two' })
  // Both hold all the room, and are held back. No time passes, so the third gets room only if they go on for it.
  const calls = embedder.calls.length
  await small.put(['a'], '3', { text: 'three' })
  expect(embedder.calls.length).toBeGreaterThan(calls)
  expect((await small.stats()).index?.projected).toBeGreaterThanOrEqual(1)
  expect((await small.get(['a'], '3'))?.value).toEqual({ text: 'three' })
  await small.close()
})

test('what waits for its versions to be read does not wait for the intents of others to be removed', async () => {
  const removal = kv.hold('removeIntents')
  await (await put('1')).indexed
  await removal.reached
  await (await put('2')).indexed
  expect(vi.getTimerCount()).toBe(0)
  removal.release()
  await store.flush()
})

const intentsLeft = async () => (await openRaw({ kv: kv.port, vectors: vectors.port }, 'notes')).intents()

test('a check that fails is told by flush, and made again by the next one', async () => {
  await put('1')
  vi.advanceTimersByTime(100)
  await vi.waitUntil(() => found('1'))
  vi.useRealTimers()
  kv.on('get', () => Promise.reject(new StoreError('UNAVAILABLE', 'away', { retryable: true })), { times: 10 })
  await expect(store.flush()).rejects.toMatchObject({ code: 'UNAVAILABLE', key: '1', retryable: true })
  expect(await intentsLeft()).toHaveLength(1)
  await expect
    .poll(async () => {
      await store.flush()
      return intentsLeft()
    })
    .toEqual([])
  expect(await store.verify()).toMatchObject({ checked: 1, missing: 0, stale: 0, orphaned: 0 })
})

test('what is written and not checked when a store closes without waiting is left to recovery', async () => {
  const hurried = await createStore({ ...ports(), leaseMs: 300 })
  await hurried.put(['a'], '1', { text: 'text of 1' })
  vi.advanceTimersByTime(100)
  await vi.waitUntil(() => found('1'))
  vi.useRealTimers()
  const check = kv.hold('get')
  const closing = hurried.close({ timeoutMs: 0 })
  await check.reached
  expect(await closing).toEqual({ leftToRecovery: 1 })
  check.release()
  expect(await intentsLeft()).toHaveLength(1)
  await store.recover()
  expect(await intentsLeft()).toEqual([])
  expect(await store.verify()).toMatchObject({ checked: 1, missing: 0, stale: 0, orphaned: 0 })
})
