import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { StoreError } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { fakeEmbedder } from '@tandemstore/testkit'
import { describe, expect, test, vi } from 'vitest'
import { compare } from '../../src/compare/compare.js'
import type { Corpus } from '../../src/corpus/corpus.js'
import { mean } from '../../src/metrics/estimates.js'
import { toRanking } from '../../src/metrics/ranking.js'
import { scoreQuery } from '../../src/metrics/scores.js'
import { folderOf } from '../corpus/folder-of.js'
import { failing, good, makeCorpus, poor } from './tea-corpus.js'

const corpus = makeCorpus()

/** Another way to the same number: every text embedded by itself, every pair compared. */
async function ndcgByHand(embedder: Embedder, { documents, queries }: Corpus): Promise<number> {
  const vector = async (text: string, purpose: 'document' | 'query') => {
    const { vectors } = await embedder.embed([text], { purpose })
    return [...(vectors[0] ?? [])]
  }
  const vectors = await Promise.all(documents.map(({ text }) => vector(text, 'document')))
  const scores = await Promise.all(
    queries.map(async ({ text, judgements }) => {
      const query = await vector(text, 'query')
      const hits = documents.map(({ id }, i) => ({
        id,
        score: query.reduce((sum, x, at) => sum + x * (vectors[i]?.[at] ?? 0), 0),
      }))
      return scoreQuery(toRanking(hits), judgements).ndcgAt10
    }),
  )
  return mean(scores)
}

/** Refuses texts as a provider would. */
function refusing(embedder: Embedder, refuses: (text: string) => boolean): Embedder {
  return {
    ...embedder,
    embed: async (texts, options) => {
      if (texts.some(refuses)) throw new StoreError('EMBEDDING_FAILED', 'The text is refused', { retryable: false })
      return embedder.embed(texts, options)
    },
  }
}

describe('two embedders', () => {
  const price = 3
  const run = async () =>
    compare({
      corpus,
      embedders: [{ name: 'the poor', embedder: poor(), pricePerMillionTokens: price }, good()],
      configuration: { corpus: 'made up' },
    })

  test('are scored, timed and compared', async () => {
    const report = await run()
    const [first, second] = report.embedders
    expect(report).toMatchObject({
      command: 'compare',
      format: 'tandem-bench',
      corpus: { name: 'tea and more', documents: 64, queries: 8, judgements: 64, kind: 'judged' },
      store: 'memory',
      unavailable: [],
      warnings: [],
      seed: 42,
    })
    expect(report.configuration).toMatchObject({
      corpus: 'made up',
      store: 'memory',
      onTooLong: 'truncate',
      embedders: [{ name: 'the poor', model: { name: 'poor' } }, { name: 'fake:good' }],
    })
    expect(first).toMatchObject({ name: 'the poor', dimensions: 4, bytesPerVector: 16 })
    expect(second).toMatchObject({ name: 'fake:good', dimensions: 64, bytesPerVector: 256 })
    expect(first?.exact.ndcgAt10.mean).toBeCloseTo(await ndcgByHand(poor(), corpus), 6)
    expect(second?.exact.ndcgAt10.mean).toBeCloseTo(await ndcgByHand(good(), corpus), 6)
    // The index in memory is exact.
    expect(first?.index.ndcgAt10.mean).toBeCloseTo(first?.exact.ndcgAt10.mean ?? -1, 6)
    expect(second?.index).toEqual(second?.exact)

    expect(first?.significance).toBeUndefined()
    const difference = (second?.exact.ndcgAt10.mean ?? 0) - (first?.exact.ndcgAt10.mean ?? 0)
    expect(difference).toBeGreaterThan(0.1)
    expect(second?.significance?.difference.mean).toBeCloseTo(difference, 9)
    expect(second?.significance?.pValue).toBeLessThan(0.05)
    expect(report.conclusion).toMatch(
      /^Take fake:good: its nDCG@10 of 0\.\d{3} is 0\.\d{3} better than that of the poor/,
    )
  })

  test('are counted: documents, latencies, tokens, cost and hits of the cache', async () => {
    const [first, second] = (await run()).embedders
    for (const each of [first, second]) {
      expect(each?.documentsPerSecond).toBeGreaterThan(0)
      expect(each?.throughput.at(-1)?.documents).toBe(64)
      expect(each?.latency.cold.count).toBe(8)
      expect(each?.latency.cached.count).toBe(8)
      expect(each?.latency.cold.p95).toBeGreaterThanOrEqual(each?.latency.cold.p50 ?? Number.NaN)
      // 64 documents of 13 words, 8 queries of 6, and 2 to warm up.
      expect(each).toMatchObject({ tokens: 64 * 13 + 8 * 6 + 2, tokensEstimated: false })
      // Of the documents no two are alike; that each query is asked twice is the bench's own doing.
      expect(each?.cacheHitRate).toBe(0)
    }
    expect(first?.cost).toEqual({ perMillionTokens: price, run: (882 * price) / 1e6 })
    expect(second?.cost).toBeUndefined()
  })

  test('need not embed a document whose text came before', async () => {
    const { documents } = corpus
    const repeated = documents.map((each, i) => ({ ...each, text: documents[i % 48]?.text ?? '' }))
    const report = await compare({ corpus: { ...corpus, documents: repeated }, embedders: [good()] })
    expect(report.embedders[0]?.cacheHitRate).toBeCloseTo(16 / 64, 9)
  })

  test('give the same scores with the same seed', async () => {
    const quality = async () =>
      (await run()).embedders.map(({ exact, index, significance }) => ({ exact, index, significance }))
    expect(await quality()).toEqual(await quality())
  })
})

