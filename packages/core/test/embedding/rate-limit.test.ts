import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEmbeddingPipeline } from '../../src/embedding/pipeline.js'
import { createRateLimiter } from '../../src/embedding/rate-limit.js'
import { embedMany, fakeEmbedder, manyTexts, resultOf } from './fake-embedder.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Spent {
  readonly at: number
  readonly amount: number
}

/** The most that any 60 seconds hold, both ends included. */
function mostInAMinute(spent: readonly Spent[]): number {
  let most = 0
  let sum = 0
  let first = 0
  for (const each of spent) {
    sum += each.amount
    while ((spent[first] as Spent).at < each.at - 60_000) {
      sum -= (spent[first] as Spent).amount
      first += 1
    }
    most = Math.max(most, sum)
  }
  return most
}

const words = ['tandem ', 'keeps ', 'documents ', 'and ', 'vectors ', 'together ', '— ', '42 ', 'größer ', '你好 ']

/** Texts of 10 to 60 words, always the same. */
function prose(count: number): string[] {
  let seed = 7
  const random = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return seed / 0x7fffffff
  }
  return Array.from({ length: count }, (_, i) => {
    let text = `${i} `
    for (let left = 10 + Math.floor(random() * 50); left > 0; left -= 1)
      text += words[Math.floor(random() * words.length)]
    return text
  })
}

/** What the provider counts, which differs from any estimate. */
const trueTokens = (text: string) => Math.ceil(text.length / 4.3) + (text.length % 3)

describe('tokens per minute', () => {
  it.each([
    { name: 'with 50,000 texts', tokensPerMinute: 250_000, count: 50_000, requestsPerMinute: undefined },
    { name: 'with room for few batches', tokensPerMinute: 20_000, count: 4000, requestsPerMinute: undefined },
    { name: 'with few requests too', tokensPerMinute: 200_000, count: 50_000, requestsPerMinute: 150 },
  ])('are never exceeded and nearly all used, $name', async ({ tokensPerMinute, count, requestsPerMinute }) => {
    const spent: Spent[] = []
    const embedder = fakeEmbedder(
      async (call) => {
        const tokens = call.texts.reduce((sum, text) => sum + trueTokens(text), 0)
        spent.push({ at: call.at, amount: tokens })
        await new Promise((resolve) => setTimeout(resolve, 40 + 0.2 * call.texts.length))
        return { ...resultOf(call), tokens }
      },
      { maxInputs: 100 },
    )
    const pipeline = createEmbeddingPipeline({
      embedder,
      options: { rateLimit: { tokensPerMinute, requestsPerMinute } },
    })
    const done = embedMany(pipeline, prose(count), 'document')
    await vi.runAllTimersAsync()
    expect((await done).every((each) => each.status === 'fulfilled')).toBe(true)

    const total = spent.reduce((sum, each) => sum + each.amount, 0)
    expect(mostInAMinute(spent)).toBeLessThanOrEqual(tokensPerMinute)
    expect(mostInAMinute(spent.map(({ at }) => ({ at, amount: 1 })))).toBeLessThanOrEqual(requestsPerMinute ?? 1e9)
    // Every full minute but the last, which ends when the texts do.
    const end = spent.at(-1)?.at ?? 0
    const minutes = Math.floor((end - (spent[0]?.at ?? 0)) / 60_000)
    expect(minutes).toBeGreaterThanOrEqual(2)
    const start = spent[0]?.at ?? 0
    const used = spent.filter(({ at }) => at < start + minutes * 60_000).reduce((sum, each) => sum + each.amount, 0)
    expect(used / (minutes * tokensPerMinute)).toBeGreaterThanOrEqual(0.95)
    // The limit is not used up by crumbs.
    expect(spent.length).toBeLessThanOrEqual((2 * count) / 100)
    expect(pipeline.stats().tokens).toEqual({ reported: total, estimated: 0 })
  })
})

describe('requests per minute', () => {
  it('are never exceeded, and all used', async () => {
    const embedder = fakeEmbedder(() => 40, { maxInputs: 10 })
    const pipeline = createEmbeddingPipeline({ embedder, options: { rateLimit: { requestsPerMinute: 30 } } })
    const done = embedMany(pipeline, manyTexts(1000), 'document')
    await vi.runAllTimersAsync()
    await done
    expect(embedder.calls).toHaveLength(100)
    const spent = embedder.calls.map(({ at }) => ({ at, amount: 1 }))
    expect(mostInAMinute(spent)).toBe(30)
    expect((spent.at(-1)?.at ?? 0) - (spent[0]?.at ?? 0)).toBeLessThan(181_000)
  })

  it('let texts gather while they are used up', async () => {
    const embedder = fakeEmbedder(() => 1)
    const pipeline = createEmbeddingPipeline({ embedder, options: { rateLimit: { requestsPerMinute: 1 } } })
    const all = manyTexts(20).map(async (text) => pipeline.embed(text, 'document'))
    await vi.advanceTimersByTimeAsync(100)
    const more = manyTexts(20, 'm').map(async (text) => pipeline.embed(text, 'document'))
    await vi.advanceTimersByTimeAsync(30_000)
    more.push(...manyTexts(20, 'n').map(async (text) => pipeline.embed(text, 'document')))
    await vi.runAllTimersAsync()
    await Promise.all([...all, ...more])
    expect(embedder.calls.map((call) => call.texts.length)).toEqual([20, 40])
  })
})

describe('createRateLimiter', () => {
  it('is none without a limit', () => {
    expect(createRateLimiter(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, () => 0)).toBeUndefined()
  })

  it('never lets a window over the limit, whatever comes when', () => {
    const step = fc.record({
      gapMs: fc.nat(20_000),
      tokens: fc.integer({ min: 1, max: 120 }),
      used: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (steps, requests) => {
        let time = 1000
        const limiter = createRateLimiter(requests, 100, () => time)
        if (limiter === undefined) throw new Error('there is a limit')
        const spent: { at: number; amount: number }[] = []
        for (const { gapMs, tokens, used } of steps) {
          time += gapMs
          const waitMs = limiter.waitMs(tokens)
          if (waitMs > 0) {
            time += waitMs - 1
            expect(limiter.waitMs(tokens)).toBe(1)
            time += 1
            expect(limiter.waitMs(tokens)).toBe(0)
          }
          // One that is above the limit has a window for itself.
          const reserved = Math.min(tokens, 98)
          const reservation = limiter.reserve(reserved)
          const actual = Math.floor(reserved * used)
          limiter.correct(reservation, actual)
          spent.push({ at: time, amount: actual })
        }
        expect(mostInAMinute(spent)).toBeLessThanOrEqual(98)
        expect(mostInAMinute(spent.map(({ at }) => ({ at, amount: 1 })))).toBeLessThanOrEqual(requests)
      }),
    )
  })
})
