import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StoreError } from '../../src/errors.js'
import { Events, type StoreEvents } from '../../src/observe/events.js'
import { Counters } from '../../src/observe/stats.js'
import type { CallOptions, MaybePromise } from '../../src/ports/common.js'
import type { Reranker } from '../../src/ports/reranker.js'
import { type RerankingOptions, resolveReranking } from '../../src/reranking/options.js'
import { Reranking } from '../../src/reranking/reranking.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Call {
  readonly query: string
  readonly texts: readonly string[]
  readonly signal: AbortSignal
}
type Script = (call: Call, nth: number) => MaybePromise<readonly number[]> | Error

const lengths: Script = ({ texts }) => texts.map((text) => text.length)
const later =
  (ms: number): Script =>
  (call) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(call.texts.map((text) => text.length)), ms)
      call.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(call.signal.reason)
      })
    })

/** A reranker that does as it is told, and what uses it. */
function open(script: Script = lengths, options: RerankingOptions = {}, more: Partial<Reranker> = {}) {
  const calls: Call[] = []
  const state = { running: 0, mostRunning: 0 }
  const reranker: Reranker = {
    name: 'fake',
    ...more,
    async rerank(query, texts, { signal }: CallOptions) {
      const call = { query, texts, signal: signal as AbortSignal }
      calls.push(call)
      state.running += 1
      state.mostRunning = Math.max(state.mostRunning, state.running)
      try {
        const answer = await script(call, calls.length)
        if (answer instanceof Error) throw answer
        return answer
      } finally {
        state.running -= 1
      }
    },
  }
  const closing = new AbortController()
  const events = new Events('test')
  const told: StoreEvents['rerankFailed'][] = []
  events.on('rerankFailed', (event) => told.push(event))
  const reranking = new Reranking({
    reranker,
    options,
    events,
    phase: new Counters('test').phases.rerank,
    signal: closing.signal,
  })
  return { reranking, calls, state, told, closing }
}

const texts = (count: number) => Array.from({ length: count }, (_, i) => 'x'.repeat(i + 1))
const unavailable = () => new StoreError('UNAVAILABLE', 'gone for lunch')
/** What came of a promise, timers run. */
async function outcome<T>(promise: Promise<T>): Promise<T | StoreError> {
  const settled = promise.catch((error: StoreError) => error)
  await vi.runAllTimersAsync()
  return settled
}

describe('batches', () => {
  it('hold to the limits, and give each text its score in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 3 }),
        async (sizes, maxInputs, maxRequestTokens, maxConcurrency) => {
          const limits = { maxInputs, maxRequestTokens, maxConcurrency }
          const countTokens = (text: string) => text.length
          const { reranking, calls, state } = open(later(5), {}, { limits, countTokens })
          const given = sizes.map((size) => 'x'.repeat(size))
          expect(await outcome(reranking.scores('q', given))).toEqual(sizes)
          for (const call of calls) {
            expect(call.texts.length).toBeLessThanOrEqual(maxInputs)
            const tokens = call.texts.reduce((sum, text) => sum + text.length + 1, 0)
            if (call.texts.length > 1) expect(tokens).toBeLessThanOrEqual(maxRequestTokens)
          }
          expect(state.mostRunning).toBeLessThanOrEqual(maxConcurrency)
          expect(calls.flatMap((call) => call.texts)).toEqual(given)
        },
      ),
    )
  })

  it('run side by side, and no text makes no call', async () => {
    const { reranking, calls, state } = open(later(5), { maxBatchSize: 2, concurrency: 3 })
    await outcome(reranking.scores('q', texts(10)))
    expect(calls).toHaveLength(5)
    expect(state.mostRunning).toBe(3)
    expect(await reranking.scores('q', [])).toEqual([])
    expect(calls).toHaveLength(5)
  })

  it('hold a text that is too long cut, with the query, and a long query at half', async () => {
    const countTokens = (text: string) => text.split(' ').filter(Boolean).length
    const { reranking, calls } = open(lengths, {}, { limits: { maxInputTokens: 10 }, countTokens })
    await reranking.scores('one two three', ['a b c d e f g h i j', 'k l'])
    expect(calls[0]).toMatchObject({ query: 'one two three', texts: ['a b c d e f g ', 'k l'] })
    await reranking.scores('one two three four five six seven', ['a b c d e f g h i j'])
    expect(calls[1]).toMatchObject({ query: 'one two three four five ', texts: ['a b c d e '] })
  })
})