describe('what cannot be had', () => {
  test('is listed with its reason, and the others are compared', async () => {
    vi.stubEnv('OPENAI_API_KEY', '')
    vi.stubEnv('GEMINI_API_KEY', '')
    vi.stubEnv('GOOGLE_API_KEY', '')
    try {
      const locked: Embedder = {
        ...good(),
        model: { provider: 'fake', name: 'locked' },
        embed: async () => {
          throw new StoreError('AUTHENTICATION', 'The key is refused')
        },
      }
      const embedders = ['openai:text-embedding-3-small', locked, 'gemini:gemini-embedding-001', good()]
      const report = await compare({ corpus, embedders })
      expect(report.embedders.map(({ name }) => name)).toEqual(['fake:good'])
      expect(report.unavailable).toEqual([
        { name: 'openai:text-embedding-3-small', reason: expect.stringContaining('OPENAI_API_KEY') },
        { name: 'fake:locked', reason: expect.stringContaining('The key is refused') },
        { name: 'gemini:gemini-embedding-001', reason: expect.stringContaining('API_KEY') },
      ])
    } finally {
      vi.unstubAllEnvs()
    }
  })

  test('at all leaves a report that says so', async () => {
    const models = await folderOf({})
    const embedder: Embedder = { ...good(), embed: async () => ({ vectors: [[Number.NaN]] }) }
    const report = await compare({ corpus, embedders: [embedder], models })
    expect(report.embedders).toEqual([])
    expect(report.conclusion).toMatch(/^Nothing can be said: fake:good cannot be had/)
  })

  test.each([
    [['magic:beans'], '"magic:beans" names no embedder'],
    [['local:small'], '"local:small" names no embedder'],
    [['transformers'], '"transformers" names no embedder'],
    [['local', 'local'], 'Two embedders are called local'],
  ])('because of a wrong word is an error: %j', async (embedders, problem) => {
    await expect(compare({ corpus, embedders })).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining(problem),
    })
  })
})

describe('a store that cannot be had ends the comparison, and is blamed on no embedder', () => {
  test('as somebody else keeps documents there', async () => {
    const path = join(await folderOf({ 'theirs.db': 'precious' }), 'theirs.db')
    const [one, two] = [good(), fakeEmbedder({ model: 'two' })]
    const place = { kind: 'sqlite', collection: 'tandem_bench', path } as const
    await expect(compare({ corpus, embedders: [one, two], place })).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('was not made by tandem-bench'),
    })
    // One word to try it, and no bill for the next.
    expect([one.calls.length, two.calls.length]).toEqual([1, 0])
  })

  test('as nobody answers there, or nobody said where it is', async () => {
    vi.stubEnv('TANDEM_SCYLLA', '')
    vi.stubEnv('TANDEM_QDRANT_URL', '')
    try {
      const place = { kind: 'scylla-qdrant', collection: 'tandem_bench' } as const
      await expect(compare({ corpus, embedders: [good()], place })).rejects.toMatchObject({ code: 'CONFIGURATION' })
      const nobody = { ...place, scylla: '127.0.0.1:1', qdrantUrl: 'http://127.0.0.1:1' }
      await expect(compare({ corpus, embedders: [good()], place: nobody })).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('Qdrant does not answer'),
      })
    } finally {
      vi.unstubAllEnvs()
    }
  })
})

