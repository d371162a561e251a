import type { EmbeddingStats } from '../embedding/stats.js'
import type { RerankerStats } from '../reranking/stats.js'
import type { LatencySummary } from './latency.js'
import { Phase } from './phase.js'

/** Counters since the store was opened. Latencies in milliseconds. */
export interface StoreStats {
  readonly documents: DocumentCounts
  /** Absent in a store without an embedder. */
  readonly embeddings?: ModelStats
  /** The cache's size, where it tells. */
  readonly cache?: CacheStats
  /** Absent in a store without a reranker. */
  readonly reranker?: RerankerStats
  /** Absent in a store without an index. */
  readonly index?: IndexStats
  readonly latency: { readonly [Name in Measured]: LatencySummary }
}

/** What one model did, and what it cost. */
export interface ModelStats extends EmbeddingStats {
  /** Provider and name. */
  readonly model: string
  /** Tokens that hits of the cache and shared texts did not cost, at the mean tokens of a text that was embedded. */
  readonly savedTokens: number
  /** In the currency of `embedding.pricePerMillionTokens`; absent without a price. */
  readonly cost?: { readonly spent: number; readonly saved: number }
}

export interface DocumentCounts {
  readonly put: number
  readonly deleted: number
  readonly read: number
  readonly conflicts: number
  /** Writes that failed. */
  readonly failed: number
}

export interface CacheStats {
  readonly entries?: number
  readonly maxEntries?: number
  readonly bytes?: number
  readonly maxBytes?: number
}

export interface IndexStats {
  /** Changes projected. */
  readonly projected: number
  /**
   * Of these, how many left a document that has no text at the paths to index, so that no search by query or vector
   * finds it. Documents put with `index: false` do not count.
   */
  readonly withoutText: number
  /** Changes accepted and not searchable yet. */
  readonly pending: number
  /** Of these, how many wait to be tried again. */
  readonly delayed: number
  /** Changes that will not be searchable unless they are tried again by hand. */
  readonly failed: number
  /** Texts not embedded again because their points held the same text already. */
  readonly vectorsKept: number
  /** Times a document had moved on when its points had been written, so that they were written again. */
  readonly reprojected: number
  /** Hybrid searches answered by words alone, as their queries could not be embedded. */
  readonly degraded: number
}

const measured = [
  'put',
  'putMany',
  'get',
  'delete',
  'search',
  'embed',
  'rerank',
  'hydrate',
  'kvWrite',
  'kvRead',
  'indexWrite',
  'indexQuery',
  'termQuery',
] as const
export type Measured = (typeof measured)[number]

/** What the rooms of a store count. */
export class Counters {
  put = 0
  deleted = 0
  read = 0
  conflicts = 0
  failed = 0
  projected = 0
  withoutText = 0
  indexFailed = 0
  vectorsKept = 0
  reprojected = 0
  degraded = 0
  readonly phases: Readonly<Record<Measured, Phase>>

  constructor(collection: string) {
    this.phases = Object.fromEntries(measured.map((name) => [name, new Phase(name, collection)])) as Record<
      Measured,
      Phase
    >
  }

  documents(): DocumentCounts {
    const { put, deleted, read, conflicts, failed } = this
    return { put, deleted, read, conflicts, failed }
  }

  latencies(): StoreStats['latency'] {
    return Object.fromEntries(measured.map((name) => [name, this.phases[name].summary()])) as StoreStats['latency']
  }
}
