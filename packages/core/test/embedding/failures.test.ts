import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEmbeddingPipeline, type EmbeddingEvent } from '../../src/embedding/pipeline.js'
import { StoreError } from '../../src/errors.js'
import { embedMany, failLater, fakeEmbedder, manyTexts, resultOf, vectorOf } from './fake-embedder.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const refused = (message = 'refused') => new StoreError('EMBEDDING_FAILED', message)
const unavailable = () => new StoreError('UNAVAILABLE', 'gone for lunch')

describe('retries', () => {
  it('bring a batch through passing failures', async () => {
    const failures: unknown[] = [
      unavailable(),
      Object.assign(new Error('read'), { code: 'ECONNRESET' }),
      new TypeError('fetch failed', { cause: new Error('socket') }),
      new DOMException('slow', 'TimeoutError'),
      new DOMException('stopped', 'AbortError'),
    ]
    const events: EmbeddingEvent[] = []
    const embedder = fakeEmbedder((call) => (failures.length > 0 ? failLater(failures.shift()) : resultOf(call)))
    const pipeline = createEmbeddingPipeline({ embedder, onEvent: (event) => events.push(event), random: () => 0.5 })
    const vector = pipeline.embed('a', 'document')
    await vi.runAllTimersAsync()
    expect(await vector).toEqual(vectorOf('a'))
    expect(pipeline.stats().calls).toMatchObject({ made: 6, retries: 5, failed: 5, timedOut: 1 })
    // Half of 500 ms, doubled each time.
    expect(events.map((event) => event.type === 'retry' && event.delayMs)).toEqual([250, 500, 1000, 2000, 4000])
  })

  it('end with the last error when they are used up', async () => {
    const embedder = fakeEmbedder(() => failLater(unavailable()))
    const pipeline = createEmbeddingPipeline({ embedder, options: { retries: 2 } })
    const failed = expect(pipeline.embed('a', 'document')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    })
    await vi.runAllTimersAsync()
    await failed
    expect(embedder.calls).toHaveLength(3)
  })

  it('are not made for what they cannot mend', async () => {
    for (const code of ['AUTHENTICATION', 'CONFIGURATION', 'NOT_SUPPORTED'] as const) {
      const embedder = fakeEmbedder(() => new StoreError(code, 'no'))
      const pipeline = createEmbeddingPipeline({ embedder })
      const results = await embedMany(pipeline, manyTexts(10), 'document')
      for (const each of results) expect(each).toMatchObject({ status: 'rejected', reason: { code } })
      expect(embedder.calls).toHaveLength(1)
    }
  })

  it('give the exception of an embedder as EMBEDDING_FAILED with its cause', async () => {
    const bug = new RangeError('off by one')
    const pipeline = createEmbeddingPipeline({ embedder: fakeEmbedder(() => bug) })
    await expect(pipeline.embed('a', 'document')).rejects.toMatchObject({ code: 'EMBEDDING_FAILED', cause: bug })
  })

  it('leave a slot to others while they wait', async () => {
    let failed = false
    const embedder = fakeEmbedder(
      () => {
        if (failed) return 40
        failed = true
        return failLater(unavailable())
      },
      { maxConcurrency: 1, maxInputs: 1 },
    )
    const pipeline = createEmbeddingPipeline({ embedder, random: () => 1 })
    const many = embedMany(pipeline, ['a', 'b'], 'document')
    const query = pipeline.embed('q', 'query')
    await vi.advanceTimersByTimeAsync(100)
    expect(await query).toEqual(vectorOf('q', 'query'))
    await vi.runAllTimersAsync()
    expect((await many).map((each) => each.status)).toEqual(['fulfilled', 'fulfilled'])
    expect(embedder.mostRunning).toBe(1)
  })

  it('do not send again what nobody waits for any more', async () => {
    const embedder = fakeEmbedder((call) => (embedder.calls.length === 1 ? failLater(unavailable()) : resultOf(call)))
    const pipeline = createEmbeddingPipeline({ embedder })
    const quitter = new AbortController()
    const many = embedMany(pipeline, ['a', 'b'], 'document', { signal: quitter.signal })
    const kept = pipeline.embed('b', 'document')
    await vi.advanceTimersByTimeAsync(2)
    quitter.abort()
    await vi.runAllTimersAsync()
    await many
    expect(await kept).toEqual(vectorOf('b'))
    expect(embedder.calls.map((call) => call.texts)).toEqual([['a', 'b'], ['b']])
  })
})