describe('texts that a model does not take', () => {
  test('documents are never found, queries score 0, and both are counted', async () => {
    const embedder = refusing(good(), (text) => text.includes('tea'))
    const report = await compare({ corpus, embedders: [good(), { name: 'no tea', embedder }] })
    const [all, without] = report.embedders
    expect(report.warnings).toEqual([
      'no tea: 8 of 64 documents cannot be embedded and are never found: The text is refused',
      'no tea: 1 of 8 queries cannot be embedded and score 0: The text is refused',
    ])
    expect(without?.exact.recallAt100.mean).toBeCloseTo((all?.exact.recallAt100.mean ?? 0) * (7 / 8), 9)
    expect(without?.index).toEqual(without?.exact)
    expect(without?.latency.cold.count).toBe(7)
  })

  test('are cut at the limit in a judged corpus, and embedded in parts where it is so told', async () => {
    const long: Corpus = {
      ...corpus,
      documents: [
        { id: 'early', text: 'lemons one two three four five six seven eight nine' },
        { id: 'late', text: 'one two three four five six seven eight nine oranges' },
      ],
      queries: [{ id: 'q', text: 'oranges', judgements: new Map([['late', 1]]) }],
    }
    const embedder = fakeEmbedder({ limits: { maxInputTokens: 5 } })
    const ndcg = async (options: { kind?: 'known-item'; onTooLong?: 'chunk' | 'truncate' }) => {
      const { kind = 'judged', ...rest } = options
      const report = await compare({ corpus: { ...long, kind }, embedders: [embedder], ...rest })
      expect(report.configuration).toMatchObject({ embedders: [{ maxInputTokens: 5 }] })
      const { exact, index } = report.embedders[0] ?? {}
      const cut = 'fake:fake: 2 of 2 documents are longer than the 5 tokens it reads, and were cut there'
      expect(report.warnings).toEqual(kind === 'judged' && rest.onTooLong !== 'chunk' ? [cut] : [])
      expect(index).toEqual(exact)
      return exact?.mrrAt10.mean
    }
    // Cut, neither holds oranges; in parts, one part of the second does.
    expect(await ndcg({})).toBe(await ndcg({ onTooLong: 'truncate' }))
    expect(await ndcg({ onTooLong: 'chunk' })).toBe(1)
    expect(await ndcg({ kind: 'known-item' })).toBe(1)
  })
})

