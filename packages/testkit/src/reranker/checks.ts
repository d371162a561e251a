import type { Reranker } from '@tandemstore/core/adapter'
import { expect } from 'vitest'
import type { Check } from '../shared/check.js'
import { expectAborted } from '../shared/expectations.js'

export interface RerankerContext {
  readonly reranker: Reranker
}

const query = 'boats in the harbour'
const texts = [
  'Quarterly revenue grew by 12%, mostly in "services".',
  'The harbour was full of boats.',
  'a',
  'Ein Satz auf Deutsch – mit Umlauten: äöü ß.',
  '日本語の文章です。',
  'Boats\nlines\tand a tab',
  'emoji \u{1f600} and e\u0301',
]
const answer = texts.indexOf('The harbour was full of boats.')
const other = texts.indexOf('Quarterly revenue grew by 12%, mostly in "services".')

/** How far the scores of one pair may be apart, as a share of all scores' range: padding and quantisation move a score. */
const TOLERANCE = 0.02

/** Scores, and expects of them what must hold of any. */
async function score(reranker: Reranker, asked: string, inputs: readonly string[]): Promise<number[]> {
  const scores = Array.from(await reranker.rerank(asked, inputs, {}))
  expect(scores).toHaveLength(inputs.length)
  for (const each of scores) expect(Number.isFinite(each), `score ${each}`).toBe(true)
  return scores
}

function rangeOf(scores: readonly number[]): number {
  return Math.max(...scores) - Math.min(...scores)
}

/** Expects the scores to be those, but for what moves them a little. */
function expectSame(scores: readonly number[], expected: readonly number[], range: number): void {
  for (const [i, each] of scores.entries()) {
    const apart = Math.abs(each - (expected[i] as number))
    expect(apart, `score ${i}: ${each}, not ${expected[i]}`).toBeLessThanOrEqual(TOLERANCE * range)
  }
}

export const rerankerChecks: readonly Check<RerankerContext>[] = [
  {
    name: 'it has a name, and the declared limits are whole numbers',
    async run({ reranker }) {
      expect(reranker.name).toMatch(/\S/)
      const { maxInputs, maxInputTokens, maxRequestTokens, maxConcurrency } = reranker.limits ?? {}
      for (const limit of [maxInputs, maxInputTokens, maxRequestTokens, maxConcurrency]) {
        if (limit !== undefined) expect(Number.isInteger(limit) && limit > 0, `limit ${limit}`).toBe(true)
      }
    },
  },
  {
    name: 'one finite score for each text; one that answers the query has more than one that does not',
    async run({ reranker }) {
      const scores = await score(reranker, query, texts)
      expect(scores[answer] as number).toBeGreaterThan(scores[other] as number)
    },
  },
  {
    name: 'the scores are in the order of the texts, and each is what the text has alone',
    async run({ reranker }) {
      const scores = await score(reranker, query, texts)
      const range = rangeOf(scores)
      expect(range, 'the range of the scores').toBeGreaterThan(0)
      const alone: number[] = []
      for (const text of texts) alone.push(...(await score(reranker, query, [text])))
      expectSame(scores, alone, range)
      const reversed = await score(reranker, query, [...texts].reverse())
      expectSame(reversed.reverse(), scores, range)
    },
  },
  {
    name: 'the same pairs have the same scores, also twice in one call',
    async run({ reranker }) {
      const [first, second] = [await score(reranker, query, texts), await score(reranker, query, texts)]
      expectSame(first, second, rangeOf(first))
      const [a, , again] = await score(reranker, query, [texts[answer], texts[other], texts[answer]] as string[])
      expectSame([a as number], [again as number], rangeOf(first))
    },
  },
  {
    name: 'another query gives other scores',
    async run({ reranker }) {
      const of = (asked: string) => score(reranker, asked, [texts[answer], texts[other]] as string[])
      const [boats, revenue] = [await of(query), await of('how much did quarterly revenue grow')]
      const lead = ([first = 0, second = 0]: readonly number[]) => first - second
      expect(lead(revenue)).toBeLessThan(lead(boats))
    },
  },
  {
    name: 'no text has no score',
    async run({ reranker }) {
      await expect((async () => Array.from(await reranker.rerank(query, [], {})))()).resolves.toEqual([])
    },
  },
  {
    name: 'a call of `maxInputs` texts works',
    async run({ reranker }) {
      const most = Array.from(
        { length: reranker.limits?.maxInputs ?? 100 },
        (_, i) => texts[i % texts.length] as string,
      )
      const scores = await score(reranker, query, most)
      const few = await score(reranker, query, texts.slice(0, most.length))
      expectSame(
        scores,
        most.map((_, i) => few[i % texts.length] as number),
        rangeOf(few),
      )
    },
  },
  {
    name: 'countTokens, where there is one, counts more of more',
    async run({ reranker }) {
      if (reranker.countTokens === undefined) return
      const counts = texts.map((text) => reranker.countTokens?.(text) as number)
      for (const count of counts) expect(Number.isInteger(count) && count > 0, `count ${count}`).toBe(true)
      expect(reranker.countTokens('word '.repeat(100))).toBeGreaterThan(reranker.countTokens('word'))
    },
  },
  {
    name: 'calls at the same time do not mix',
    async run({ reranker }) {
      const scores = await score(reranker, query, texts)
      const together = await Promise.all(texts.map((text) => score(reranker, query, [text])))
      expectSame(together.flat(), scores, rangeOf(scores))
    },
  },
  {
    name: 'a signal that is aborted already rejects; one that aborts while it works ends it, and the next call works',
    async run({ reranker }) {
      await expectAborted(async (signal) => reranker.rerank(query, ['a'], { signal }))
      const abort = new AbortController()
      const running = (async () => reranker.rerank(query, texts, { signal: abort.signal }))()
      abort.abort()
      await expect(
        running.then(
          () => 'ended',
          () => 'ended',
        ),
      ).resolves.toBe('ended')
      await score(reranker, query, ['a'])
    },
  },
]
