import type { EmbeddingStats } from '../embedding/stats.js'
import { Latency, type LatencySummary } from './latency.js'

/** Counters since the store was opened. Latencies in milliseconds. */
export interface StoreStats {
  readonly documents: DocumentCounts
  /** Absent in a store without an embedder. */
  readonly embeddings?: EmbeddingStats
  /** The cache's size, where it tells. */
  readonly cache?: CacheStats
  /** Absent in a store without an index. */
  readonly index?: IndexStats
  readonly latency: { readonly [Name in Measured]: LatencySummary }
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
}

const measured = ['put', 'putMany', 'get', 'delete', 'search', 'kvWrite', 'kvRead', 'indexWrite', 'indexQuery'] as const
export type Measured = (typeof measured)[number]

/** What the rooms of a store count. */
export class Counters {
  put = 0
  deleted = 0
  read = 0
  conflicts = 0
  failed = 0
  projected = 0
  indexFailed = 0
  vectorsKept = 0
  reprojected = 0
  readonly latency = Object.fromEntries(measured.map((name) => [name, new Latency()])) as Record<Measured, Latency>

  documents(): DocumentCounts {
    const { put, deleted, read, conflicts, failed } = this
    return { put, deleted, read, conflicts, failed }
  }

  latencies(): StoreStats['latency'] {
    return Object.fromEntries(measured.map((name) => [name, this.latency[name].summary()])) as StoreStats['latency']
  }
}