describe('a fault of the set-up', () => {
  const always = (error: Error) => fakeEmbedder(() => failLater(error))

  /** What becomes of texts that are embedded one after the other. */
  async function oneByOne(embedder: ReturnType<typeof fakeEmbedder>, texts: string[]): Promise<unknown[]> {
    const pipeline = createEmbeddingPipeline({ embedder })
    const outcomes: unknown[] = []
    for (const text of texts) {
      const outcome = Promise.resolve(pipeline.embed(text, 'document')).catch((error: unknown) => error)
      await vi.runAllTimersAsync()
      outcomes.push(await outcome)
    }
    return outcomes
  }
  const ownFault = { code: 'EMBEDDING_FAILED', setup: false }

  it('is looked for when one document after the other is refused alone', async () => {
    const [first, ...others] = await oneByOne(always(refused('no such option')), ['a', 'b', 'c'])
    expect(first).toMatchObject(ownFault)
    for (const error of others)
      expect(error).toMatchObject({
        code: 'EMBEDDING_FAILED',
        setup: true,
        message: expect.stringContaining('no such option'),
      })

    const picky = fakeEmbedder((call) => (call.texts.includes('text') ? resultOf(call) : failLater(refused())))
    for (const error of await oneByOne(picky, ['a', 'b', 'c'])) expect(error).toMatchObject(ownFault)

    const some = fakeEmbedder((call) => (call.texts[0]?.startsWith('bad') ? failLater(refused()) : resultOf(call)))
    const outcomes = await oneByOne(some, ['bad 1', 'a', 'bad 2', 'b', 'bad 3'])
    for (const i of [0, 2, 4]) expect(outcomes[i]).toMatchObject(ownFault)
    expect(some.calls, 'a bad text among good ones costs no further call').toHaveLength(5)
  })

  it('is not looked for when nobody waits any more', async () => {
    const embedder = fakeEmbedder((call) =>
      call.texts.includes('text') ? new Promise<never>(() => undefined) : failLater(refused()),
    )
    const pipeline = createEmbeddingPipeline({ embedder })
    const first = expect(pipeline.embed('a', 'document')).rejects.toMatchObject(ownFault)
    await vi.advanceTimersByTimeAsync(5)
    await first
    const quitter = new AbortController()
    const gone = expect(pipeline.embed('b', 'document', { signal: quitter.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    await vi.advanceTimersByTimeAsync(5)
    expect(embedder.calls.map(({ texts }) => texts)).toEqual([['a'], ['b'], ['text']])
    quitter.abort()
    await gone
    expect(embedder.calls[2]?.signal.aborted).toBe(true)
    await Promise.all([pipeline.close(), vi.advanceTimersByTimeAsync(5000)])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves open whose fault a refusal was, when it cannot be asked', async () => {
    const embedder = fakeEmbedder((call) =>
      failLater(call.texts.includes('text') ? new StoreError('AUTHENTICATION', 'expired') : refused()),
    )
    const outcomes = await oneByOne(embedder, ['a', 'b'])
    expect(outcomes).toMatchObject([ownFault, { code: 'AUTHENTICATION' }])
  })

  it('lets no other text of a batch fail for one that is an invalid argument', async () => {
    const bad = new StoreError('INVALID_ARGUMENT', 'not this one')
    const embedder = fakeEmbedder((call) => (call.texts.includes('t7') ? failLater(bad) : resultOf(call)))
    const many = embedMany(createEmbeddingPipeline({ embedder }), manyTexts(10), 'document')
    await vi.runAllTimersAsync()
    const failed = (await many).flatMap((each, i) => (each.status === 'rejected' ? [i] : []))
    expect(failed).toEqual([7])
  })

  it('may be a single answer of another protocol, which is asked for once more', async () => {
    const page = new StoreError('UNAVAILABLE', 'a web page', { setup: true })
    const embedder = fakeEmbedder((call) => (embedder.calls.length === 1 ? failLater(page) : resultOf(call)))
    const vector = createEmbeddingPipeline({ embedder }).embed('a', 'document')
    await vi.runAllTimersAsync()
    expect(await vector).toEqual(vectorOf('a'))

    const stays = always(page)
    const failed = expect(createEmbeddingPipeline({ embedder: stays }).embed('a', 'document')).rejects.toBe(page)
    await vi.runAllTimersAsync()
    await failed
    expect(stays.calls).toHaveLength(2)
  })

  it('opens the circuit, which is then probed by one call at a time until one succeeds', async () => {
    let isMended = false
    const error = new StoreError('UNAVAILABLE', 'a web page', { setup: true })
    const embedder = fakeEmbedder((call) => (isMended ? resultOf(call) : failLater(error)), { maxInputs: 1 })
    const events: EmbeddingEvent[] = []
    const pipeline = createEmbeddingPipeline({ embedder, onEvent: (event) => events.push(event) })
    const many = embedMany(pipeline, manyTexts(100), 'document')
    await vi.advanceTimersByTimeAsync(5000)
    for (const each of await many)
      expect(each).toMatchObject({ reason: { code: 'UNAVAILABLE', setup: true, retryable: false } })
    expect(embedder.calls.length).toBeLessThanOrEqual(20)

    for (let round = 0; round < 3; round += 1) {
      await vi.advanceTimersByTimeAsync(30_000)
      const before = embedder.calls.length
      const again = embedMany(pipeline, manyTexts(20), 'document')
      await vi.advanceTimersByTimeAsync(100)
      for (const each of await again) expect(each).toMatchObject({ reason: { setup: true } })
      expect(embedder.calls.length - before).toBe(1)
    }
    isMended = true
    await vi.advanceTimersByTimeAsync(30_000)
    const last = await embedMany(pipeline, manyTexts(20), 'document')
    expect(last.map(({ status }) => status)).toEqual(new Array(20).fill('fulfilled'))
    expect(events.filter(({ type }) => type === 'circuit').at(-1)).toMatchObject({ state: 'closed' })
  })

  it('is what vectors of zeros for every text are', async () => {
    const embedder = fakeEmbedder((call) => ({ vectors: call.texts.map(() => [0, 0, 0, 0]) }))
    const pipeline = createEmbeddingPipeline({ embedder, metric: 'cosine' })
    for (const each of await embedMany(pipeline, manyTexts(50), 'document'))
      expect(each).toMatchObject({ reason: { code: 'EMBEDDING_FAILED', setup: true } })
    expect(embedder.calls.length).toBeLessThanOrEqual(4)

    const some = fakeEmbedder((call) => ({
      vectors: call.texts.map((text) => (text === 't3' ? [0, 0, 0, 0] : vectorOf(text))),
    }))
    const results = await embedMany(
      createEmbeddingPipeline({ embedder: some, metric: 'cosine' }),
      manyTexts(9),
      'query',
    )
    for (const [i, each] of results.entries())
      expect(each).toMatchObject(
        i === 3 ? { reason: { code: 'EMBEDDING_FAILED', setup: false } } : { status: 'fulfilled' },
      )
  })
})

describe('what an embedder says of a failure', () => {
  it('shows no text that it was given, and is bounded', async () => {
    const secret = `MY SECRET ${'x'.repeat(100_000)}`
    const echo = (call: { texts: readonly string[] }) =>
      failLater(new Error(`invalid input: ${JSON.stringify({ input: call.texts })} ${'y'.repeat(10_000)}`))
    const pipeline = createEmbeddingPipeline({ embedder: fakeEmbedder(echo) })
    const error = Promise.resolve(pipeline.embed(secret, 'document')).catch((thrown: unknown) => thrown)
    await vi.runAllTimersAsync()
    const { message } = (await error) as StoreError
    expect(message).toContain('invalid input')
    expect(message).not.toContain('SECRET')
    expect(message.length).toBeLessThan(1000)
  })
})

describe('a time limit', () => {
  it('aborts the attempt and makes another', async () => {
    const embedder = fakeEmbedder(() => (embedder.calls.length === 1 ? 100_000 : 10))
    const pipeline = createEmbeddingPipeline({ embedder, options: { attemptTimeoutMs: 1000 } })
    const vector = pipeline.embed('a', 'document')
    await vi.advanceTimersByTimeAsync(999)
    expect(embedder.calls[0]?.signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(embedder.calls[0]?.signal.reason).toMatchObject({ code: 'TIMEOUT' })
    await vi.runAllTimersAsync()
    expect(await vector).toEqual(vectorOf('a'))
    expect(pipeline.stats().calls).toMatchObject({ timedOut: 1, retries: 1 })
  })

  it('lets an embedder that does not listen keep its slot for five seconds more', async () => {
    const embedder = fakeEmbedder(() => (embedder.calls.length === 1 ? new Promise<never>(() => undefined) : 10), {
      maxConcurrency: 1,
    })
    const pipeline = createEmbeddingPipeline({ embedder, options: { attemptTimeoutMs: 1000 } })
    const vector = pipeline.embed('a', 'document')
    await vi.advanceTimersByTimeAsync(5999)
    expect(embedder.calls).toHaveLength(1)
    await vi.runAllTimersAsync()
    expect(await vector).toEqual(vectorOf('a'))
  })
})

describe('a provider that asks for less', () => {
  it('is left alone by everybody for as long as it asks, then called by fewer', async () => {
    const events: EmbeddingEvent[] = []
    const embedder = fakeEmbedder(
      () =>
        embedder.calls.length <= 4
          ? failLater(new StoreError('RATE_LIMITED', 'slow', { retryAfterMs: 5000 }), 10)
          : 100,
      { maxInputs: 10, maxConcurrency: 4 },
    )
    const pipeline = createEmbeddingPipeline({ embedder, onEvent: (event) => events.push(event), random: () => 0 })
    const many = embedMany(pipeline, manyTexts(400), 'document')
    await vi.advanceTimersByTimeAsync(5009)
    expect(embedder.calls).toHaveLength(4)
    expect(pipeline.stats().concurrency).toEqual({ limit: 2, max: 4 })
    const query = pipeline.embed('q', 'query')
    await vi.advanceTimersByTimeAsync(2)
    // The query first; documents leave a slot for the next one.
    expect(embedder.calls.slice(4).map((call) => call.purpose)).toEqual(['query', 'document'])
    await vi.runAllTimersAsync()
    expect((await many).every((each) => each.status === 'fulfilled')).toBe(true)
    await query
    expect(pipeline.stats()).toMatchObject({ calls: { rateLimited: 4 }, concurrency: { limit: 3 } })
    expect(events.filter((event) => event.type === 'rate-limited')).toHaveLength(4)
    expect(events.find((event) => event.type === 'rate-limited')).toMatchObject({ pauseMs: 5000, concurrency: 2 })
  })

  it('is left alone also by those it did not ask', async () => {
    const embedder = fakeEmbedder(
      () =>
        embedder.calls.length === 1 ? failLater(new StoreError('RATE_LIMITED', 'slow', { retryAfterMs: 5000 })) : 100,
      { maxInputs: 1, maxConcurrency: 2 },
    )
    const pipeline = createEmbeddingPipeline({ embedder, random: () => 0 })
    const many = embedMany(pipeline, manyTexts(10), 'query')
    await vi.advanceTimersByTimeAsync(5000)
    expect(embedder.calls).toHaveLength(2)
    await vi.runAllTimersAsync()
    expect((await many).every((each) => each.status === 'fulfilled')).toBe(true)
  })

  it('is not waited for when it asks for too long', async () => {
    const embedder = fakeEmbedder(() => new StoreError('RATE_LIMITED', 'tomorrow', { retryAfterMs: 86_400_000 }))
    const pipeline = createEmbeddingPipeline({ embedder })
    await expect(pipeline.embed('a', 'document')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await expect(pipeline.embed('b', 'document')).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      // An hour: whoever says days may be wrong.
      retryAfterMs: 3_600_000,
    })
    expect(embedder.calls).toHaveLength(1)
  })
})

describe('a batch refused for its content', () => {
  it('is halved until the bad text is alone', async () => {
    for (const bad of ['t0', 't437', 't999']) {
      const embedder = fakeEmbedder((call) => (call.texts.includes(bad) ? failLater(refused()) : 1), { maxInputs: 100 })
      const pipeline = createEmbeddingPipeline({ embedder })
      const done = embedMany(pipeline, manyTexts(1000), 'document')
      await vi.runAllTimersAsync()
      const results = await done
      const failed = results.flatMap((each, i) => (each.status === 'rejected' ? [`t${i}`] : []))
      expect(failed).toEqual([bad])
      expect(embedder.calls.length - 10).toBeLessThanOrEqual(20)
      expect(pipeline.stats().texts).toMatchObject({ embedded: 999, failed: 1 })
    }
  })

  it('keeps its good texts even when most are bad', async () => {
    const embedder = fakeEmbedder((call) =>
      call.texts.some((text) => !/[05]$|^text$/.test(text)) ? refused() : resultOf(call),
    )
    const pipeline = createEmbeddingPipeline({ embedder })
    const results = await embedMany(pipeline, manyTexts(60), 'document')
    results.forEach((each, i) => {
      expect(each.status).toBe(i % 5 === 0 ? 'fulfilled' : 'rejected')
    })
  })

  it('is a wrong configuration if not even a plain word is accepted', async () => {
    const embedder = fakeEmbedder(() => refused('unknown model'))
    const pipeline = createEmbeddingPipeline({ embedder })
    const results = await embedMany(pipeline, manyTexts(100), 'document')
    for (const each of results) {
      expect(each).toMatchObject({
        reason: { code: 'CONFIGURATION', message: expect.stringContaining('unknown model') },
      })
    }
    expect(embedder.calls).toHaveLength(4)
  })

  it('costs few requests however many batches a wrong configuration meets', async () => {
    const embedder = fakeEmbedder(() => failLater(refused('unknown model')), { maxInputs: 10 })
    const pipeline = createEmbeddingPipeline({ embedder })
    const done = embedMany(pipeline, manyTexts(1000), 'document')
    await vi.runAllTimersAsync()
    for (const each of await done) expect(each).toMatchObject({ reason: { code: 'CONFIGURATION', retryable: false } })
    expect(embedder.calls.length).toBeLessThanOrEqual(40)
  })
})

describe('what comes back', () => {
  it('is tried once more when there are too few vectors, and never given to the wrong text', async () => {
    const embedder = fakeEmbedder((call) => {
      const { vectors } = resultOf(call)
      // Drops empty texts, as some servers do.
      return { vectors: vectors.filter((_, i) => call.texts[i] !== '') }
    })
    const pipeline = createEmbeddingPipeline({ embedder })
    const done = embedMany(pipeline, ['a', '', 'b', 'c'], 'document')
    await vi.runAllTimersAsync()
    const results = await done
    expect(results.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect(results[2]).toMatchObject({ value: vectorOf('b') })
    expect(results[1]).toMatchObject({
      reason: { code: 'EMBEDDING_FAILED', message: expect.stringContaining('0 vectors') },
    })
  })

  it('may be no result at all', async () => {
    const pipeline = createEmbeddingPipeline({
      embedder: fakeEmbedder(() => undefined as never),
      options: { retries: 0 },
    })
    await expect(pipeline.embed('a', 'query')).rejects.toMatchObject({ code: 'EMBEDDING_FAILED' })
  })

  it('is a MODEL_MISMATCH when a vector has another length', async () => {
    const embedder = fakeEmbedder((call) => ({
      vectors: call.texts.map((text) => (text === 'b' ? [1, 2] : [1, 2, 3, 4])),
    }))
    const pipeline = createEmbeddingPipeline({ embedder })
    const [a, b] = await embedMany(pipeline, ['a', 'b'], 'document')
    expect(a).toMatchObject({ status: 'fulfilled' })
    expect(b).toMatchObject({ reason: { code: 'MODEL_MISMATCH', retryable: false } })
    expect(embedder.calls).toHaveLength(1)
  })

  it('is soon asked for no more when no vector ever has the right length', async () => {
    const embedder = fakeEmbedder(async (call) => ({ vectors: call.texts.map(() => [1, 2, 3]) }), { maxInputs: 10 })
    const pipeline = createEmbeddingPipeline({ embedder })
    for (const each of await embedMany(pipeline, manyTexts(1000), 'document'))
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'MODEL_MISMATCH', retryable: false } })
    expect(embedder.calls.length).toBeLessThanOrEqual(20)
    expect(pipeline.stats()).toMatchObject({ circuit: 'open', texts: { embedded: 0, failed: 1000 } })
  })

  it('teaches the length where the embedder does not say it', async () => {
    const embedder = fakeEmbedder(
      (call) => ({ vectors: call.texts.map((text) => new Array(text.length).fill(1)) }),
      {},
      {
        dimensions: undefined,
      },
    )
    const pipeline = createEmbeddingPipeline({ embedder })
    expect(await pipeline.embed('abc', 'document')).toHaveLength(3)
    await expect(pipeline.embed('ab', 'document')).rejects.toMatchObject({ code: 'MODEL_MISMATCH' })
  })

  it.each([[1, Number.NaN, 3, 4], [1, Number.POSITIVE_INFINITY, 3, 4], [1, 1e300, 3, 4], [1, null, 3, 4], 'AACA'])(
    'fails only the text whose vector is %j',
    async (vector) => {
      const embedder = fakeEmbedder((call) => ({
        vectors: call.texts.map((text) => (text === 'b' ? (vector as number[]) : [1, 2, 3, 4])),
      }))
      const pipeline = createEmbeddingPipeline({ embedder })
      const [a, b] = await embedMany(pipeline, ['a', 'b'], 'document')
      expect(a).toMatchObject({ status: 'fulfilled' })
      expect(b).toMatchObject({ reason: { code: 'EMBEDDING_FAILED', retryable: false } })
    },
  )
})

describe('the circuit', () => {
  it('opens after batches failed one after the other, tries again after a pause, and closes', async () => {
    let isDown = true
    const events: EmbeddingEvent[] = []
    const embedder = fakeEmbedder(() => (isDown ? failLater(unavailable()) : 10), { maxInputs: 10, maxConcurrency: 2 })
    const pipeline = createEmbeddingPipeline({
      embedder,
      options: { retries: 1 },
      onEvent: (event) => event.type === 'circuit' && events.push(event),
    })
    const many = embedMany(pipeline, manyTexts(1000), 'document')
    await vi.advanceTimersByTimeAsync(10_000)
    const codes = (await many).map((each) => each.status === 'rejected' && each.reason.message)
    expect(
      codes.filter((message) => /not called for 30 s; its last error: gone for lunch/.test(String(message))).length,
    ).toBeGreaterThan(900)
    expect(embedder.calls.length).toBeLessThan(20)
    expect(pipeline.stats().circuit).toBe('open')

    const made = embedder.calls.length
    await expect(pipeline.embed('x', 'query')).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true })
    expect(embedder.calls).toHaveLength(made)

    await vi.advanceTimersByTimeAsync(30_000)
    const probe = expect(pipeline.embed('y', 'query')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await vi.advanceTimersByTimeAsync(1)
    await probe
    expect(embedder.calls).toHaveLength(made + 1)

    await vi.advanceTimersByTimeAsync(30_000)
    isDown = false
    const again = embedMany(pipeline, manyTexts(100), 'query')
    await vi.advanceTimersByTimeAsync(1)
    expect(embedder.running).toBe(1)
    await vi.runAllTimersAsync()
    expect((await again).every((each) => each.status === 'fulfilled')).toBe(true)
    expect(events.map((event) => event.type === 'circuit' && event.state)).toEqual([
      'open',
      'half-open',
      'open',
      'half-open',
      'closed',
    ])
  })

  it('stays closed while some batches succeed', async () => {
    const embedder = fakeEmbedder(
      (call) => (Number(call.texts[0]?.slice(1)) % 4 === 3 ? 1 : failLater(unavailable())),
      {
        maxInputs: 1,
        maxConcurrency: 1,
      },
    )
    const pipeline = createEmbeddingPipeline({ embedder, options: { retries: 0 } })
    const many = embedMany(pipeline, manyTexts(40), 'document')
    await vi.runAllTimersAsync()
    expect((await many).filter((each) => each.status === 'fulfilled')).toHaveLength(10)
    expect(pipeline.stats().circuit).toBe('closed')
  })

  it('turns away batches that wait for a slot to be tried again', async () => {
    let calls = 0
    const embedder = fakeEmbedder(
      () => {
        calls += 1
        if (calls === 1) return failLater(unavailable())
        return failLater(new StoreError('AUTHENTICATION', 'wrong key'), 200)
      },
      { maxInputs: 1, maxConcurrency: 1 },
    )
    const pipeline = createEmbeddingPipeline({ embedder, random: () => 0.1 })
    const first = expect(pipeline.embed('first', 'document')).rejects.toMatchObject({ code: 'AUTHENTICATION' })
    await vi.advanceTimersByTimeAsync(2)
    // Five fail and open the circuit; the sixth has begun by then.
    const queries = embedMany(pipeline, manyTexts(6), 'query')
    await vi.advanceTimersByTimeAsync(1001)
    await first
    await vi.advanceTimersByTimeAsync(200)
    await queries
    expect(calls).toBe(7)
  })

  it('keeps the name of what waiting cannot mend', async () => {
    const embedder = fakeEmbedder(() => failLater(new StoreError('AUTHENTICATION', 'wrong key')), { maxInputs: 1 })
    const pipeline = createEmbeddingPipeline({ embedder })
    const many = embedMany(pipeline, manyTexts(100), 'document')
    await vi.runAllTimersAsync()
    for (const each of await many) expect(each).toMatchObject({ reason: { code: 'AUTHENTICATION', retryable: false } })
    expect(embedder.calls.length).toBeLessThanOrEqual(20)
  })

  it('ends the pauses of batches that wait for a retry', async () => {
    let calls = 0
    const embedder = fakeEmbedder(
      () => {
        calls += 1
        return calls === 1 ? failLater(unavailable()) : failLater(new StoreError('AUTHENTICATION', 'wrong key'))
      },
      { maxInputs: 1, maxConcurrency: 1 },
    )
    const pipeline = createEmbeddingPipeline({ embedder, random: () => 1 })
    const first = expect(pipeline.embed('first', 'document')).rejects.toMatchObject({ code: 'AUTHENTICATION' })
    await vi.advanceTimersByTimeAsync(2)
    const queries = embedMany(pipeline, manyTexts(5), 'query')
    await vi.advanceTimersByTimeAsync(50)
    await queries
    await first
  })
})
