import type {
  ComparedEmbedder,
  ComparedSearch,
  CompareReport,
  Estimate,
  IngestReport,
  IngestRun,
  Latencies,
  ProfileReport,
  Quality,
  ReportBase,
  StressReport,
  ThroughputPoint,
} from '../../src/result.js'

/** Made-up reports with the shapes of real ones. The same call gives the same report. */

/** mulberry32 by Tommy Ettinger, public domain. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const base: ReportBase = {
  format: 'tandem-bench',
  formatVersion: 1,
  startedAt: '2026-03-04T09:30:00.000Z',
  durationMs: 252_000,
  seed: 42,
  machine: {
    os: 'Linux 6.1.0',
    processor: 'AMD EPYC 7B13',
    cores: 8,
    memoryBytes: 33_554_432_000,
    node: 'v24.21.0',
  },
  versions: { '@tandemstore/core': '0.1.0', '@tandemstore/sqlite': '0.1.0', 'sqlite-vec': '0.1.7' },
  configuration: { corpus: './docs', embedders: ['local'], store: 'sqlite', bootstrap: { samples: 1000 } },
  warnings: [],
}

/** Log-normal around a median. */
export function latencies(median: number, count = 225, seed = 1): Latencies {
  const random = randomNumbers(seed)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const values = Array.from({ length: count }, () => median * Math.exp(0.25 * normal())).sort((a, b) => a - b)
  const at = (share: number): number => values[Math.min(count - 1, Math.floor(share * count))] ?? 0
  const kept = Math.min(count, 200)
  return {
    count,
    mean: count === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / count,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: values.at(-1) ?? 0,
    sample: Array.from({ length: kept }, (_, i) => values[Math.floor((i * count) / kept)] ?? 0),
  }
}

export function curve(documents: number, perSecond: number, seed = 1): ThroughputPoint[] {
  const random = randomNumbers(seed)
  const points: ThroughputPoint[] = []
  let atMs = 0
  for (let done = 0; done < documents; ) {
    const batch = Math.min(32, documents - done)
    done += batch
    atMs += (batch / perSecond) * 1000 * (0.7 + 0.6 * random())
    points.push({ atMs, documents: done })
  }
  return points
}

function estimate(mean: number, half = 0.03): Estimate {
  return { mean, low: Math.max(0, mean - half), high: Math.min(1, mean + half * 0.95) }
}

function quality(ndcg: number): Quality {
  return {
    ndcgAt10: estimate(ndcg),
    recallAt10: estimate(ndcg * 0.98),
    recallAt100: estimate(Math.min(0.97, ndcg * 1.56)),
    mrrAt10: estimate(Math.min(0.98, ndcg * 1.3)),
  }
}

export interface EmbedderOptions {
  readonly ndcg?: number
  readonly perSecond?: number
  readonly dimensions?: number
  /** US dollars per million tokens; `undefined` is a price that is not known. */
  readonly price?: number | undefined
  readonly seed?: number
}

export function embedder(name: string, options: EmbedderOptions = {}): ComparedEmbedder {
  const { ndcg = 0.45, perSecond = 40, dimensions = 384, price, seed = 1 } = options
  const tokens = 283_104
  return {
    name,
    dimensions,
    bytesPerVector: dimensions * 4,
    exact: quality(ndcg),
    index: quality(ndcg - 0.004),
    documentsPerSecond: perSecond,
    throughput: curve(1398, perSecond, seed),
    latency: { cold: latencies(900 / perSecond, 225, seed), cached: latencies(0.9, 225, seed + 50) },
    tokens,
    tokensEstimated: price === undefined,
    ...(price === undefined ? {} : { cost: { perMillionTokens: price, run: (price * tokens) / 1e6 } }),
    cacheHitRate: 0.137,
  }
}

/** The same, searched by words as well. */
export function withModes(compared: ComparedEmbedder): ComparedEmbedder {
  const search = (more: number, pValue: number): ComparedSearch => ({
    ...quality(compared.exact.ndcgAt10.mean + more),
    significance: { metric: 'ndcgAt10', difference: estimate(more), pValue },
  })
  return {
    ...compared,
    modes: { keyword: search(0.01, 0.4), hybrid: search(0.05, 0.0001), reranked: search(0.08, 0.0001) },
  }
}

const first = embedder('local', { ndcg: 0.257, perSecond: 210, dimensions: 512, price: 0, seed: 3 })

export function compareReport(changes: Partial<CompareReport> = {}): CompareReport {
  const others = [
    embedder('transformers:Xenova/all-MiniLM-L6-v2', { ndcg: 0.506, perSecond: 38, price: 0, seed: 4 }),
    embedder('openai:text-embedding-3-small', { ndcg: 0.531, perSecond: 140, dimensions: 1536, price: 0.02, seed: 5 }),
    embedder('gemini:gemini-embedding-001', { ndcg: 0.562, perSecond: 96, dimensions: 3072, price: 0.15, seed: 6 }),
  ]
  return {
    ...base,
    command: 'compare',
    corpus: { name: 'cranfield', documents: 1398, queries: 225, judgements: 1837, kind: 'judged' },
    store: 'sqlite',
    embedders: [first, ...others.map((other) => ({ ...other, significance: significance(other) }))],
    unavailable: [{ name: 'aisdk:voyage/voyage-3.5', reason: 'VOYAGE_API_KEY is not set' }],
    conclusion:
      'Take gemini:gemini-embedding-001: it finds best (nDCG@10 0.562), 0.031 more than openai:text-embedding-3-small, for $0.15 per million tokens; without a key take transformers:Xenova/all-MiniLM-L6-v2.',
    ...changes,
  }
}