describe('a broken comparison', () => {
  const qualities = (report: Awaited<ReturnType<typeof compare>>) =>
    report.embedders.map(({ name, exact, index, significance }) => ({ name, exact, index, significance }))

  test('goes on: what is finished is not measured again, vectors that were made are not made again', async () => {
    const folder = join(await folderOf({}), 'state')
    const [first, second] = [failing(poor(), Number.POSITIVE_INFINITY), failing(good(), 20)]
    const embedders = [first.embedder, second.embedder]
    const broken = await compare({ corpus, embedders, state: { folder, resume: false } })
    expect(broken.unavailable).toEqual([
      { name: 'fake:good', reason: expect.stringContaining('The account is closed') },
    ])
    expect(broken.embedders).toHaveLength(1)
    const made = second.embedded.length
    expect(made).toBe(20)

    first.mend()
    second.mend()
    const report = await compare({ corpus, embedders, state: { folder, resume: true } })
    expect(first.embedded).toEqual([])
    expect(second.embedded).toHaveLength(corpus.documents.length - made)
    expect(report.warnings).toEqual([
      expect.stringMatching(
        /^fake:poor was measured by an earlier run, which ended with it at \d{4}-\d\d-\d\dT.*, and not again$/,
      ),
      expect.stringMatching(/^fake:good: went on from an earlier run, which had embedded 20 texts/),
    ])
    expect(qualities(report)).toEqual(qualities(await compare({ corpus, embedders: [poor(), good()] })))
    expect(report.embedders[0]).toEqual(broken.embedders[0])
    expect(report.embedders[1]?.tokens).toBe(882)
    expect(report.embedders[1]?.documentsPerSecond).toBeGreaterThan(0)
    // All is done, so nothing is kept.
    expect(existsSync(folder)).toBe(false)
  })

  test('of another place is another one', async () => {
    const folder = await folderOf({})
    const one = failing(good(), 20)
    const state = { folder: join(folder, 'state'), resume: true }
    await compare({ corpus, embedders: [one.embedder], state })
    one.mend()
    const place = { kind: 'memory', collection: 'another' } as const
    await compare({ corpus, embedders: [one.embedder], state, place })
    expect(one.embedded).toHaveLength(corpus.documents.length)
  })

  test('is kept from a second run while the first is under way, and is whole after it', async () => {
    const folder = join(await folderOf({}), 'state')
    const state = { folder, resume: false }
    let second: Promise<unknown> | undefined
    const embedder: Embedder = {
      ...good(),
      embed: async (texts, options) => {
        // While the first one is embedding.
        if (options.purpose === 'document') {
          second ??= compare({ corpus, embedders: [poor()], state }).catch((error: unknown) => error)
          await second
        }
        return good().embed(texts, options)
      },
    }
    const report = await compare({ corpus, embedders: [embedder], state })
    expect(report.unavailable).toEqual([])
    expect(await second).toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringMatching(
        /^Another tandem-bench \(process \d+\) uses what a comparison of this corpus keeps/,
      ),
    })
    expect(existsSync(folder)).toBe(false)
  })

  test('starts anew where it is not told to go on', async () => {
    const folder = await folderOf({})
    const one = failing(good(), 20)
    await compare({ corpus, embedders: [one.embedder], state: { folder, resume: false } })
    one.mend()
    const report = await compare({ corpus, embedders: [one.embedder], state: { folder, resume: false } })
    expect(one.embedded).toHaveLength(corpus.documents.length)
    expect(report.warnings).toEqual([])
  })

  test('of another corpus, seed or way to cut is another one', async () => {
    const folder = await folderOf({})
    const one = failing(good(), 20)
    await compare({ corpus, embedders: [one.embedder], state: { folder, resume: false } })
    one.mend()
    await compare({ corpus: makeCorpus(7), embedders: [one.embedder], state: { folder, resume: true } })
    expect(one.embedded).toHaveLength(56)
    expect(readdirSync(folder)).toHaveLength(1)
  })

  test('is stopped by its signal, leaves nothing in the database, and goes on', async () => {
    const folder = await folderOf({})
    const path = join(folder, 'bench.db')
    const place = { kind: 'sqlite', collection: 'tandem_bench', path } as const
    const state = { folder: join(folder, 'state'), resume: true }
    const controller = new AbortController()
    const one = failing(good(), Number.POSITIVE_INFINITY)
    const stopping: Embedder = {
      ...one.embedder,
      embed: async (texts, options) => {
        if (one.embedded.length >= 20) controller.abort()
        return one.embedder.embed(texts, options)
      },
    }
    const { signal } = controller
    await expect(compare({ corpus, embedders: [stopping], place, state, signal })).rejects.toThrow()
    expect(signal.aborted).toBe(true)
    expect(readdirSync(folder)).toEqual(['state'])

    const made = one.embedded.length
    one.mend()
    const report = await compare({ corpus, embedders: [one.embedder], place, state })
    expect(one.embedded.length).toBeLessThanOrEqual(corpus.documents.length - made + 8)
    expect(one.embedded.length).toBeLessThan(corpus.documents.length)
    expect(qualities(report)).toEqual(qualities(await compare({ corpus, embedders: [good()] })))
    expect(readdirSync(folder)).toEqual([])
  })
})

test('a store in SQLite finds what exact search finds, and is gone afterwards', async () => {
  const folder = await folderOf({})
  const place = { kind: 'sqlite', collection: 'tandem_bench', path: join(folder, 'bench.db') } as const
  const report = await compare({ corpus, embedders: [good()], place })
  expect(report.store).toBe('sqlite')
  expect(report.versions).toMatchObject({ sqlite: expect.any(String), '@tandemstore/core': expect.any(String) })
  expect(report.embedders[0]?.index.ndcgAt10.mean).toBeCloseTo(report.embedders[0]?.exact.ndcgAt10.mean ?? -1, 3)
  expect(readdirSync(folder)).toEqual([])
})
