import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEmbeddingPipeline } from '../../src/embedding/pipeline.js'
import { embedMany, failLater, fakeEmbedder, manyTexts, resultOf, vectorOf } from './fake-embedder.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('embed and embedMany', () => {
  it('give each text its vector, whatever form the embedder has', async () => {
    const embedders = [
      fakeEmbedder(),
      fakeEmbedder(() => 10),
      fakeEmbedder((call) => ({ vectors: resultOf(call).vectors.map((vector) => [...vector]) })),
    ]
    for (const embedder of embedders) {
      const pipeline = createEmbeddingPipeline({ embedder })
      const one = pipeline.embed('a', 'query')
      const many = embedMany(pipeline, ['b', 'c', 'b'], 'document')
      await vi.advanceTimersByTimeAsync(100)
      expect(await one).toEqual(vectorOf('a', 'query'))
      expect(await many).toEqual(['b', 'c', 'b'].map((text) => ({ status: 'fulfilled', value: vectorOf(text) })))
      expect(await embedMany(pipeline, [], 'document')).toEqual([])
      expect(embedder.calls).toHaveLength(2)
    }
  })

  it('take a copy of a view, so that the embedder may use its buffer again', async () => {
    const buffer = new Float32Array(8)
    const pipeline = createEmbeddingPipeline({ embedder: fakeEmbedder(() => ({ vectors: [buffer.subarray(0, 4)] })) })
    buffer.fill(1)
    const vector = await pipeline.embed('a', 'document')
    buffer.fill(2)
    expect(vector).toEqual(new Float32Array([1, 1, 1, 1]))
  })

  it('refuse a text that is too long, and only that', async () => {
    const embedder = fakeEmbedder(resultOf, { maxInputTokens: 3 }, { countTokens: (text) => text.length })
    const pipeline = createEmbeddingPipeline({ embedder })
    const [long, short] = await embedMany(pipeline, ['long', 'ok'], 'document')
    expect(long).toMatchObject({ status: 'rejected', reason: { code: 'EMBEDDING_FAILED', retryable: false } })
    expect(short).toMatchObject({ status: 'fulfilled' })
    await expect(pipeline.embed('long', 'query')).rejects.toMatchObject({ code: 'EMBEDDING_FAILED' })
    expect(embedder.calls.flatMap((call) => call.texts)).toEqual(['ok'])
  })

  it('fail the text whose tokens cannot be counted', async () => {
    const countTokens = (text: string) => {
      if (text === 'odd') throw new Error('no such token')
      return 1
    }
    const pipeline = createEmbeddingPipeline({
      embedder: fakeEmbedder(resultOf, { maxInputTokens: 9 }, { countTokens }),
    })
    const [odd, even] = await embedMany(pipeline, ['odd', 'even'], 'document')
    expect(odd).toMatchObject({ reason: { code: 'EMBEDDING_FAILED', cause: { message: 'no such token' } } })
    expect(even).toMatchObject({ status: 'fulfilled' })
  })

  it.each([
    [{ concurrency: 0 }, 'embedding.concurrency'],
    [{ maxBatchSize: 1.5 }, 'embedding.maxBatchSize'],
    [{ retries: -1 }, 'embedding.retries'],
    [{ rateLimit: { tokensPerMinute: 0 } }, 'embedding.rateLimit.tokensPerMinute'],
  ])('refuse the options %j', (options, field) => {
    expect(() => createEmbeddingPipeline({ embedder: fakeEmbedder(), options })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', field }),
    )
  })
})

