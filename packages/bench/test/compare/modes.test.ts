import { StoreError } from '@tandemstore/core'
import { fakeReranker } from '@tandemstore/testkit'
import { describe, expect, test } from 'vitest'
import { compare } from '../../src/compare/compare.js'
import { formatComparison } from '../../src/compare/summary-table.js'
import type { Corpus } from '../../src/corpus/corpus.js'
import { good, makeCorpus, poor } from './tea-corpus.js'

/** Codes that differ in a digit: words tell them apart, and few dimensions do not. */
function makeTickets(): Corpus {
  const documents = Array.from({ length: 40 }, (_, i) => ({
    id: `ticket-${i}`,
    text: `The pump reports ERR_${1000 + i} and stops, please look at it`,
  }))
  const queries = documents.map(({ id }, i) => ({ id, text: `ERR_${1000 + i}`, judgements: new Map([[id, 1]]) }))
  return { name: 'tickets', kind: 'judged', documents, queries, warnings: [] }
}

describe('modes', () => {
  test('are scored beside vectors, each tested against them', async () => {
    const report = await compare({ corpus: makeTickets(), embedders: [poor()] })
    const [{ exact, modes } = {}] = report.embedders
    expect(Object.keys(modes ?? {})).toEqual(['keyword', 'hybrid'])
    expect(exact?.ndcgAt10.mean).toBeLessThan(0.9)
    expect(modes?.keyword?.ndcgAt10.mean).toBe(1)
    expect(modes?.hybrid?.mrrAt10.mean).toBe(1)
    const difference = 1 - (exact?.ndcgAt10.mean ?? 0)
    expect(modes?.keyword?.significance.difference.mean).toBeCloseTo(difference, 9)
    expect(modes?.keyword?.significance.pValue).toBeLessThan(0.01)
    expect(report.conclusion).toMatch(
      /Of all searches, mode keyword with fake:poor finds best: nDCG@10 1\.000, .* more/,
    )
    expect(report.configuration).toMatchObject({
      modes: ['vector', 'keyword', 'hybrid'],
      language: null,
      reranker: null,
    })
    const text = formatComparison(report)
    expect(text).toMatch(/fake:poor +keyword +1\.000 \(1\.000–1\.000\)/)
  })

  test('cost the store under test nothing: its searches and its vectors are as without them', async () => {
    const corpus = makeCorpus()
    const [plain] = (await compare({ corpus, embedders: [good()], modes: ['vector'] })).embedders
    const [other] = (await compare({ corpus, embedders: [good()] })).embedders
    expect(plain?.modes).toBeUndefined()
    expect(other).toMatchObject({ exact: plain?.exact, index: plain?.index, tokens: plain?.tokens })
  })

  test('stems of a language find other forms of a word', async () => {
    const corpus: Corpus = {
      name: 'forms',
      kind: 'judged',
      documents: [
        { id: 'a', text: 'All connections were lost' },
        { id: 'b', text: 'Bread and butter' },
      ],
      queries: [{ id: 'q', text: 'connect', judgements: new Map([['a', 1]]) }],
      warnings: [],
    }
    const modes = ['keyword'] as const
    const keyword = async (language?: 'english') =>
      (await compare({ corpus, embedders: [good()], modes, language })).embedders[0]?.modes?.keyword?.ndcgAt10.mean
    expect(await keyword()).toBe(0)
    expect(await keyword('english')).toBe(1)
  })

  test('a mode and a language that are not there are refused before anything is embedded', async () => {
    const embedder = good()
    const run = (wrong: object) => compare({ corpus: makeCorpus(), embedders: [embedder], ...wrong })
    await expect(run({ modes: ['fuzzy'] })).rejects.toMatchObject({ code: 'CONFIGURATION', field: 'modes' })
    await expect(run({ language: 'klingon' })).rejects.toMatchObject({
      code: 'CONFIGURATION',
      field: 'index.keywords.language',
    })
    expect(embedder.calls).toEqual([])
  })
})

describe('a reranker', () => {
  test('puts the best of a hybrid search in its order', async () => {
    const reranker = fakeReranker({ name: 'words alike' })
    const report = await compare({ corpus: makeTickets(), embedders: [poor()], modes: ['hybrid'], reranker })
    expect(Object.keys(report.embedders[0]?.modes ?? {})).toEqual(['hybrid', 'reranked'])
    // Each query finds all 40 tickets, and reads each with the query once.
    expect(reranker.calls.flatMap(({ texts }) => texts)).toHaveLength(1600)
    const { hybrid, reranked } = report.embedders[0]?.modes ?? {}
    // It only puts what was found in another order.
    expect(reranked?.recallAt100).toEqual(hybrid?.recallAt100)
    expect(report.configuration).toMatchObject({ reranker: 'words alike' })
  })

  test('that fails is told, and the rest is scored', async () => {
    const reranker = {
      ...fakeReranker({ name: 'broken' }),
      rerank: () => Promise.reject(new StoreError('AUTHENTICATION', 'The key is wrong')),
    }
    const report = await compare({ corpus: makeTickets(), embedders: [poor()], reranker })
    expect(Object.keys(report.embedders[0]?.modes ?? {})).toEqual(['keyword', 'hybrid'])
    expect(report.warnings).toEqual([
      expect.stringMatching(/^fake:poor: broken failed, so reranking was not scored: .*The key is wrong/),
    ])
  })
})
