import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { cacheKeyPrefix, hashText } from '../../src/embedding/cache-key.js'
import { createEmbeddingPipeline, type EmbeddingEvent } from '../../src/embedding/pipeline.js'
import type { EmbeddingCache } from '../../src/ports/embedding-cache.js'
import { embedMany, failLater, fakeEmbedder, manyTexts, vectorOf } from './fake-embedder.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function mapCache(
  more: Partial<EmbeddingCache> = {},
): EmbeddingCache & { map: Map<string, Float32Array>; reads: number[] } {
  const map = new Map<string, Float32Array>()
  const reads: number[] = []
  return {
    name: 'map',
    map,
    reads,
    getMany(keys) {
      reads.push(keys.length)
      return keys.map((key) => map.get(key))
    },
    setMany(entries) {
      for (const [key, vector] of entries) map.set(key, vector)
    },
    clear: () => map.clear(),
    size: () => ({ entries: map.size }),
    ...more,
  }
}

/** The same, but answering by promises after a while. */
function slowCache(ms: number) {
  const sync = mapCache()
  const later = <T>(value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms))
  return {
    ...sync,
    getMany: (keys: readonly string[]) => later(sync.getMany(keys) as (Float32Array | undefined)[]),
    setMany: async (entries: Parameters<EmbeddingCache['setMany']>[0]) => {
      await later(undefined)
      await sync.setMany(entries)
    },
  }
}