describe('batches', () => {
  it('are sent at once when idle, one for all the texts of a tick', async () => {
    const embedder = fakeEmbedder(() => 40)
    const pipeline = createEmbeddingPipeline({ embedder })
    const all = Promise.all(['a', 'b', 'c'].map((text) => pipeline.embed(text, 'document')))
    await Promise.resolve()
    expect(embedder.calls.map((call) => call.texts)).toEqual([['a', 'b', 'c']])
    await vi.advanceTimersByTimeAsync(40)
    expect(await all).toHaveLength(3)
  })

  it('never go over the limits by count, tokens and calls at a time', async () => {
    const limits = { maxInputs: 7, maxRequestTokens: 20, maxConcurrency: 3 }
    const embedder = fakeEmbedder(() => 40, limits, { countTokens: (text) => text.length })
    const pipeline = createEmbeddingPipeline({ embedder, options: { maxBatchSize: 50 } })
    const texts = manyTexts(200)
    const done = embedMany(pipeline, texts, 'document')
    await vi.runAllTimersAsync()
    expect(await done).toEqual(texts.map((text) => ({ status: 'fulfilled', value: vectorOf(text) })))
    for (const { texts: batch } of embedder.calls) {
      expect(batch.length).toBeLessThanOrEqual(7)
      expect(batch.join('').length).toBeLessThanOrEqual(20)
    }
    expect(embedder.mostRunning).toBe(3)
  })

  it('have one purpose each', async () => {
    const embedder = fakeEmbedder()
    const pipeline = createEmbeddingPipeline({ embedder })
    const [document, query] = await Promise.all([pipeline.embed('a', 'document'), pipeline.embed('a', 'query')])
    expect(document).toEqual(vectorOf('a', 'document'))
    expect(query).toEqual(vectorOf('a', 'query'))
    expect(embedder.calls.map((call) => call.purpose).sort()).toEqual(['document', 'query'])
  })

  it('of queries go first, and documents leave a slot free while queries come', async () => {
    const embedder = fakeEmbedder(() => 60, { maxInputs: 10, maxConcurrency: 2 })
    const pipeline = createEmbeddingPipeline({ embedder })
    const documents = embedMany(pipeline, manyTexts(200), 'document')
    await vi.advanceTimersByTimeAsync(10)
    const queries: number[] = []
    const search = async (text: string) => {
      const from = performance.now()
      await pipeline.embed(text, 'query')
      queries.push(performance.now() - from)
    }
    const first = search('one')
    await vi.advanceTimersByTimeAsync(200)
    const second = search('two')
    await vi.runAllTimersAsync()
    await Promise.all([first, second, documents])
    // The first waits for a slot of those that are taken, the next finds one.
    expect(queries).toEqual([110, 60])
    expect(embedder.mostRunning).toBe(2)
  })

  it('gather while calls run, for as long as a full window takes from call to call', async () => {
    const embedder = fakeEmbedder(() => 50, { maxConcurrency: 5 })
    const pipeline = createEmbeddingPipeline({ embedder })
    const all: unknown[] = []
    for (let ms = 0; ms < 40; ms += 1) {
      all.push(pipeline.embed(`t${ms}`, 'document'))
      await vi.advanceTimersByTimeAsync(1)
    }
    // One at once, then one every 50 ms / 5.
    expect(embedder.calls.map((call) => call.texts.length)).toEqual([1, 9, 10, 10, 10])
    await vi.runAllTimersAsync()
    await Promise.all(all)
  })

  it('are not held up by a call that hangs', async () => {
    const embedder = fakeEmbedder((call) => (call.texts.includes('slow') ? 50_000 : 40))
    const pipeline = createEmbeddingPipeline({ embedder })
    const slow = pipeline.embed('slow', 'document')
    await vi.advanceTimersByTimeAsync(1)
    const quick = pipeline.embed('quick', 'document')
    await vi.advanceTimersByTimeAsync(60)
    expect(await quick).toEqual(vectorOf('quick'))
    await vi.runAllTimersAsync()
    await slow
  })
})

