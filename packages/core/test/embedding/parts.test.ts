import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAdaptiveConcurrency } from '../../src/embedding/adaptive-concurrency.js'
import type { TextInFlight } from '../../src/embedding/in-flight.js'
import { createTextQueue } from '../../src/embedding/text-queue.js'
import { createTokenRatio, estimateTokens, tokenCounter } from '../../src/embedding/token-estimate.js'
import { fakeEmbedder } from './fake-embedder.js'

describe('estimateTokens', () => {
  // Tokens by cl100k_base, counted with gpt-tokenizer.
  it.each([
    ['The quick brown fox jumps over the lazy dog.', 10],
    ['Donaudampfschifffahrtsgesellschaft', 13],
    ['const sum = (a, b) => a + b;', 13],
    ['2026-01-31T12:00:00Z', 13],
    ['3f2504e0-4f89-11d3-9a0c-0305e82c3301', 27],
    ['Привет, мир!', 7],
    ['Γεια σου κόσμε, αυτό είναι μια δοκιμή', 30],
    ['שלום עולם זה מבחן', 18],
    ['Բարեւ աշխարհ սա փորձություն է', 54],
    ['مرحبا بالعالم هذا اختبار', 18],
    ['नमस्ते दुनिया, यह एक परीक्षण है', 31],
    ['สวัสดีชาวโลก นี่คือการทดสอบ', 24],
    ['გამარჯობა მსოფლიო ეს ტესტია', 51],
    ['안녕하세요 세계 이것은 시험입니다', 18],
    ['こんにちは世界、これはテストです。日本語の文章を書く', 21],
    ['曾经沧海难为水,除却巫山不是云。取次花丛懒回顾,半缘修道半缘君。', 48],
    ['👋🏽', 6],
  ])('is above the tokens of %s, and not far', (text, tokens) => {
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(tokens)
    expect(estimateTokens(text)).toBeLessThanOrEqual(2.1 * tokens)
  })

  it('never shrinks when a text grows', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(estimateTokens(a + b)).toBeGreaterThanOrEqual(estimateTokens(a))
      }),
    )
  })
})

describe('tokenCounter', () => {
  it('counts the longest prefix of the model with each text, where the embedder does not count', () => {
    const model = { provider: 'fake', name: 'fake', prefixes: { document: 'passage: ', query: 'a longer query: ' } }
    const text = 'some words'
    const count = tokenCounter(fakeEmbedder(undefined, {}, { model }))
    expect(count(text)).toBe(estimateTokens(text) + estimateTokens('a longer query: '))
    expect(tokenCounter(fakeEmbedder())(text)).toBe(estimateTokens(text))
    expect(tokenCounter(fakeEmbedder(undefined, {}, { model, countTokens: () => 7 }))(text)).toBe(7)
  })
})

describe('createTokenRatio', () => {
  it('goes up at once and down slowly, with a margin', () => {
    const ratio = createTokenRatio()
    expect(ratio.perToken).toBe(1)
    ratio.learn(100, 25)
    expect(ratio.perToken).toBeCloseTo(0.2625)
    ratio.learn(100, 50)
    expect(ratio.perToken).toBeCloseTo(0.525)
    ratio.learn(100, 40)
    expect(ratio.perToken).toBeCloseTo(0.48 * 1.05)
    ratio.learn(0, 10)
    ratio.learn(10, 0)
    expect(ratio.perToken).toBeCloseTo(0.48 * 1.05)
  })
})

describe('createAdaptiveConcurrency', () => {
  it('halves once for the calls of one crowd', () => {
    let time = 0
    const concurrency = createAdaptiveConcurrency(8, () => time)
    time = 10
    for (let i = 0; i < 8; i += 1) concurrency.rateLimited(5)
    expect(concurrency.limit).toBe(4)
    concurrency.rateLimited(10)
    expect(concurrency.limit).toBe(2)
    for (let i = 0; i < 10; i += 1) concurrency.rateLimited(10)
    expect(concurrency.limit).toBe(1)
    for (let i = 0; i < 1000; i += 1) concurrency.succeeded(100)
    expect(concurrency.limit).toBe(8)
  })

  /** The limit after each call that succeeds. */
  const climb = (concurrency: ReturnType<typeof createAdaptiveConcurrency>, calls: number) =>
    Array.from({ length: calls }, () => {
      concurrency.succeeded(100)
      return concurrency.limit
    })

  it('goes back quickly to just below what was too much, and on by one a round', () => {
    const concurrency = createAdaptiveConcurrency(20, () => 0)
    concurrency.rateLimited(0)
    // A tenth below 20 is 18; then 18 calls for the next one, and 19 for the last.
    expect(climb(concurrency, 8)).toEqual([11, 12, 13, 14, 15, 16, 17, 18])
    expect(climb(concurrency, 19).lastIndexOf(18)).toBe(17)
    expect(climb(concurrency, 21).at(-1)).toBe(20)
  })

  it('tries more the more rarely the longer a refusal lasts', () => {
    const concurrency = createAdaptiveConcurrency(20, () => 0)
    concurrency.rateLimited(0, 900)
    climb(concurrency, 8)
    // Ten rounds of calls of 100 ms.
    expect(climb(concurrency, 180).at(-1)).toBe(18)
    expect(climb(concurrency, 10).at(-1)).toBe(19)
  })
})

describe('createTextQueue', () => {
  const textOf = (tokens: number): TextInFlight => ({
    text: '',
    purpose: 'document',
    key: undefined,
    tokens,
    batch: undefined,
    slot: -1,
    isGone: false,
    waiters: [],
  })

  it('does as a plain list would', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ push: fc.nat(9) }) },
      { weight: 1, arbitrary: fc.record({ remove: fc.nat() }) },
      {
        weight: 1,
        arbitrary: fc.record({ take: fc.integer({ min: 1, max: 5 }), tokens: fc.integer({ min: 1, max: 20 }) }),
      },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = createTextQueue()
        const list: TextInFlight[] = []
        for (const each of steps) {
          if ('push' in each) {
            const text = textOf(each.push)
            queue.push(text)
            list.push(text)
          } else if ('remove' in each) {
            if (list.length === 0) continue
            const [text] = list.splice(each.remove % list.length, 1)
            queue.remove(text as TextInFlight)
          } else {
            let count = 0
            let tokens = 0
            for (const text of list) {
              if (count === each.take || (count > 0 && tokens + text.tokens > each.tokens)) break
              count += 1
              tokens += text.tokens
            }
            expect(queue.take(each.take, each.tokens)).toEqual(list.splice(0, count))
          }
          expect(queue.length).toBe(list.length)
          expect(queue.tokens).toBe(list.reduce((sum, text) => sum + text.tokens, 0))
          expect(queue.nextTokens()).toBe(list[0]?.tokens ?? 0)
        }
      }),
    )
  })

  it('keeps texts in order over thousands of takes', () => {
    const queue = createTextQueue()
    const texts = Array.from({ length: 5000 }, (_, i) => textOf(i))
    const taken: TextInFlight[] = []
    for (const text of texts) {
      queue.push(text)
      if (text.tokens % 3 === 0) taken.push(...queue.take(2, Number.POSITIVE_INFINITY))
    }
    const late = texts.at(-1) as TextInFlight
    queue.remove(late)
    while (queue.length > 0) taken.push(...queue.take(7, Number.POSITIVE_INFINITY))
    expect(taken).toEqual(texts.slice(0, -1))
  })
})