describe('a cache', () => {
  it('answers at once if it can, with the very vector it was given', async () => {
    const embedder = fakeEmbedder()
    const cache = mapCache()
    const pipeline = createEmbeddingPipeline({ embedder, cache })
    const vector = await pipeline.embed('a', 'document')
    expect(pipeline.embed('a', 'document')).toBe(vector)
    expect(pipeline.embed('a', 'document', { hash: hashText('a') })).toBe(vector)
    expect(await pipeline.embed('a', 'query')).toEqual(vectorOf('a', 'query'))
    expect(embedder.calls).toHaveLength(2)
    expect(pipeline.stats().cache).toMatchObject({
      hits: 2,
      misses: 2,
      errors: 0,
      hitRate: { lastMinute: 0.5, last5Minutes: 0.5, last15Minutes: 0.5 },
    })
  })

  it('is asked in bulk', async () => {
    const embedder = fakeEmbedder()
    const cache = mapCache()
    const pipeline = createEmbeddingPipeline({ embedder, cache })
    await embedMany(pipeline, ['a', 'b'], 'document', { hashes: [hashText('a'), hashText('b')] })
    const results = await embedMany(pipeline, ['a', 'c', 'b', 'a'], 'document')
    expect(results.map((each) => each.status === 'fulfilled' && each.value)).toEqual(
      ['a', 'c', 'b', 'a'].map((text) => vectorOf(text)),
    )
    expect(cache.reads).toEqual([2, 3])
    expect(embedder.calls.map((call) => call.texts)).toEqual([['a', 'b'], ['c']])
  })

  it('that answers later is asked once for the texts of a tick', async () => {
    const embedder = fakeEmbedder()
    const cache = slowCache(5)
    const pipeline = createEmbeddingPipeline({ embedder, cache })
    const first = pipeline.embed('x', 'document')
    await vi.advanceTimersByTimeAsync(20)
    await first
    const all = Promise.all(manyTexts(50).map((text) => pipeline.embed(text, 'document')))
    await vi.advanceTimersByTimeAsync(20)
    expect((await all)[7]).toEqual(vectorOf('t7'))
    expect(cache.reads).toEqual([1, 50])
    const hit = pipeline.embed('x', 'document')
    await vi.advanceTimersByTimeAsync(5)
    expect(await hit).toEqual(vectorOf('x'))
    expect(embedder.calls).toHaveLength(2)
  })

  it('is asked in vain for a text that nobody waits for any more', async () => {
    const embedder = fakeEmbedder()
    const pipeline = createEmbeddingPipeline({ embedder, cache: slowCache(5) })
    const quitter = new AbortController()
    const gone = embedMany(pipeline, ['a', 'b'], 'document', { signal: quitter.signal })
    const kept = pipeline.embed('b', 'document')
    quitter.abort()
    await gone
    await vi.advanceTimersByTimeAsync(5)
    expect(await kept).toEqual(vectorOf('b'))
    expect(embedder.calls.map((call) => call.texts)).toEqual([['b']])
    await vi.runAllTimersAsync()
    await pipeline.close()
  })

  it('is written before close resolves', async () => {
    const cache = slowCache(500)
    const pipeline = createEmbeddingPipeline({ embedder: fakeEmbedder(), cache })
    const vector = pipeline.embed('a', 'document')
    await vi.advanceTimersByTimeAsync(500)
    await vector
    expect(cache.map.size).toBe(0)
    const closed = pipeline.close()
    await vi.advanceTimersByTimeAsync(500)
    await closed
    expect(cache.map.size).toBe(1)
  })

  it('does not keep a failure', async () => {
    let fails = true
    const embedder = fakeEmbedder(() => (fails ? new Error('no') : 1))
    const cache = mapCache()
    const pipeline = createEmbeddingPipeline({ embedder, cache })
    await expect(pipeline.embed('a', 'document')).rejects.toMatchObject({ code: 'EMBEDDING_FAILED' })
    expect(cache.map.size).toBe(0)
    fails = false
    const again = pipeline.embed('a', 'document')
    await vi.advanceTimersByTimeAsync(1)
    expect(await again).toEqual(vectorOf('a'))
  })

  const broken: [string, Partial<EmbeddingCache>][] = [
    [
      'throws',
      {
        getMany: () => {
          throw new Error('broken')
        },
      },
    ],
    ['rejects', { getMany: () => failLater(new Error('broken')) }],
    ['gives too few', { getMany: () => [] }],
    ['gives no list', { getMany: () => undefined as never }],
    ['gives other lengths', { getMany: (keys) => keys.map(() => new Float32Array(3)) }],
    ['gives no vectors', { getMany: (keys) => keys.map(() => 'vector' as never) }],
    [
      'throws on writing',
      {
        setMany: () => {
          throw new Error('broken')
        },
      },
    ],
    ['rejects on writing', { setMany: () => failLater(new Error('broken')) }],
  ]
  it.each(broken)('that %s is a miss, counted and told', async (_, more) => {
    const events: EmbeddingEvent[] = []
    const pipeline = createEmbeddingPipeline({
      embedder: fakeEmbedder(),
      cache: mapCache(more),
      onEvent: (event) => events.push(event),
    })
    const vector = pipeline.embed('a', 'document')
    await vi.advanceTimersByTimeAsync(10)
    expect(await vector).toEqual(vectorOf('a'))
    expect(pipeline.stats().cache).toMatchObject({ hits: 0, misses: 1, errors: 1 })
    expect(events).toMatchObject([{ type: 'cache-error' }])
    await pipeline.close()
  })

  it('that hangs holds a text up for a second, and the next ones not at all', async () => {
    const hangs = () => new Promise<never>(() => undefined)
    const cache = mapCache({ getMany: hangs, setMany: hangs })
    const pipeline = createEmbeddingPipeline({ embedder: fakeEmbedder(), cache })
    const first = pipeline.embed('a', 'document')
    await vi.advanceTimersByTimeAsync(1000)
    expect(await first).toEqual(vectorOf('a'))
    expect(await pipeline.embed('b', 'document')).toEqual(vectorOf('b'))
    // Nothing is written to it either, which `close` would have to wait for.
    await pipeline.close()
    expect(pipeline.stats().cache).toMatchObject({ misses: 2, errors: 1 })
  })

  it('that hangs on a write is left alone, and waited for by close no longer than it is told to', async () => {
    const writes: string[] = []
    const cache = mapCache({
      setMany: (entries) => {
        writes.push(...entries.map(([key]) => key))
        return new Promise<never>(() => undefined)
      },
    })
    const pipeline = createEmbeddingPipeline({ embedder: fakeEmbedder(), cache })
    await pipeline.embed('a', 'document')
    const limit = new AbortController()
    let isClosed = false
    const closed = pipeline.close(limit.signal).then(() => {
      isClosed = true
    })
    await vi.advanceTimersByTimeAsync(1000)
    expect(isClosed).toBe(false)
    limit.abort()
    await closed
    await vi.advanceTimersByTimeAsync(10_000)
    expect(pipeline.stats().cache.errors).toBe(1)
    expect(writes).toHaveLength(1)
  })

  it('neither keeps nor gives vectors of zeros where the direction counts', async () => {
    const cache = mapCache()
    const zeros = (call: { texts: readonly string[] }) => ({ vectors: call.texts.map(() => [0, 0, 1e-60, 0]) })
    const broken = createEmbeddingPipeline({ embedder: fakeEmbedder(zeros), cache, metric: 'cosine' })
    const error = { code: 'EMBEDDING_FAILED', message: expect.stringContaining('zeros') }
    await expect(broken.embed('a', 'document')).rejects.toMatchObject(error)
    expect(cache.map.size).toBe(0)

    // Kept by a store that compares otherwise, where zeros are a vector like any other.
    const other = createEmbeddingPipeline({ embedder: fakeEmbedder(zeros), cache, metric: 'dot' })
    expect(await other.embed('a', 'document')).toEqual(new Float32Array(4))
    expect(cache.map.size).toBe(1)
    const mended = createEmbeddingPipeline({ embedder: fakeEmbedder(), cache, metric: 'cosine' })
    expect(await mended.embed('a', 'document')).toEqual(vectorOf('a'))
    expect(mended.stats().cache).toMatchObject({ hits: 0, misses: 1, errors: 1 })
  })

  it('forgets its hit rate after the minutes it is about', async () => {
    const pipeline = createEmbeddingPipeline({ embedder: fakeEmbedder(), cache: mapCache() })
    await pipeline.embed('a', 'document')
    await vi.advanceTimersByTimeAsync(80_000)
    await pipeline.embed('a', 'document')
    expect(pipeline.stats().cache.hitRate).toEqual({ lastMinute: 1, last5Minutes: 0.5, last15Minutes: 0.5 })
    await vi.advanceTimersByTimeAsync(16 * 60_000)
    expect(pipeline.stats().cache.hitRate).toEqual({
      lastMinute: undefined,
      last5Minutes: undefined,
      last15Minutes: undefined,
    })
  })
})

describe('cacheKeyPrefix', () => {
  const model = { provider: 'p', name: 'n', options: { a: 1, b: 2 } }
  it('does not depend on the order of names', () => {
    const same = { options: { b: 2, a: 1 }, name: 'n', provider: 'p' }
    expect(cacheKeyPrefix(same, 4, 'document')).toBe(cacheKeyPrefix(model, 4, 'document'))
  })
  it('tells models, lengths and purposes apart', () => {
    const keys = [
      cacheKeyPrefix(model, 4, 'document'),
      cacheKeyPrefix(model, 4, 'query'),
      cacheKeyPrefix(model, 5, 'document'),
      cacheKeyPrefix(model, undefined, 'document'),
      cacheKeyPrefix({ ...model, dtype: 'q8' }, 4, 'document'),
      cacheKeyPrefix({ ...model, options: { a: 1, b: 3 } }, 4, 'document'),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })
})