describe('single flight', () => {
  it('embeds a text once for all who ask while it is on its way', async () => {
    const embedder = fakeEmbedder(() => 40)
    const pipeline = createEmbeddingPipeline({ embedder })
    const first = pipeline.embed('a', 'document')
    await vi.advanceTimersByTimeAsync(10)
    const second = pipeline.embed('a', 'document')
    const third = embedMany(pipeline, ['a', 'a'], 'document')
    await vi.advanceTimersByTimeAsync(40)
    expect(await first).toBe(await second)
    expect(await third).toHaveLength(2)
    expect(embedder.calls).toHaveLength(1)
    expect(pipeline.stats().texts).toMatchObject({ requested: 4, shared: 3, embedded: 1 })
  })

  it('goes on for the others when one gives up', async () => {
    const embedder = fakeEmbedder(() => 40)
    const pipeline = createEmbeddingPipeline({ embedder })
    const quitter = new AbortController()
    const first = pipeline.embed('a', 'document', { signal: quitter.signal })
    const second = pipeline.embed('a', 'document')
    await vi.advanceTimersByTimeAsync(10)
    quitter.abort('enough')
    await expect(first).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
    await vi.advanceTimersByTimeAsync(40)
    expect(await second).toEqual(vectorOf('a'))
    expect(embedder.calls[0]?.signal.aborted).toBe(false)
  })

  it('takes back a text of a running call that was given up', async () => {
    const embedder = fakeEmbedder(() => 40)
    const pipeline = createEmbeddingPipeline({ embedder })
    const [first, second] = [new AbortController(), new AbortController()]
    const other = embedMany(pipeline, ['b'], 'document', { signal: first.signal })
    const gone = embedMany(pipeline, ['a'], 'document', { signal: second.signal })
    await vi.advanceTimersByTimeAsync(10)
    second.abort()
    await gone
    const back = pipeline.embed('a', 'document')
    first.abort()
    await other
    await vi.advanceTimersByTimeAsync(30)
    expect(await back).toEqual(vectorOf('a'))
    expect(embedder.calls).toHaveLength(1)
  })

  it('aborts the call when nobody waits for any of its texts, and takes the text anew', async () => {
    const embedder = fakeEmbedder(() => 40)
    const pipeline = createEmbeddingPipeline({ embedder })
    const quitter = new AbortController()
    const { signal } = quitter
    const gone = embedMany(pipeline, ['a', 'b'], 'document', { signal })
    const alone = pipeline.embed('b', 'document', { signal })
    const refused = expect(alone).rejects.toMatchObject({ code: 'ABORTED' })
    await vi.advanceTimersByTimeAsync(10)
    quitter.abort()
    await refused
    expect(await gone).toMatchObject([{ reason: { code: 'ABORTED' } }, { reason: { code: 'ABORTED' } }])
    expect(embedder.calls[0]?.signal.aborted).toBe(true)
    const again = pipeline.embed('a', 'document')
    await vi.advanceTimersByTimeAsync(100)
    expect(await again).toEqual(vectorOf('a'))
    expect(pipeline.stats().calls.failed).toBe(0)
  })

  it('withdraws a queued text that nobody waits for', async () => {
    const embedder = fakeEmbedder(() => 40, { maxConcurrency: 1, maxInputs: 1 })
    const pipeline = createEmbeddingPipeline({ embedder })
    const quitter = new AbortController()
    const first = pipeline.embed('a', 'document')
    const queued = pipeline.embed('b', 'document', { signal: quitter.signal })
    const last = pipeline.embed('c', 'document')
    await vi.advanceTimersByTimeAsync(10)
    expect(pipeline.stats().queue.length).toBe(2)
    quitter.abort()
    await expect(queued).rejects.toMatchObject({ code: 'ABORTED' })
    expect(pipeline.stats().queue.length).toBe(1)
    await vi.runAllTimersAsync()
    await Promise.all([first, last])
    expect(embedder.calls.flatMap((call) => call.texts)).toEqual(['a', 'c'])
  })

  it('keeps the slot of an aborted call until the embedder has let go', async () => {
    let end = (): void => undefined
    const deaf = fakeEmbedder(
      (call) =>
        new Promise((resolve) => {
          end = () => resolve(resultOf(call))
        }),
      { maxConcurrency: 1 },
    )
    const pipeline = createEmbeddingPipeline({ embedder: deaf })
    const quitter = new AbortController()
    const gone = pipeline.embed('a', 'document', { signal: quitter.signal })
    await vi.advanceTimersByTimeAsync(1)
    quitter.abort()
    await expect(gone).rejects.toMatchObject({ code: 'ABORTED' })
    const next = pipeline.embed('b', 'document')
    await vi.advanceTimersByTimeAsync(1000)
    expect(deaf.calls).toHaveLength(1)
    end()
    await vi.advanceTimersByTimeAsync(1)
    expect(deaf.calls).toHaveLength(2)
    end()
    expect(await next).toEqual(vectorOf('b'))
    expect(deaf.mostRunning).toBe(1)
  })

  it('listens once to a signal that many share, and stops listening', async () => {
    const pipeline = createEmbeddingPipeline({ embedder: fakeEmbedder(() => 40) })
    const { signal } = new AbortController()
    const add = vi.spyOn(signal, 'addEventListener')
    const remove = vi.spyOn(signal, 'removeEventListener')
    const all = Promise.all(manyTexts(50).map((text) => pipeline.embed(text, 'document', { signal })))
    await vi.runAllTimersAsync()
    await all
    expect(add).toHaveBeenCalledTimes(1)
    expect(remove).toHaveBeenCalledTimes(1)
  })

  it('refuses at once what was aborted before', async () => {
    const embedder = fakeEmbedder()
    const pipeline = createEmbeddingPipeline({ embedder })
    const signal = AbortSignal.abort('over')
    await expect(pipeline.embed('a', 'document', { signal })).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await embedMany(pipeline, ['a'], 'document', { signal })).toMatchObject([{ reason: { code: 'ABORTED' } }])
    expect(embedder.calls).toHaveLength(0)
  })
})

