import { StoreError, type SyncMode } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { expect, it } from 'vitest'
import { runIngest } from '../../src/ingest/ingest.js'
import { syntheticTexts } from '../../src/workload/texts.js'
import type { Workload } from '../../src/workload/workload.js'
import { embedder } from '../embedder.js'
import { quietProgress, workload } from '../workload.js'

/** Counts the texts that are embedded, by the step that is under way. */
function counting(): Pick<Workload, 'embedder' | 'progress'> & { readonly texts: ReadonlyMap<string, number> } {
  const texts = new Map<string, number>()
  let step = ''
  const counted: Embedder = {
    ...embedder,
    embed: (batch, options) => {
      texts.set(step, (texts.get(step) ?? 0) + batch.length)
      return embedder.embed(batch, options)
    },
  }
  const progress = quietProgress((title) => {
    step = title
  })
  return { embedder: counted, progress, texts }
}

const options = { sync: 'background', sizes: [40, 8], baseline: 20, searches: 6 } as const

it('measures each size cold, warm and one by one, the baseline with a bound', async () => {
  const { texts, ...own } = counting()
  const report = await runIngest({ ...workload(own), ...options })
  const { runs } = report
  expect(runs.map(({ documents, kind }) => `${documents} ${kind}`)).toEqual([
    '8 cold',
    '8 warm',
    '8 one-by-one',
    '40 cold',
    '40 warm',
    '20 one-by-one',
  ])
  for (const { documents, kind, durationMs, documentsPerSecond, throughput, search, speedup } of runs) {
    expect(documentsPerSecond).toBeCloseTo((documents * 1000) / durationMs, 6)
    expect(throughput[0]).toEqual({ atMs: 0, documents: 0 })
    expect(throughput.at(-1)).toEqual({ atMs: durationMs, documents })
    expect(search).toMatchObject({ count: 6, p50: expect.any(Number) })
    expect(search.p50).toBeGreaterThan(0)
    const singly = runs.find((run) => run.kind === 'one-by-one' && run.documents === Math.min(documents, 20))
    expect(speedup).toBe(
      kind === 'one-by-one' ? undefined : documentsPerSecond / (singly?.documentsPerSecond ?? Number.NaN),
    )
  }
  expect(report.warnings).toEqual(['One by one, 20 documents were put instead of 40; compare the rates'])
  expect(report.conclusion).toMatch(/^40 documents become searchable at .* one by one/)
  // A full cache embeds nothing, an empty one everything; each search embeds its query.
  expect(Object.fromEntries(texts)).toEqual({
    '8 documents, cold': 16, // once more for warming up
    '8 documents, cold: searches': 16,
    '8 documents, warm: searches': 6,
    '8 documents, one-by-one': 8,
    '8 documents, one-by-one: searches': 6,
    '40 documents, cold': 40,
    '40 documents, cold: searches': 6,
    '40 documents, warm: searches': 6,
    '20 documents, one-by-one': 20,
    '20 documents, one-by-one: searches': 6,
  })
})

it('asks no query twice of a cold and a warm run, where there are few', async () => {
  const few = { ...syntheticTexts(1), name: 'few', queryCount: 9 }
  const texts = { ...few, query: (number: number) => few.query(number % 9) }
  const { texts: embedded, ...own } = counting()
  const report = await runIngest({ ...workload({ ...own, texts }), ...options, sizes: [5], baseline: 0, searches: 100 })
  expect(report.runs.map(({ search }) => search.count)).toEqual([4, 4])
  expect(embedded.get('5 documents, warm: searches')).toBe(4)
  expect(report.warnings).toEqual(['few has 9 queries for 2 runs with one cache: 4 searches are made instead of 100'])
})

it.each<SyncMode>(['wait', 'manual'])('counts until all is searchable in sync mode %s', async (sync) => {
  const { texts, ...own } = counting()
  const { runs } = await runIngest({ ...workload(own), ...options, sizes: [30], sync })
  expect(texts.get('30 documents, cold')).toBe(60)
  expect(runs.find(({ kind }) => kind === 'cold')?.throughput.at(-1)).toMatchObject({ documents: 30 })
})

it('asks the same queries of the same seed, and leaves the baseline out if asked to', async () => {
  const queries = async (): Promise<string[]> => {
    const asked: string[] = []
    const hearing: Embedder = {
      ...embedder,
      embed: (texts, call) => {
        if (call.purpose === 'query') asked.push(...texts)
        return embedder.embed(texts, call)
      },
    }
    const { runs } = await runIngest({ ...workload({ embedder: hearing }), ...options, sizes: [5], baseline: 0 })
    expect(runs.map(({ kind, speedup }) => [kind, speedup])).toEqual([
      ['cold', undefined],
      ['warm', undefined],
    ])
    return asked
  }
  const asked = await queries()
  expect(asked).toEqual(await queries())
  expect(new Set(asked).size).toBe(asked.length)
})

it('fails with the first document that cannot be indexed', async () => {
  const refusing: Embedder = {
    ...embedder,
    embed: (texts, call) => {
      if (texts.some((text) => text.startsWith('Note 3.')))
        throw new StoreError('EMBEDDING_FAILED', 'refused for its content')
      return embedder.embed(texts, call)
    },
  }
  await expect(runIngest({ ...workload({ embedder: refusing }), ...options })).rejects.toMatchObject({
    code: 'EMBEDDING_FAILED',
  })
})

it('stops when it is told to', async () => {
  const stop = new AbortController()
  const progress = quietProgress((title) => {
    if (title === '40 documents, warm: searches') stop.abort(new Error('enough'))
  })
  await expect(runIngest({ ...workload({ progress, signal: stop.signal }), ...options })).rejects.toThrow('enough')
})

it('needs no more than an embedder and its own options', async () => {
  const report = await runIngest({ embedder, ...options, sizes: [3] })
  expect(report).toMatchObject({ embedder: 'test:letters', store: 'memory', seed: 42, warnings: [] })
})

it('refuses sizes that are none', async () => {
  for (const sizes of [[], [0]])
    await expect(runIngest({ ...workload(), ...options, sizes })).rejects.toMatchObject({ code: 'CONFIGURATION' })
})

it('searches in every mode where there are words; only those by vector and by both embed their query', async () => {
  const { texts, ...own } = counting()
  const report = await runIngest({ ...workload({ ...own, keywords: true }), ...options, sizes: [8], baseline: 0 })
  expect(report.runs.map(({ kind }) => kind)).toEqual(['cold', 'warm'])
  for (const { search, wordSearch } of report.runs)
    for (const latency of [search, wordSearch?.keyword, wordSearch?.hybrid])
      expect(latency).toMatchObject({ count: 6, p50: expect.any(Number) })
  expect(texts.get('8 documents, warm: searches')).toBe(12)
  expect(report.conclusion).toMatch(/By words it takes .* ms, by both .* ms/)
})

it('compares an approximate search with every vector that is stored', async () => {
  const place = { kind: 'sqlite', collection: 'bench', search: 'approximate' } as const
  const report = await runIngest({ ...workload({ place }), ...options, sizes: [40], baseline: 0 })
  // So few vectors are all looked at.
  expect(report.runs.map(({ recallAt10 }) => recallAt10)).toEqual([1, undefined])
  expect(report.conclusion).toContain('It finds 100.0 % of the ten nearest documents.')
})

it('refuses approximate search of a store that has none', async () => {
  const place = { kind: 'memory', collection: 'bench', search: 'approximate' } as const
  const run = runIngest({ ...workload({ place }), ...options })
  await expect(run).rejects.toMatchObject({ code: 'CONFIGURATION', field: 'search' })
})
