import { describe, expect, test } from 'vitest'
import { concludeCompare } from '../../src/compare/conclusion.js'
import type { MeasuredEmbedder } from '../../src/compare/measure-embedder.js'
import { formatComparison } from '../../src/compare/summary-table.js'
import { missedThresholds } from '../../src/compare/thresholds.js'
import { makeCorpus } from './tea-corpus.js'

const seed = 42
const corpus = {
  ...makeCorpus(),
  queries: Array.from({ length: 40 }, (_, i) => ({ id: `${i}`, text: 'x', judgements: new Map() })),
}

interface Given {
  readonly ndcg: number
  readonly index?: number
  readonly speed?: number
  readonly p95?: number
  readonly price?: number
  /** How far scores of queries lie from the mean. */
  readonly spread?: number
}

/** Scores that differ from query to query around the mean, in a way of the embedder's own. */
function measured(name: string, given: Given, way = 0): MeasuredEmbedder {
  const { ndcg, index = ndcg, speed = 10, p95 = 20, price, spread = 0.2 } = given
  const score = (mean: number) => ({ mean, low: mean - 0.1, high: mean + 0.1 })
  const quality = (mean: number) => ({
    ndcgAt10: score(mean),
    recallAt10: score(0.3),
    recallAt100: score(0.7),
    mrrAt10: score(0.4),
  })
  const latency = { count: 40, mean: 5, p50: 4, p95, p99: 30, max: 40, sample: [4] }
  return {
    result: {
      name,
      dimensions: 8,
      bytesPerVector: 32,
      exact: quality(ndcg),
      index: quality(index),
      documentsPerSecond: speed,
      throughput: [],
      latency: { cold: latency, cached: latency },
      tokens: 1234,
      tokensEstimated: true,
      ...(price === undefined ? {} : { cost: { perMillionTokens: price, run: price / 1000 } }),
      cacheHitRate: 0.5,
    },
    ndcgByQuery: corpus.queries.map((_, i) => ndcg + spread * Math.sin(i + way)),
    configuration: {},
    versions: {},
    storeWarnings: [],
    warnings: [],
  }
}
const conclude = (...all: MeasuredEmbedder[]) => concludeCompare({ measured: all, unavailable: [], corpus, seed })