describe('close', () => {
  it('settles what it has, queued or running, and refuses more', async () => {
    const embedder = fakeEmbedder(() => 40, { maxInputs: 2, maxConcurrency: 1 })
    const pipeline = createEmbeddingPipeline({ embedder })
    const many = embedMany(pipeline, manyTexts(5), 'document')
    const closed = pipeline.close()
    await expect(pipeline.embed('x', 'query')).rejects.toMatchObject({ code: 'CLOSED' })
    expect(await embedMany(pipeline, ['x'], 'query')).toMatchObject([{ reason: { code: 'CLOSED' } }])
    await vi.advanceTimersByTimeAsync(120)
    await closed
    expect((await many).every((each) => each.status === 'fulfilled')).toBe(true)
    await pipeline.close()
  })

  it('leaves no timer behind', async () => {
    const embedder = fakeEmbedder((call) => (call.texts.includes('bad') ? failLater(new Error('no')) : 40))
    const pipeline = createEmbeddingPipeline({ embedder, options: { rateLimit: { requestsPerMinute: 2 } } })
    const quitter = new AbortController()
    const many = embedMany(pipeline, ['bad', ...manyTexts(300)], 'document', { signal: quitter.signal })
    await vi.advanceTimersByTimeAsync(100)
    quitter.abort()
    await many
    await pipeline.close()
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('stats', () => {
  it('tell what was done and how long it took', async () => {
    const embedder = fakeEmbedder((call) => (call.texts.includes('bad') ? failLater(new Error('no')) : 40))
    const pipeline = createEmbeddingPipeline({ embedder })
    const many = embedMany(pipeline, ['a', 'b'], 'document')
    await Promise.resolve()
    expect(pipeline.stats()).toMatchObject({
      calls: { inFlight: 1 },
      concurrency: { limit: 5, max: 5 },
      circuit: 'closed',
    })
    await vi.advanceTimersByTimeAsync(40)
    await many
    await Promise.all([expect(pipeline.embed('bad', 'query')).rejects.toThrow(), vi.advanceTimersByTimeAsync(1)])
    const stats = pipeline.stats()
    expect(stats).toMatchObject({
      texts: { requested: 3, shared: 0, embedded: 2, failed: 1 },
      calls: { made: 2, failed: 1, retries: 0, inFlight: 0, latencyMs: { count: 2 } },
      tokens: { reported: 0, estimated: 2 },
      queue: { length: 0, retrying: 0 },
    })
    expect(stats.calls.latencyMs.max).toBeCloseTo(40, 0)
    expect(stats.calls.latencyMs.p99).toBeCloseTo(40, 0)
  })
})
