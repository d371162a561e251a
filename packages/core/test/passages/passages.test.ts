import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateTokens } from '../../src/embedding/token-estimate.js'
import { chunkText } from '../../src/indexing/chunk.js'
import { type PassageHit, passages } from '../../src/passages/passages.js'

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '').length
const counters = {
  characters: (text: string) => text.length,
  bytes: (text: string) => Buffer.byteLength(text),
  estimate: estimateTokens,
  words,
  // Counts of parts do not add up to the count of the whole.
  quarters: (text: string) => Math.floor(text.length / 4),
}

const hit = (key: string, part: number, text: string | undefined, field = 'body', value: object = {}): PassageHit => ({
  document: { namespace: ['docs'], key, value },
  matched: { field, part, text },
})

const sentence = fc
  .array(fc.constantFrom('alpha', 'beta', 'gamma', 'x', '語', '🙂'), { minLength: 1, maxLength: 8 })
  .map((them) => `${them.join(' ')}. `)
const documentText = fc.array(sentence, { minLength: 1, maxLength: 12 }).map((sentences) => sentences.join(''))
/** Hits of some parts of some documents, in any order, some twice, some of a text that is not known. */
const someHits = fc
  .array(documentText, { minLength: 1, maxLength: 5 })
  .chain((texts) => {
    const all = texts.flatMap((text, d) =>
      chunkText(text, 20, estimateTokens).map((part, i) => hit(`d${d}`, i, part, 'body', { body: text })),
    )
    return fc.array(fc.tuple(fc.constantFrom(...all), fc.integer({ min: 0, max: 9 })), { maxLength: 20 })
  })
  .map((them) =>
    them.map(([each, n]) =>
      n === 0 && each.matched !== undefined ? { ...each, matched: { ...each.matched, text: undefined } } : each,
    ),
  )

const knownHits = someHits.map((hits) => hits.filter(({ matched }) => matched?.text !== undefined))

/** The passages of a text, by their numbers. */
const split = (text: string) => (text === '' ? [] : text.split(/(?:^|\n\n)\[\d+\] /).slice(1))
const numbers = (text: string) => [...text.matchAll(/(?:^|\n\n)\[(\d+)\] /g)].map(([, number]) => Number(number))

