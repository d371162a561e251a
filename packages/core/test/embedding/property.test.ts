import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createEmbeddingPipeline } from '../../src/embedding/pipeline.js'
import { StoreError } from '../../src/errors.js'
import type { EmbeddingCache } from '../../src/ports/embedding-cache.js'
import { embedMany, type FakeCall, failLater, fakeEmbedder, resultOf, vectorOf } from './fake-embedder.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const purpose = fc.constantFrom('document' as const, 'query' as const)
// Few texts, so that they meet in flight and in the cache; one of them is always refused.
const text = fc.constantFrom(...Array.from({ length: 30 }, (_, i) => `t${i}`), 'bad')
const abortAfter = fc.option(fc.nat(300), { nil: undefined })
const arrival = fc.record({
  gapMs: fc.oneof(fc.constant(0), fc.nat(100)),
  abortAfter,
  purpose,
  texts: fc.oneof(text, fc.array(text, { maxLength: 25 })),
})
const fault = fc.constantFrom(
  'none',
  'none',
  'none',
  'instant',
  'unavailable',
  'limited',
  'network',
  'hang',
  'deaf',
  'short',
  'not finite',
)
const setting = fc.record({
  maxInputs: fc.integer({ min: 1, max: 12 }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  cache: fc.constantFrom('none', 'sync', 'later', 'broken'),
  requestsPerMinute: fc.option(fc.integer({ min: 5, max: 50 }), { nil: undefined }),
  tokensPerMinute: fc.option(fc.integer({ min: 20, max: 500 }), { nil: undefined }),
})

function answer(call: FakeCall, how: string) {
  if (call.texts.includes('bad')) return failLater(new StoreError('EMBEDDING_FAILED', 'bad text'), 5)
  const { vectors } = resultOf(call)
  switch (how) {
    case 'instant':
      return resultOf(call)
    case 'unavailable':
      return failLater(new StoreError('UNAVAILABLE', 'down'), 10)
    case 'limited':
      return failLater(new StoreError('RATE_LIMITED', 'slow down', { retryAfterMs: 500 }), 5)
    case 'network':
      return Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    case 'hang':
      return 1_000_000
    case 'deaf':
      return new Promise<never>(() => undefined)
    case 'short':
      return { vectors: vectors.slice(1) }
    case 'not finite':
      return { vectors: vectors.map((vector, i) => (i === 0 ? new Float32Array(4).fill(Number.NaN) : vector)) }
    default:
      return 20 + call.texts.length
  }
}

function cacheOf(kind: string): EmbeddingCache | undefined {
  if (kind === 'none') return undefined
  const map = new Map<string, Float32Array>()
  let reads = 0
  const getMany = (keys: readonly string[]) => {
    reads += 1
    if (kind === 'broken' && reads % 3 === 1) throw new Error('broken')
    if (kind === 'broken' && reads % 3 === 2) return keys.map(() => new Float32Array(1))
    return keys.map((key) => map.get(key))
  }
  return {
    name: kind,
    getMany: (keys) =>
      kind === 'later' ? new Promise((resolve) => setTimeout(() => resolve(getMany(keys)), 3)) : getMany(keys),
    setMany(entries) {
      for (const [key, vector] of entries) map.set(key, vector)
    },
    clear: () => map.clear(),
    size: () => ({ entries: map.size }),
  }
}

it('settles every request once and with its own vector, within the limits, whatever comes', async () => {
  await fc.assert(
    fc.asyncProperty(
      setting,
      fc.array(arrival, { minLength: 1, maxLength: 40 }),
      fc.oneof(fc.constant([]), fc.array(fault, { maxLength: 30 })),
      fc.integer(),
      async ({ maxInputs, concurrency, cache, ...rateLimit }, arrivals, faults, seed) => {
        let calls = 0
        let waiting = 0
        const embedder = fakeEmbedder(
          (call) => {
            calls += 1
            return answer(call, faults[calls - 1] ?? 'none')
          },
          { maxInputs, maxConcurrency: concurrency },
        )
        let random = seed
        const pipeline = createEmbeddingPipeline({
          embedder,
          cache: cacheOf(cache),
          options: { retries: 3, attemptTimeoutMs: 1000, rateLimit },
          random: () => {
            random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff
            return random / 0x7fffffff
          },
        })
        const settled: Promise<void>[] = []

        function check(
          each: PromiseSettledResult<Float32Array>,
          of: string,
          by: 'document' | 'query',
          wasAborted: boolean,
        ) {
          if (each.status === 'fulfilled') {
            expect(of).not.toBe('bad')
            expect(each.value).toEqual(vectorOf(of, by))
          } else if (faults.every((each) => each === 'none') && !wasAborted) {
            expect(of).toBe('bad')
          } else {
            expect(StoreError.isInstance(each.reason)).toBe(true)
            if (each.reason.code === 'ABORTED') expect(wasAborted).toBe(true)
          }
        }

        for (const { gapMs, abortAfter: ms, purpose: by, texts } of arrivals) {
          if (gapMs > 0) await vi.advanceTimersByTimeAsync(gapMs)
          const controller = new AbortController()
          if (ms !== undefined) setTimeout(() => controller.abort(), ms)
          const options = ms === undefined ? {} : { signal: controller.signal }
          waiting += 1
          const request =
            typeof texts === 'string'
              ? Promise.allSettled([pipeline.embed(texts, by, options)])
              : embedMany(pipeline, texts, by, options)
          settled.push(
            request.then((results) => {
              waiting -= 1
              const asked = typeof texts === 'string' ? [texts] : texts
              expect(results).toHaveLength(asked.length)
              results.forEach((each, i) => {
                check(each, asked[i] as string, by, controller.signal.aborted)
              })
            }),
          )
        }
        const closed = pipeline.close()
        await vi.runAllTimersAsync()
        await Promise.all([...settled, closed])
        expect(waiting).toBe(0)
        for (const { texts } of embedder.calls) {
          expect(texts.length).toBeGreaterThan(0)
          expect(texts.length).toBeLessThanOrEqual(maxInputs)
          expect(new Set(texts).size).toBe(texts.length)
        }
        expect(embedder.mostRunning - faults.filter((each) => each === 'deaf').length).toBeLessThanOrEqual(concurrency)
        const stats = pipeline.stats()
        expect(stats.queue).toEqual({ length: 0, retrying: 0 })
        expect(stats.calls).toMatchObject({ made: calls, inFlight: 0 })
        expect(vi.getTimerCount()).toBe(0)
      },
    ),
    { numRuns: 300 },
  )
}, 60_000)