describe('a failure', () => {
  it('that passes is tried again, twice, with a pause', async () => {
    const { reranking, calls, told } = open((call, nth) => (nth < 3 ? unavailable() : lengths(call, nth)))
    expect(await outcome(reranking.scores('q', ['ab', 'c']))).toEqual([2, 1])
    expect(calls).toHaveLength(3)
    expect(told).toEqual([])
    expect(reranking.stats()).toMatchObject({
      name: 'fake',
      searches: { reranked: 1, degraded: 0 },
      texts: 2,
      calls: { made: 3, failed: 2, retries: 2, inFlight: 0 },
    })
  })

  it('that no waiting mends is not tried again', async () => {
    for (const code of ['AUTHENTICATION', 'CONFIGURATION', 'RERANK_FAILED'] as const) {
      const { reranking, calls } = open(() => new StoreError(code, 'no'))
      expect(await outcome(reranking.scores('q', ['a']))).toMatchObject({ code })
      expect(calls).toHaveLength(1)
    }
  })

  it('is told once, until a call succeeds, and counted each time', async () => {
    let isDown = true
    const { reranking, told } = open((call, nth) =>
      isDown ? new StoreError('AUTHENTICATION', 'no') : lengths(call, nth),
    )
    await outcome(reranking.scores('q', ['a']))
    await outcome(reranking.scores('q', ['a']))
    expect(told).toMatchObject([{ error: { code: 'AUTHENTICATION' } }])
    expect(reranking.stats().searches.degraded).toBe(2)
    isDown = false
    await outcome(reranking.scores('q', ['a']))
    isDown = true
    await outcome(reranking.scores('q', ['a']))
    expect(told).toHaveLength(2)
  })

  it('of one batch ends the others', async () => {
    const script: Script = (call, nth) => (nth === 2 ? new StoreError('RERANK_FAILED', 'no') : later(1000)(call, nth))
    const { reranking, calls, state } = open(script, { maxBatchSize: 1, concurrency: 3 })
    const failed = expect(reranking.scores('q', texts(6))).rejects.toMatchObject({ code: 'RERANK_FAILED' })
    await vi.advanceTimersByTimeAsync(10)
    await failed
    expect(calls.filter(({ signal }) => !signal.aborted)).toHaveLength(1)
    expect(calls.length).toBeLessThan(6)
    expect(state.running).toBe(0)
    expect(reranking.stats().calls.inFlight).toBe(0)
  })

  it.each([
    ['too few scores', () => [1], 'gave 1 scores for 2 texts'],
    ['no list', () => undefined, 'gave no list of scores'],
    ['a score that is no number', () => [1, Number.NaN], 'no finite number'],
    ['a score that is a text', () => [1, '2'], 'no finite number'],
    ['an exception', () => new RangeError('off by one'), 'off by one'],
  ])('of the adapter is RERANK_FAILED: %s', async (_, answer, message) => {
    const { reranking } = open(answer as unknown as Script)
    expect(await outcome(reranking.scores('q', ['a', 'b']))).toMatchObject({
      code: 'RERANK_FAILED',
      message: expect.stringContaining(message),
    })
  })

  it('says nothing of query and texts', async () => {
    const secret = 'the quarterly figures nobody may see'
    const { reranking } = open(() => new Error(`400: bad input "${secret}" for "who may see it at all?"`))
    const error = await outcome(reranking.scores('who may see it at all?', [secret]))
    expect((error as StoreError).message).not.toMatch(/figures|who may/)
  })

  it('to answer in time is a TIMEOUT, which is not tried again', async () => {
    const { reranking, calls } = open(later(60_000))
    expect(await outcome(reranking.scores('q', ['a']))).toMatchObject({ code: 'TIMEOUT' })
    expect(calls).toHaveLength(1)
    expect(calls[0]?.signal.aborted).toBe(true)
    expect(reranking.stats().calls).toMatchObject({ timedOut: 1, inFlight: 0 })
  })

  it('again and again opens the circuit: searches fail at once, until one call succeeds', async () => {
    let isDown = true
    const { reranking, calls, told } = open((call, nth) => (isDown ? unavailable() : lengths(call, nth)), {
      retries: 0,
    })
    for (let i = 0; i < 8; i += 1) await outcome(reranking.scores('q', ['a']))
    expect(calls).toHaveLength(5)
    expect(reranking.stats()).toMatchObject({ circuit: 'open', searches: { degraded: 8 } })
    expect(told).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(30_000)
    await outcome(reranking.scores('q', ['a']))
    expect(calls).toHaveLength(6)
    expect(reranking.stats().circuit).toBe('open')
    await vi.advanceTimersByTimeAsync(30_000)
    isDown = false
    expect(await outcome(reranking.scores('q', ['a']))).toEqual([1])
    expect(reranking.stats().circuit).toBe('closed')
  })

  it.each<[string, Script]>([
    ['throws what is no StoreError', () => new Error('boom')],
    ['gives scores that are none', ({ texts }) => texts.map(() => Number.NaN)],
  ])('opens the circuit, too, of a reranker that %s', async (_, script) => {
    const { reranking, calls } = open(script)
    for (let i = 0; i < 20; i += 1)
      expect(await outcome(reranking.scores('q', ['a']))).toMatchObject({ code: 'RERANK_FAILED' })
    expect(calls).toHaveLength(5)
  })

  it('that is a refusal of the query says nothing of the next one', async () => {
    const { reranking, calls } = open(() => new StoreError('RERANK_FAILED', 'refused'))
    for (let i = 0; i < 20; i += 1) await outcome(reranking.scores('q', ['a']))
    expect(calls).toHaveLength(20)
  })

  it('is not waited for by others while one call tries whether it works again', async () => {
    let script: Script = () => unavailable()
    const { reranking, calls } = open((call, nth) => script(call, nth), { retries: 0, maxBatchSize: 1 })
    for (let i = 0; i < 5; i += 1) await outcome(reranking.scores('q', ['a']))
    await vi.advanceTimersByTimeAsync(30_000)
    script = later(100)
    const probe = reranking.scores('q', texts(3))
    await vi.advanceTimersByTimeAsync(1)
    await expect(reranking.scores('q', ['a'])).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(calls).toHaveLength(6)
    expect(await outcome(probe)).toEqual([1, 2, 3])
  })
})

