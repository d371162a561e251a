import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { SearchHit } from '../../src/api/queries.js'
import { StoreError } from '../../src/errors.js'
import { Events } from '../../src/observe/events.js'
import { Counters } from '../../src/observe/stats.js'
import type { Reranker } from '../../src/ports/reranker.js'
import { rerankHits } from '../../src/read/rerank.js'
import { Reranking } from '../../src/reranking/reranking.js'

function open(rerank: Reranker['rerank']) {
  const events = new Events('test')
  events.on('rerankFailed', () => {})
  const phase = new Counters('test').phases.rerank
  const { signal } = new AbortController()
  return new Reranking({ reranker: { name: 'fake', rerank }, events, phase, signal })
}

const hit = (key: string, score: number, text: string | undefined, value: object = { body: text }) =>
  ({
    document: { namespace: ['docs'], key, value, version: '', createdAt: new Date(0), updatedAt: new Date(0) },
    score,
    scores: { vector: score },
    matched: { field: 'body', part: 0, ...(text === undefined ? {} : { text }) },
  }) as SearchHit<object>

const request = { query: 'q', degrades: true, signal: undefined }

it('gives the same hits in the order of the scores, those of one score in the order they had', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 30 }), async (given) => {
      const hits = given.map((_, i) => hit(`k${i}`, 1 - i / 100, `${i}`))
      const reranking = open((_, texts) => texts.map((text) => given[Number(text)] as number))
      const reranked = await rerankHits(reranking, { ...request, hits })
      const expected = given
        .map((score, i) => ({ key: `k${i}`, score, scores: { vector: 1 - i / 100, rerank: score }, i }))
        .sort((a, b) => b.score - a.score || a.i - b.i)
      expect(reranked).toMatchObject(expected.map(({ key, score, scores }) => ({ document: { key }, score, scores })))
      expect(reranked).toHaveLength(hits.length)
    }),
  )
})

it('reads the text that matched, else the field as it is, else the whole value', async () => {
  const seen: string[] = []
  const reranking = open((_, texts) => {
    seen.push(...texts)
    return texts.map(() => 0)
  })
  const hits = [hit('a', 1, 'part'), hit('b', 1, undefined, { body: 'now' }), hit('c', 1, undefined, { other: 1 })]
  await rerankHits(reranking, { ...request, hits })
  expect(seen).toEqual(['part', 'now', '{"other":1}'])
})

it('keeps the hits as they are when the reranker fails, unless it may not', async () => {
  const reranking = open(() => {
    throw new StoreError('AUTHENTICATION', 'no key')
  })
  const hits = [hit('a', 1, 'a'), hit('b', 0.5, 'b')]
  expect(await rerankHits(reranking, { ...request, hits })).toEqual(hits)
  await expect(rerankHits(reranking, { ...request, hits, degrades: false })).rejects.toMatchObject({
    code: 'AUTHENTICATION',
  })
})

it('does not degrade where the caller gives up, and calls nobody without hits', async () => {
  const reranking = open(() => new Promise<never>(() => {}))
  const abort = new AbortController()
  const given = rerankHits(reranking, { ...request, hits: [hit('a', 1, 'a')], signal: abort.signal })
  abort.abort()
  await expect(given).rejects.toMatchObject({ code: 'ABORTED' })
  expect(await rerankHits(reranking, { ...request, hits: [] })).toEqual([])
})