function significance({ exact }: ComparedEmbedder): NonNullable<ComparedEmbedder['significance']> {
  return { metric: 'ndcgAt10', difference: estimate(exact.ndcgAt10.mean - first.exact.ndcgAt10.mean), pValue: 0.0004 }
}

export function ingestReport(changes: Partial<IngestReport> = {}): IngestReport {
  const speeds = { cold: 210, warm: 2900, 'one-by-one': 24 }
  const runs = [100, 1000, 5000].flatMap((documents, i) =>
    (['cold', 'warm', 'one-by-one'] as const).map((kind, j): IngestRun => {
      const seed = i * 3 + j + 1
      const throughput = curve(documents, speeds[kind], seed)
      const durationMs = throughput.at(-1)?.atMs ?? 0
      return {
        documents,
        kind,
        durationMs,
        documentsPerSecond: (documents / durationMs) * 1000,
        throughput,
        ...(kind === 'one-by-one' ? {} : { speedup: speeds[kind] / speeds['one-by-one'] }),
        search: latencies(1.2 + i, 200, seed),
      }
    }),
  )
  return {
    ...base,
    command: 'ingest',
    store: 'sqlite',
    embedder: 'local',
    sync: 'background',
    runs,
    conclusion:
      'putMany takes 210 documents a second, 8.8 times what one put after the other does, and 2,900 where the vectors are cached.',
    ...changes,
  }
}

export function stressReport(changes: Partial<StressReport> = {}): StressReport {
  return {
    ...base,
    command: 'stress',
    store: 'sqlite',
    embedder: 'local',
    documents: 1000,
    concurrency: 16,
    operations: {
      put: { latency: latencies(6, 3100, 1), errors: 2 },
      get: { latency: latencies(0.4, 9200, 2), errors: 0 },
      delete: { latency: latencies(2.5, 800, 3), errors: 0 },
      search: { latency: latencies(11, 4100, 4), errors: 1 },
    },
    errors: { CONFLICT: 2, TIMEOUT: 1 },
    operationsPerSecond: 573,
    throughput: curve(17_200, 573, 9),
    verify: { checked: 1000, missing: 0, stale: 0, orphaned: 0, repaired: 0 },
    conclusion: 'In 30 s of 16 at a time 3 of 17,200 operations failed, and no document drifted from its points.',
    ...changes,
  }
}

export function profileReport(changes: Partial<ProfileReport> = {}): ProfileReport {
  const latency = latencies(14, 200, 1)
  const phase = (name: string, median: number, seed: number) => ({
    phase: name,
    latency: latencies(median, 200, seed),
    share: median / 14,
  })
  const summary = { count: 200, mean: 14, p50: 13, p95: 20, p99: 24, max: 30 }
  return {
    ...base,
    command: 'profile',
    store: 'sqlite',
    embedder: 'local',
    operations: [
      {
        operation: 'put',
        latency,
        phases: [
          phase('validate', 0.05, 2),
          phase('kv', 1.4, 3),
          phase('embed wait', 0.8, 4),
          phase('embed', 9.2, 5),
          phase('index', 2.1, 6),
        ],
        timeline: {
          operation: 'put',
          durationMs: 13.9,
          phases: [
            { phase: 'validate', startMs: 0, endMs: 0.05 },
            { phase: 'kv', startMs: 0.05, endMs: 1.3 },
            { phase: 'embed wait', startMs: 1.3, endMs: 2.1 },
            { phase: 'embed', startMs: 2.1, endMs: 11.3 },
            { phase: 'index', startMs: 11.3, endMs: 13.2 },
            { phase: 'kv', startMs: 13.2, endMs: 13.9 },
          ],
        },
      },
      {
        operation: 'search',
        latency: latencies(11, 200, 7),
        phases: [phase('embed', 8.9, 8), phase('index', 1.2, 9), phase('hydrate', 0.4, 10)],
        timeline: {
          operation: 'search',
          durationMs: 11,
          phases: [
            { phase: 'embed', startMs: 0.1, endMs: 9 },
            { phase: 'index', startMs: 9, endMs: 10.3 },
            { phase: 'hydrate', startMs: 10.3, endMs: 10.9 },
          ],
        },
      },
    ],
    stats: {
      documents: { put: 200, deleted: 0, read: 2000, conflicts: 0, failed: 0 },
      latency: {
        put: summary,
        putMany: summary,
        get: summary,
        delete: summary,
        search: summary,
        embed: summary,
        hydrate: summary,
        kvWrite: summary,
        kvRead: summary,
        indexWrite: summary,
        indexQuery: summary,
        rerank: summary,
        termQuery: summary,
      },
    },
    conclusion: 'A put spends 66 % of its time in the embedder; a search 81 %.',
    ...changes,
  }
}

/** Many models of much the same quality and speed, whose labels crowd. */
export function crowd(
  count: number,
  name = (i: number): string => `openai:model-${i}-of-the-crowd`,
): ComparedEmbedder[] {
  const random = randomNumbers(7)
  return Array.from({ length: count }, (_, i) =>
    embedder(name(i), {
      ndcg: 0.5 + 0.02 * random(),
      perSecond: 90 + 20 * random(),
      price: 0.1 + 0.02 * random(),
      seed: i + 1,
    }),
  )
}