describe('a provider that wants less', () => {
  const rateLimited = (retryAfterMs: number) => new StoreError('RATE_LIMITED', 'slow down', { retryAfterMs })

  it('is left alone by everybody for as long as it asks', async () => {
    vi.useRealTimers()
    const at: number[] = []
    const { reranking } = open((call, nth) => {
      at.push(performance.now())
      return nth === 1 ? rateLimited(50) : lengths(call, nth)
    })
    const first = reranking.scores('q', ['a'])
    await vi.waitFor(() => expect(reranking.stats().calls.rateLimited).toBe(1))
    expect(await Promise.all([first, reranking.scores('q', ['ab'])])).toEqual([[1], [2]])
    for (const each of at.slice(1)) expect(each - (at[0] as number)).toBeGreaterThanOrEqual(50)
  })

  it('is not waited for longer than ten seconds', async () => {
    const { reranking, calls } = open(() => rateLimited(60_000))
    expect(await outcome(reranking.scores('q', ['a']))).toMatchObject({ code: 'RATE_LIMITED' })
    expect(await outcome(reranking.scores('q', ['a']))).toMatchObject({ code: 'UNAVAILABLE' })
    expect(calls).toHaveLength(1)
  })

  it('gets no more calls a minute than it allows', async () => {
    const { reranking, calls } = open(lengths, { rateLimit: { requestsPerMinute: 2 } })
    const all = await outcome(
      Promise.all(texts(3).map((text) => reranking.scores('q', [text]).catch((error) => error))),
    )
    expect(calls).toHaveLength(2)
    expect(all).toEqual([[1], [2], expect.objectContaining({ code: 'RATE_LIMITED' })])
    await vi.advanceTimersByTimeAsync(60_001)
    expect(await outcome(reranking.scores('q', ['a']))).toEqual([1])
  })
})

describe('a caller that gives up', () => {
  it('ends its calls, and counts as no failure', async () => {
    const { reranking, calls, told } = open(later(1000), { maxBatchSize: 1, concurrency: 2 })
    const abort = new AbortController()
    const given = reranking.scores('q', texts(5), abort.signal)
    const rejected = expect(given).rejects.toMatchObject({ code: 'ABORTED' })
    await vi.advanceTimersByTimeAsync(10)
    abort.abort()
    await rejected
    expect(calls).toHaveLength(2)
    expect(calls.every(({ signal }) => signal.aborted)).toBe(true)
    expect(told).toEqual([])
    expect(reranking.stats().searches.degraded).toBe(0)
    await vi.runAllTimersAsync()
    expect(reranking.stats().calls.inFlight).toBe(0)
    expect(await outcome(reranking.scores('q', ['ab']))).toEqual([2])
  })

  it('is told CLOSED when the store closes', async () => {
    const { reranking, closing } = open(later(1000))
    const rejected = expect(reranking.scores('q', ['a'])).rejects.toMatchObject({ code: 'CLOSED' })
    await vi.advanceTimersByTimeAsync(1)
    closing.abort(new StoreError('CLOSED', 'The store is closed'))
    await rejected
  })
})

it.each([
  ['reranking.retries', { retries: -1 }],
  ['reranking.concurrency', { concurrency: 0 }],
  ['reranking.rateLimit.requestsPerMinute', { rateLimit: { requestsPerMinute: 0.5 } }],
])('refuses a wrong %s', (field, options) => {
  expect(() => resolveReranking(options)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', field }))
})
