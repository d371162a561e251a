import { createStore } from '@tandemstore/core'
import { memoryIndex, memoryKV } from '@tandemstore/core/memory'
import { fakeEmbedder, script } from '@tandemstore/testkit'
import { describe, expect, test } from 'vitest'
import { rejection } from '../../src/errors.ts'

const collections = ['', 'A', '1a', '_a', 'a-b', 'a.b', 'é', 'a'.repeat(33), ' a', 'a\n', undefined, 1, ['a']]

const cases: readonly (readonly [name: string, field: string, options: object])[] = [
  ...collections.map(
    (collection) => [`collection ${JSON.stringify(collection)}`, 'collection', { collection }] as const,
  ),
  ['no KV', 'kv', { kv: undefined }],
  ['a KV that is none', 'kv', { kv: {} }],
  ['an index that is none', 'vectors', { vectors: {} }],
  ['vectors without an embedder', 'embedder', { embedder: undefined }],
  ['an embedder without vectors', 'vectors', { vectors: undefined }],
  ['a cache that is none', 'cache', { cache: {} }],
  ['a schema that is none', 'schema', { schema: {} }],
  ['an unknown option', 'options.colection', { colection: 'a' }],
  ['an unknown option of index', 'index.field', { index: { field: ['title'] } }],
  ['an unknown option of embedding', 'embedding.retry', { embedding: { retry: 1 } }],
  ['no fields', 'index.fields', { index: { fields: [] } }],
  ['a path that is none', 'index.fields[1]', { index: { fields: ['title', 'a['] } }],
  ['a path of another notation', 'index.fields[0]', { index: { fields: ['$.title'] } }],
  ['a path to a prototype', 'index.fields[0]', { index: { fields: ['constructor.name'] } }],
  ['an unknown metric', 'index.metric', { index: { metric: 'manhattan' } }],
  ['an unknown type of a filterable path', 'index.filterable.lang', { index: { filterable: { lang: 'text' } } }],
  ['an unknown mode', 'sync', { sync: 'later' }],
  ['a negative TTL', 'ttlMs', { ttlMs: -1 }],
  ['refreshTtlOnRead that is no boolean', 'refreshTtlOnRead', { refreshTtlOnRead: 1 }],
  ['no room at all', 'maxPending', { maxPending: 0 }],
  ['a lease that is too short', 'leaseMs', { leaseMs: 10 }],
  ['a negative settling time', 'settleMs', { settleMs: -1 }],
  ['a sweep without a pause', 'sweepMs', { sweepMs: 0 }],
  ['half a millisecond of drift', 'maxDriftMs', { maxDriftMs: 0.5 }],
  ['no concurrency', 'embedding.concurrency', { embedding: { concurrency: 0 } }],
  ['an unknown rate', 'embedding.rateLimit.perMinute', { embedding: { rateLimit: { perMinute: 1 } } }],
  ['a rate of 0', 'embedding.rateLimit.requestsPerMinute', { embedding: { rateLimit: { requestsPerMinute: 0 } } }],
  ['negative retries', 'embedding.retries', { embedding: { retries: -1 } }],
  ['an unknown way with long texts', 'embedding.onTooLong', { embedding: { onTooLong: 'drop' } }],
]

describe('options of createStore', () => {
  test.each(cases)('%s: INVALID_ARGUMENT names %s, and nothing is opened', async (_, field, wrong) => {
    const kv = script(memoryKV())
    const vectors = script(memoryIndex())
    const embedder = script(fakeEmbedder())
    const options = { collection: 'a', kv: kv.port, vectors: vectors.port, embedder: embedder.port, ...wrong }
    const error = await rejection(createStore(options), 'INVALID_ARGUMENT')
    expect(error.field).toBe(field)
    expect(error.message).toContain(field)
    expect([...kv.calls, ...vectors.calls, ...embedder.callsOf('embed')]).toEqual([])
  })

  test('what could be opened is closed again when the rest cannot', async () => {
    const kv = script(memoryKV())
    const vectors = script(memoryIndex())
    vectors.on('open', () => {
      throw new Error('no such server')
    })
    const options = { collection: 'a', kv: kv.port, vectors: vectors.port, embedder: fakeEmbedder() }
    const error = await rejection(createStore(options), 'INDEX_FAILED')
    expect(error.message).toContain('no such server')
    expect(kv.callsOf('close')).toHaveLength(1)
    // Nobody has to wait for its lease to run out.
    expect(await (await kv.port.open('a')).leases()).toEqual([])
  })

  test('an embedder that does not know its dimensions is asked once', async () => {
    const { dimensions: _, ...rest } = fakeEmbedder({ dimensions: 24 })
    const embedder = script(rest)
    const options = { collection: 'a', kv: memoryKV(), vectors: memoryIndex(), embedder: embedder.port }
    await using store = await createStore(options)
    expect((await store.health()).space).toMatchObject({ dimensions: 24 })
    expect(embedder.callsOf('embed')).toHaveLength(1)
  })
})
