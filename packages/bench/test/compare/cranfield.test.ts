import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compare } from '../../src/compare/compare.js'
import { loadCorpus } from '../../src/corpus/load-corpus.js'

const shared = resolve(import.meta.dirname, '../../../../../shared')
const folder = join(process.env.TANDEM_DATA ?? join(shared, 'data'), 'cranfield')
const models = process.env.TANDEM_MODELS ?? join(shared, 'models')
const model = 'all-MiniLM-L6-v2'

/** What the maker of the static model measured by a plain loop. */
const { figures } = JSON.parse(
  readFileSync(new URL('../../../embed-local/data/static-model.json', import.meta.url), 'utf8'),
)

const missing = [
  ...(existsSync(join(folder, 'corpus.jsonl')) ? [] : [`there is no ${folder} (TANDEM_DATA)`]),
  ...(existsSync(join(models, model, 'config.json')) ? [] : [`there is no ${model} in ${models} (TANDEM_MODELS)`]),
]
const title = missing.length === 0 ? 'on Cranfield' : `SKIPPED: on Cranfield: ${missing.join(', ')}`

describe.skipIf(missing.length > 0)(title, () => {
  test('scores are what a plain loop over the vectors gave', { timeout: 1_800_000 }, async () => {
    const corpus = await loadCorpus(folder)
    expect(corpus.warnings).toEqual([])
    const report = await compare({
      corpus,
      embedders: ['local', `transformers:${model}`],
      models,
      language: 'english',
    })
    expect(report.unavailable).toEqual([])
    expect(report.corpus).toEqual({
      name: 'cranfield',
      kind: 'judged',
      documents: 1398,
      queries: 225,
      judgements: 1836,
    })
    const [small, miniLM] = report.embedders
    // The maker reads the whole of an abstract, and the store cuts it at the limit of 256 words.
    expect(Math.abs((small?.exact.ndcgAt10.mean ?? 0) - figures.cranfield.ndcg10)).toBeLessThanOrEqual(0.01)
    expect(Math.abs((small?.exact.recallAt100.mean ?? 0) - figures.cranfield.recall100)).toBeLessThanOrEqual(0.01)
    expect(Math.abs((miniLM?.exact.ndcgAt10.mean ?? 0) - 0.506)).toBeLessThanOrEqual(0.005)
    expect(Math.abs((miniLM?.exact.recallAt100.mean ?? 0) - 0.792)).toBeLessThanOrEqual(0.005)
    // The index in memory loses nothing.
    for (const { exact, index } of report.embedders) expect(index.ndcgAt10.mean).toBeCloseTo(exact.ndcgAt10.mean, 3)
    // What decision 047 measured by loops over texts in parts.
    const [bySmall, byMiniLM] = [small, miniLM].map((each) => each?.modes?.hybrid)
    expect(Math.abs((small?.modes?.keyword?.ndcgAt10.mean ?? 0) - 0.498)).toBeLessThanOrEqual(0.01)
    expect(Math.abs((bySmall?.ndcgAt10.mean ?? 0) - 0.509)).toBeLessThanOrEqual(0.01)
    expect(Math.abs((byMiniLM?.ndcgAt10.mean ?? 0) - 0.559)).toBeLessThanOrEqual(0.01)
    expect(byMiniLM?.significance.pValue).toBeLessThan(0.001)
    expect(miniLM?.significance).toMatchObject({ pValue: expect.closeTo(1 / 10_001, 9) })
    expect(report.conclusion).toMatch(
      /^Take transformers:all-MiniLM-L6-v2: its nDCG@10 of 0\.50\d is 0\.\d\d\d better than that of local/,
    )
  })
})