describe('the conclusion', () => {
  test('takes the best where it is surely better, and says what that costs', () => {
    const text = conclude(
      measured('small', { ndcg: 0.3, speed: 80 }),
      measured('large', { ndcg: 0.5, speed: 12.34, price: 0.13 }),
    )
    expect(text).toBe(
      'Take large: its nDCG@10 of 0.500 is 0.200 better than that of small, the other, which is significant (p < 0.001); it works at 12.3 documents/s, 4 ms a query and $0.13 a million tokens, against 80 documents/s, 4 ms a query.',
    )
  })

  test('takes the fastest of those that are as good', () => {
    const slow = measured('slow', { ndcg: 0.501, speed: 5, spread: 0.05 })
    const fast = measured('fast', { ndcg: 0.5, speed: 50, spread: 0.05 }, 2)
    const bad = measured('bad', { ndcg: 0.1, speed: 500 })
    const text = conclude(bad, slow, fast)
    expect(text).toMatch(
      /^Take fast: by 40 queries its nDCG@10 of 0\.500 is within 0\.03 of the 0\.501 of slow \(difference 0\.\d{3}, p = \d\.?\d*\)/,
    )
    expect(text).toContain(
      'it is the faster of them, at 50 documents/s, 4 ms a query against 5 documents/s, 4 ms a query.',
    )
  })

  test('takes the best where it is also the fastest of those', () => {
    const [a, b] = [{ ndcg: 0.5, speed: 5, spread: 0.05 } as const, { ndcg: 0.501, speed: 50, spread: 0.05 } as const]
    expect(conclude(measured('a', a), measured('b', b, 2))).toMatch(
      /^Take b: by 40 queries its nDCG@10 of 0\.501 is within 0\.03 of the 0\.500 of a /,
    )
  })

  test('does not take what cannot be told apart for as good', () => {
    const slow = measured('slow', { ndcg: 0.52, speed: 5 })
    const fast = measured('fast', { ndcg: 0.5, speed: 50 }, 2)
    expect(conclude(slow, fast)).toMatch(
      /^slow is ahead with an nDCG@10 of 0\.520 .*, but 40 queries do not suffice to tell that from the 0\.500 of fast \(difference 0\.\d{3}, between -0\.\d{3} and 0\.\d{3}, p = .*; 50 documents\/s.*\): compare with more queries\.$/,
    )
  })

  test.each([1, 2, 5])('sees nothing in %i queries, however far the scores are apart', (count) => {
    const few = { ...corpus, queries: corpus.queries.slice(0, count) }
    const of = (name: string, given: Given) => {
      const each = measured(name, { ...given, spread: 0 })
      return { ...each, ndcgByQuery: each.ndcgByQuery.slice(0, count) }
    }
    const concludeFew = (...all: MeasuredEmbedder[]) =>
      concludeCompare({ measured: all, unavailable: [], corpus: few, seed })
    const [good, bad] = [of('good', { ndcg: 0.9, speed: 1 }), of('bad', { ndcg: 0.1, speed: 500 })]
    expect(concludeFew(good, bad)).toMatch(/^good is ahead .* (1 query does|\d queries do) not suffice to tell /)
    // Nor that two are alike.
    expect(concludeFew(good, of('same', { ndcg: 0.9 }))).toMatch(/^good is ahead .* not suffice /)
  })

  test('asks more of one difference among many', () => {
    // p between 0.05 / 4 and 0.05: enough for one comparison, not as the least of four.
    const [best, close] = [measured('best', { ndcg: 0.57, speed: 1 }), measured('close', { ndcg: 0.5, speed: 2 }, 1.4)]
    const others = ['x', 'y', 'z'].map((name, i) => measured(name, { ndcg: 0.499, speed: 3 }, 1.4 + i / 100))
    expect(conclude(best, close)).toMatch(/^Take best: .*significant \(p = 0\.0[1-4]/)
    expect(conclude(best, close, ...others)).toMatch(/^best is ahead .* of close .* of x /)
  })

  test('says what the index of the store loses', () => {
    expect(conclude(measured('a', { ndcg: 0.5, index: 0.45 }), measured('b', { ndcg: 0.1 }))).toMatch(
      / The store's own search loses 0\.050 of it: tune its index\.$/,
    )
  })

  test('promises nothing of one embedder, or of none', () => {
    expect(conclude(measured('a', { ndcg: 0.5 }))).toBe(
      'a reaches nDCG@10 0.500 on tea and more at 10 documents/s, 4 ms a query; compare it with another to know whether that is good.',
    )
    const unavailable = [{ name: 'a', reason: 'no key' }]
    expect(concludeCompare({ measured: [], unavailable, corpus, seed })).toBe(
      'Nothing can be said: a cannot be had (no key).',
    )
  })
})

describe('thresholds', () => {
  const embedders = [
    measured('a', { ndcg: 0.5, index: 0.4, p95: 20 }).result,
    measured('b', { ndcg: 0.5, p95: 9 }).result,
  ]
  const unavailable = [{ name: 'c', reason: 'no key' }]

  test('are of what the users of the store get', () => {
    expect(missedThresholds({ embedders, unavailable: [] }, { minNdcg: 0.45, maxP95: 10 })).toEqual([
      'a: nDCG@10 is 0.4000, below 0.45',
      'a: the p95 of cold queries is 20.0 ms, above 10 ms',
    ])
    expect(missedThresholds({ embedders, unavailable: [] }, { minNdcg: 0.4, maxP95: 20 })).toEqual([])
  })

  test('are missed by what was not compared, and only where there are any', () => {
    expect(missedThresholds({ embedders, unavailable }, { maxP95: 100 })).toEqual(['c: it was not compared'])
    expect(missedThresholds({ embedders, unavailable }, {})).toEqual([])
  })
})

test('the table for a terminal has everything, and no control characters of a name', () => {
  const embedders = [
    measured('a\u001b[31m\n', { ndcg: 0.5, price: 0.13 }).result,
    measured('bee', { ndcg: 0.25 }).result,
  ]
  const unavailable = [{ name: 'c', reason: 'no key' }]
  const text = formatComparison({ embedders, unavailable, warnings: ['12 x'], conclusion: 'Take a.' })
  const [head = '', , first = '', second = ''] = text.split('\n')
  expect(head.split(/ {2,}/)).toEqual([
    'model',
    'nDCG@10 (95 %)',
    'in store',
    'R@10',
    'R@100',
    'MRR@10',
    'docs/s',
    'cold p50/p95',
    'cached',
    'tokens',
    '$',
    'bytes',
    'hits',
  ])
  expect(first).not.toContain('\u001b')
  expect(second.split(/ {2,}/)).toEqual([
    'bee',
    '0.250 (0.150–0.350)',
    '0.250',
    '0.300',
    '0.700',
    '0.400',
    '10',
    '4/20 ms',
    '4 ms',
    '~1,234',
    '?',
    '32',
    '50 %',
  ])
  expect(text.endsWith('\n\nNot compared: c (no key)\nNote: 12 x\n\nTake a.')).toBe(true)
})
