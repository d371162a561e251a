import { createStore, type Store, StoreError } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { fail, fakeEmbedder, script } from '@tandemstore/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rejection } from '../../src/errors.ts'

/** One error for all: what a batch fails with is the reason of every call in it. */
const shared = new StoreError('KV_FAILED', 'The disk is full')

async function open() {
  const [kv, vectors, embedder] = [script(memoryKV()), script(memoryIndex()), script(fakeEmbedder())]
  const store = await createStore({
    collection: 'callers',
    kv: kv.port,
    vectors: vectors.port,
    embedder: embedder.port,
    embedding: { retries: 0 },
  })
  onTestFinished(async () => void (await store.close()))
  return { store, kv, vectors, embedder }
}

const refuses = (message: string) => fail(new StoreError('EMBEDDING_FAILED', message, { retryable: false }))

describe('the stack of an error of the store ends in the code that called it', () => {
  async function callsPut(store: Store, key: string) {
    await store.put(['a'], key, { text: 'red' })
  }
  async function callsPutToo(store: Store, key: string) {
    await store.put(['a'], key, { text: 'red' })
  }
  async function callsDelete(store: Store) {
    await store.delete(['a'], 'one')
  }
  async function callsSearch(store: Store) {
    await store.search([], { query: 'red' })
  }
  async function callsFlush(store: Store) {
    await store.flush()
  }

  test('a put and a delete, that are written in a batch', async () => {
    const { store, kv } = await open()
    kv.on('put', fail(shared))
    expect((await rejection(callsPut(store, 'one'), 'KV_FAILED')).stack).toContain('callsPut (')
    kv.on('delete', fail(shared))
    expect((await rejection(callsDelete(store), 'KV_FAILED')).stack).toContain('callsDelete (')
  })

  test('each of several that fail by one error, which stays as it was', async () => {
    const { store, kv } = await open()
    const before = shared.stack
    kv.on('put', fail(shared), { times: 2 })
    const [one, two] = await Promise.all([
      rejection(callsPut(store, 'one'), 'KV_FAILED'),
      rejection(callsPutToo(store, 'two'), 'KV_FAILED'),
    ])
    expect(one.stack).toContain('callsPut (')
    expect(one.stack).not.toContain('callsPutToo (')
    expect(two.stack).toContain('callsPutToo (')
    expect(shared.stack).toBe(before)
  })

  test('a search, whose query is embedded in a batch, and a flush, which tells of other calls', async () => {
    const { store, embedder } = await open()
    embedder.on('embed', refuses('no such query'))
    expect((await rejection(callsSearch(store), 'EMBEDDING_FAILED')).stack).toContain('callsSearch (')
    store.on('indexFailed', () => {})
    embedder.on('embed', refuses('no such text'))
    await store.put(['a'], 'one', { text: 'red' })
    expect((await rejection(callsFlush(store), 'EMBEDDING_FAILED')).stack).toContain('callsFlush (')
  })

  test('once, where it is there anyway', async () => {
    const { store } = await open()
    const callsWrongly = async () => void (await store.get(['a'], ''))
    const { stack = '' } = await rejection(callsWrongly(), 'INVALID_ARGUMENT')
    expect(stack.split('callsWrongly')).toHaveLength(2)
  })

  test('nothing else of it changes', async () => {
    const { store, kv } = await open()
    const cause = new Error('no space left')
    const original = new StoreError('UNAVAILABLE', 'The disk is full', {
      cause,
      retryable: false,
      retryAfterMs: 5,
      namespace: ['b'],
      key: 'k',
    })
    kv.on('put', fail(original))
    const error = await rejection(callsPut(store, 'one'), 'UNAVAILABLE')
    expect(error).toBeInstanceOf(StoreError)
    expect(StoreError.isInstance(error)).toBe(true)
    expect(error.toJSON()).toEqual(original.toJSON())
    expect(error.cause).toBe(cause)
    expect(Object.keys(error)).toEqual(Object.keys(original))
  })
})
