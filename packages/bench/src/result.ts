import type { Json, SearchMode, StoreStats, SyncMode, VerifyResult } from '@tandemstore/core'

/**
 * What a command writes with `--json`, and what the page is made of. Durations are milliseconds, scores lie between 0
 * and 1.
 */
export type Report = CompareReport | IngestReport | StressReport | ProfileReport

/** What every report says of its run. */
export interface ReportBase {
  readonly format: 'tandem-bench'
  /** Goes up when a field changes its meaning. */
  readonly formatVersion: 1
  /** ISO 8601. */
  readonly startedAt: string
  readonly durationMs: number
  readonly seed: number
  readonly machine: Machine
  /** Packages and programs that took part, with their versions. */
  readonly versions: Readonly<Record<string, string>>
  /** The run's options as they came out of flags and configuration, without keys and passwords. */
  readonly configuration: Json
  /**
   * What a reader should know before believing a number, such as "12 lines of qrels name documents that are not in
   * the corpus".
   */
  readonly warnings: readonly string[]
}

export interface Machine {
  readonly os: string
  readonly processor: string
  readonly cores: number
  readonly memoryBytes: number
  readonly node: string
}

export interface Latencies {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
  /** A sorted, evenly thinned sample of at most 200 values, for the distribution. */
  readonly sample: readonly number[]
}

/** A mean over queries with its 95 % confidence interval. */
export interface Estimate {
  readonly mean: number
  readonly low: number
  readonly high: number
}

export interface Quality {
  readonly ndcgAt10: Estimate
  readonly recallAt10: Estimate
  readonly recallAt100: Estimate
  readonly mrrAt10: Estimate
}

/** Against the first embedder, query by query. */
export interface Significance {
  readonly metric: 'ndcgAt10'
  /** Mean difference to the first embedder, positive where this one is better. */
  readonly difference: Estimate
  /** Two-sided p-value of the paired randomisation test, not corrected for the number of embedders. */
  readonly pValue: number
}

/**
 * How a search finds but by vector: by words, by words and meaning, and the best 50 of the latter in the order of a
 * reranker.
 */
export type ComparedMode = 'keyword' | 'hybrid' | 'reranked'

export interface ComparedSearch extends Quality {
  /** Against exact search by vector with the same embedder. Not corrected for the number of tests. */
  readonly significance: Significance
}

export type ComparedModes = { readonly [Mode in ComparedMode]?: ComparedSearch }

/** Documents done at moments of a run. */
export interface ThroughputPoint {
  readonly atMs: number
  readonly documents: number
}

export interface ComparedEmbedder {
  /** As the user named it, such as `transformers:Xenova/all-MiniLM-L6-v2`. */
  readonly name: string
  readonly dimensions: number
  readonly bytesPerVector: number
  /** Exact search over the vectors: what the model can do. */
  readonly exact: Quality
  /** The store's own search: what its users get. */
  readonly index: Quality
  /** Other searches in a store in memory, which is exact too. Absent where only vectors were asked for. */
  readonly modes?: ComparedModes
  /** Absent for the first embedder. */
  readonly significance?: Significance
  readonly documentsPerSecond: number
  readonly throughput: readonly ThroughputPoint[]
  readonly latency: { readonly cold: Latencies; readonly cached: Latencies }
  /** Tokens embedded in the run; estimated where the model does not report them. */
  readonly tokens: number
  readonly tokensEstimated: boolean
  /** US dollars; absent where the price is not known. 0 for a model on this machine. */
  readonly cost?: { readonly perMillionTokens: number; readonly run: number }
  /** Between 0 and 1, of the documents: texts that were not embedded, as an equal one was. */
  readonly cacheHitRate: number
}

export interface CompareReport extends ReportBase {
  readonly command: 'compare'
  readonly corpus: {
    readonly name: string
    readonly documents: number
    readonly queries: number
    readonly judgements: number
    readonly kind: 'judged' | 'known-item'
  }
  readonly store: string
  readonly embedders: readonly ComparedEmbedder[]
  /** Embedders that could not be had, with the reason. */
  readonly unavailable: readonly { readonly name: string; readonly reason: string }[]
  /** One sentence that says which to take and why. */
  readonly conclusion: string
}

export interface IngestReport extends ReportBase {
  readonly command: 'ingest'
  readonly store: string
  readonly embedder: string
  readonly sync: SyncMode
  readonly runs: readonly IngestRun[]
  readonly conclusion: string
}

export interface IngestRun {
  readonly documents: number
  /**
   * `cold` and `warm`: putMany with an empty and a full embedding cache. `one-by-one`: awaited put after put, with an
   * empty cache.
   */
  readonly kind: 'cold' | 'warm' | 'one-by-one'
  readonly durationMs: number
  readonly documentsPerSecond: number
  /**
   * How many times as many documents a second as one by one. Absent for that itself, and where it was left out; it
   * may have had fewer documents.
   */
  readonly speedup?: number
  readonly throughput: readonly ThroughputPoint[]
  /** Searches by vector after it. */
  readonly search: Latencies
  /** Searches by words, and by words and meaning, in turns with those. Absent without `keywords`. */
  readonly wordSearch?: WordSearches
  /**
   * Of the ten nearest documents, the part that a search by vector finds: 1 in an exact index. Only of an approximate
   * one, and of cold runs.
   */
  readonly recallAt10?: number
}

/** Latencies of searches that go by words. */
export interface WordSearches {
  readonly keyword: Latencies
  readonly hybrid: Latencies
}

export type StressOperation = 'put' | 'get' | 'delete' | 'search'

export interface StressReport extends ReportBase {
  readonly command: 'stress'
  readonly store: string
  readonly embedder: string
  readonly documents: number
  readonly concurrency: number
  readonly operations: Readonly<Record<StressOperation, { readonly latency: Latencies; readonly errors: number }>>
  /** Searches by mode; `operations.search` counts them all. Absent without `keywords`. */
  readonly searches?: Readonly<Record<SearchMode, Latencies>>
  /** Counted by code. */
  readonly errors: Readonly<Record<string, number>>
  readonly operationsPerSecond: number
  /** Operations done at moments of the run. */
  readonly throughput: readonly ThroughputPoint[]
  readonly verify: VerifyResult
  readonly conclusion: string
}

/** The time of one phase, over all operations. */
export interface PhaseTime {
  readonly phase: string
  readonly latency: Latencies
  /** Of the operation's own mean, between 0 and 1. Phases may overlap. */
  readonly share: number
}

/** One operation as it went. Times are offsets from its start. */
export interface Timeline {
  readonly operation: string
  readonly durationMs: number
  readonly phases: readonly { readonly phase: string; readonly startMs: number; readonly endMs: number }[]
}

export interface ProfileReport extends ReportBase {
  readonly command: 'profile'
  readonly store: string
  readonly embedder: string
  readonly operations: readonly {
    readonly operation: 'put' | 'search'
    readonly latency: Latencies
    readonly phases: readonly PhaseTime[]
    /** An operation of about median length. */
    readonly timeline: Timeline
  }[]
  readonly stats: StoreStats
  readonly conclusion: string
}