describe('passages', () => {
  it('is never above the budget, by any counter', () => {
    fc.assert(
      fc.property(someHits, fc.integer({ min: 1, max: 200 }), fc.constantFrom(...Object.values(counters)), (hits, maxTokens, countTokens) => {
        expect(countTokens(passages(hits, { maxTokens, countTokens }).text)).toBeLessThanOrEqual(maxTokens)
      }),
      { numRuns: 2000 },
    ) // biome-ignore format: one property
  })

  it('numbers the passages as the sources are, takes no part twice, and every text from its document', () => {
    fc.assert(
      fc.property(someHits, fc.integer({ min: 1, max: 200 }), (hits, maxTokens) => {
        const { text, sources } = passages(hits, { maxTokens })
        expect(numbers(text)).toEqual(sources.map((_, i) => i + 1))
        const parts = sources.flatMap(({ key, part, lastPart = part }) =>
          Array.from({ length: lastPart - part + 1 }, (_, i) => `${key}/${part + i}`),
        )
        expect(new Set(parts).size).toBe(parts.length)
        for (const [i, passage] of split(text).entries()) {
          const of = hits.find(({ document }) => document.key === sources[i]?.key)?.document.value as { body: string }
          expect(of.body).toContain(passage)
          expect(passage.trim()).not.toBe('')
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('takes the best first: every hit before the first that does not fit is there, in order', () => {
    fc.assert(
      fc.property(knownHits, fc.integer({ min: 1, max: 300 }), (hits, maxTokens) => {
        const { sources } = passages(hits, { maxTokens })
        const seen = new Set<string>()
        let used = 0
        for (const { document, matched } of hits) {
          if (matched?.text === undefined || seen.has(`${document.key}/${matched.part}`)) continue
          seen.add(`${document.key}/${matched.part}`)
          used += estimateTokens(`\n\n[${seen.size}] `) + estimateTokens(matched.text)
          if (used > maxTokens) break
          const source = sources.find(
            ({ key, part, lastPart = part }) =>
              key === document.key && part <= matched.part && matched.part <= lastPart,
          )
          expect(source).toBeDefined()
          if (seen.size === 1) expect(sources[0]).toBe(source)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('gives the same for the same', () => {
    fc.assert(
      fc.property(someHits, fc.integer({ min: 1, max: 200 }), (hits, maxTokens) => {
        expect(passages(structuredClone(hits), { maxTokens })).toEqual(passages(hits, { maxTokens }))
      }),
    )
  })

  it('puts a number before each and a blank line between', () => {
    expect(passages([hit('a', 0, 'One.\n'), hit('b', 3, '\n  Two.')], { maxTokens: 100 })).toEqual({
      text: '[1] One.\n\n[2]   Two.',
      sources: [
        { namespace: ['docs'], key: 'a', field: 'body', part: 0 },
        { namespace: ['docs'], key: 'b', field: 'body', part: 3 },
      ],
    })
    expect(passages([], { maxTokens: 100 })).toEqual({ text: '', sources: [] })
  })

  it('joins neighbours where the better one stands, whatever order they come in', () => {
    const hits = [hit('a', 2, 'third. '), hit('b', 0, 'other'), hit('a', 0, 'first. '), hit('a', 1, 'second. ')]
    expect(passages(hits, { maxTokens: 100 })).toEqual({
      text: '[1] first. second. third.\n\n[2] other',
      sources: [
        { namespace: ['docs'], key: 'a', field: 'body', part: 0, lastPart: 2 },
        { namespace: ['docs'], key: 'b', field: 'body', part: 0 },
      ],
    })
  })

  it('joins nothing across fields, documents, namespaces or gaps', () => {
    const hits = [hit('a', 0, 'a0'), hit('a', 1, 't1', 'title'), hit('b', 1, 'b1'), hit('a', 2, 'a2')]
    const elsewhere = { ...hit('a', 1, 'x1'), document: { namespace: ['docs', 'x'], key: 'a', value: {} } }
    expect(passages([...hits, elsewhere], { maxTokens: 100 }).text).toBe(
      '[1] a0\n\n[2] t1\n\n[3] b1\n\n[4] a2\n\n[5] x1',
    )
  })

  it('puts a line between parts that end without a space', () => {
    expect(passages([hit('a', 0, '今日は雨。'), hit('a', 1, '傘')], { maxTokens: 100 }).text).toBe('[1] 今日は雨。\n傘')
  })

  it('takes as many sentences as fit of the first that does not fit, then no more', () => {
    const long = hit('b', 0, 'One two three. Four five six. Seven eight nine.')
    const of = (maxTokens: number) =>
      passages([hit('a', 0, 'Start.'), long, hit('c', 0, 'x')], { maxTokens, countTokens: words }).text
    expect(of(12)).toBe('[1] Start.\n\n[2] One two three. Four five six. Seven eight nine.')
    expect(of(11)).toBe('[1] Start.\n\n[2] One two three. Four five six.')
    expect(of(6)).toBe('[1] Start.\n\n[2] One two three.')
    // Not even one sentence: what comes later may fit.
    expect(of(5)).toBe('[1] Start.\n\n[2] x')
    expect(of(2)).toBe('[1] Start.')
  })

  it('cuts a single passage between words where no sentence fits', () => {
    const hits = [hit('a', 0, 'one two three four five.')]
    expect(passages(hits, { maxTokens: 4, countTokens: words }).text).toBe('[1] one two three')
    expect(passages(hits, { maxTokens: 1, countTokens: words })).toEqual({ text: '', sources: [] })
  })

  it('takes the beginning of the field where the matching text is not known, once, and 512 tokens of it at most', () => {
    const value = { title: 'Tea', body: { de: 'Tee.', en: 'Green tea.' } }
    const stale = (part: number, field?: string) => hit('a', part, undefined, field, value)
    expect(passages([stale(3, 'body.*'), stale(4, 'body.*')], { maxTokens: 100 })).toEqual({
      text: '[1] Tee.\nGreen tea.',
      sources: [{ namespace: ['docs'], key: 'a', field: 'body.*', part: 0 }],
    })
    expect(passages([{ document: { namespace: ['docs'], key: 'a', value } }], { maxTokens: 100 })).toEqual({
      text: `[1] ${JSON.stringify(value)}`,
      sources: [{ namespace: ['docs'], key: 'a', field: '$', part: 0 }],
    })
    expect(passages([stale(0, 'gone')], { maxTokens: 100 }).sources).toEqual([])
    const long = hit('a', 0, undefined, 'body', { body: 'word '.repeat(5000) })
    expect(words(passages([long], { maxTokens: 5000, countTokens: words }).text)).toBe(513)
    // What follows the beginning is not known to be the next part.
    expect(passages([long, hit('a', 1, 'next')], { maxTokens: 5000, countTokens: words }).sources).toHaveLength(2)
  })

  it.each([
    ['options.maxTokens', [], { maxTokens: 0 }],
    ['options.maxTokens', [], {}],
    ['options.countTokens', [], { maxTokens: 1, countTokens: 1 }],
    ['options.countTokens', [hit('a', 0, 'x')], { maxTokens: 1, countTokens: () => Number.NaN }],
    ['options.countTokens', [hit('a', 0, 'x')], { maxTokens: 1, countTokens: async () => 1 }],
    ['hits[0].document', [{}], { maxTokens: 1 }],
    ['hits[0].document', [null], { maxTokens: 1 }],
    ['hits[0].document', [{ document: { namespace: ['a'], key: 'a' } }], { maxTokens: 1 }],
    ['options.limit', [], { maxTokens: 1, limit: 1 }],
    ['hits', {}, { maxTokens: 1 }],
    ['hits[0].matched', [{ ...hit('a', 0, 'x'), matched: { field: 1, part: 0 } }], { maxTokens: 1 }],
  ])('refuses a wrong %s', (field, hits, options) => {
    expect(() => passages(hits as never, options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', field }),
    )
  })

  it.each([
    ['many hits', (n: number) => Array.from({ length: n }, (_, i) => hit(`d${i}`, 0, 'word '.repeat(25))), 1_000_000_000],
    ['many parts of one document', (n: number) => Array.from({ length: n }, (_, i) => hit('d', (i * 7919) % n, 'word '.repeat(25))), 1_000_000_000],
    ['many that do not fit', (n: number) => Array.from({ length: n }, (_, i) => hit(`d${i}`, 0, 'word '.repeat(25))), 20],
    ['one text of one sentence', (n: number) => [hit('d', 0, 'word '.repeat(25 * n))], 1000],
    ['one text of many sentences', (n: number) => [hit('d', 0, 'Word. '.repeat(25 * n))], 1000],
  ])('counts characters in proportion to the texts: %s', (_, hits, maxTokens) => {
    const workOf = (n: number): number => {
      let counted = 0
      const countTokens = (text: string): number => {
        counted += text.length
        return text.length
      }
      passages(hits(n), { maxTokens, countTokens })
      return counted
    }
    // Eight times the text; a quadratic cost would be 64 times the work.
    expect(workOf(8000)).toBeLessThan(12 * workOf(1000))
  }) // biome-ignore format: a table
})
