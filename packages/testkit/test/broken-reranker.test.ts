import type { CallOptions, Reranker } from '@tandemstore/core/adapter'
import { test } from 'vitest'
import { fakeReranker } from '../src/index.js'
import { rerankerChecks } from '../src/reranker/checks.js'
import { expectCaught } from './check-runner.js'

type Rerank = (query: string, texts: readonly string[], options: CallOptions) => Promise<readonly number[]>

function brokenReranker(breakIt: (good: Rerank) => Rerank, rest: Partial<Reranker> = {}): Reranker {
  const good = fakeReranker()
  return { ...good, rerank: breakIt(async (query, texts, options) => good.rerank(query, texts, options)), ...rest }
}

const changeScores = (change: (scores: readonly number[], texts: readonly string[]) => readonly number[]): Reranker =>
  brokenReranker((good) => async (query, texts, options) => change(await good(query, texts, options), texts))

const whole = 'one finite score for each text; one that answers the query has more than one that does not'
const inOrder = 'the scores are in the order of the texts, and each is what the text has alone'
const same = 'the same pairs have the same scores, also twice in one call'
const limits = 'a call of `maxInputs` texts works'
const aborts =
  'a signal that is aborted already rejects; one that aborts while it works ends it, and the next call works'
let calls = 0

const broken: readonly [what: string, reranker: () => Reranker, caughtBy: string][] = [
  ['has no name', () => brokenReranker((good) => good, { name: ' ' }), 'it has a name, and the declared limits are whole numbers'],
  ['takes half a text', () => brokenReranker((good) => good, { limits: { maxInputs: 0.5 } }), 'it has a name, and the declared limits are whole numbers'],
  ['drops the last text', () => changeScores((scores) => (scores.length > 1 ? scores.slice(0, -1) : scores)), whole],
  ['gives NaN', () => changeScores((scores) => scores.map((score, i) => (i === 2 ? Number.NaN : score))), whole],
  ['gives distances', () => changeScores((scores) => scores.map((score) => 1 - score)), whole],
  ['gives the places instead of scores', () => changeScores((scores) => scores.map((_, i) => i)), inOrder],
  ['gives the scores best first', () => changeScores((scores) => scores.toSorted((a, b) => b - a)), whole],
  ['gives the scores in the order of the texts by name', () => changeScores((scores, texts) => texts.map((_, i) => i).sort((a, b) => ((texts[a] as string) < (texts[b] as string) ? -1 : 1)).map((i) => scores[i] as number)), whole],
  ['turns the order round', () => changeScores((scores) => scores.toReversed()), inOrder],
  ['compares the texts of a call with each other', () => changeScores((scores) => scores.map((score) => score / Math.max(1e-9, ...scores))), inOrder],
  ['gives other scores each time', () => changeScores((scores) => scores.map((score) => score + ++calls * 0.01)), inOrder],
  ['gives a text its second score where it comes twice', () => changeScores((scores, texts) => scores.map((score, i) => (texts.indexOf(texts[i] as string) === i ? score : score / 2))), same],
  ['does not read the query', () => brokenReranker((good) => (_, texts, options) => good('boats in the harbour', texts, options)), 'another query gives other scores'],
  ['fails without a text', () => brokenReranker((good) => async (query, texts, options) => {
    if (texts.length === 0) throw new Error('no documents')
    return good(query, texts, options)
  }), 'no text has no score'],
  ['refuses as many texts as it says it takes', () => brokenReranker((good) => (query, texts, options) => good(query, texts.slice(0, 49), options), { limits: { maxInputs: 50 } }), limits],
  ['counts nothing', () => brokenReranker((good) => good, { countTokens: () => 1 }), 'countTokens, where there is one, counts more of more'],
  ['gives a call what another asked for', () => {
    let last: readonly string[] = []
    return brokenReranker((good) => async (query, texts, options) => {
      last = texts
      await new Promise(setImmediate)
      return good(query, texts.length === 1 ? last : texts, options)
    })
  }, 'calls at the same time do not mix'],
  ['does not look at the signal', () => brokenReranker((good) => (query, texts) => good(query, texts, {})), aborts],
] // biome-ignore format: a table

test.each(broken)('the suite catches a reranker that %s', async (_, reranker, caughtBy) => {
  await expectCaught({ rerankerChecks }, caughtBy, { reranker: reranker() })
})
