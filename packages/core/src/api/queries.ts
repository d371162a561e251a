import type { Namespace } from '../ports/common.js'
import type { Document, JsonObject, Receipt, SignalOptions } from './documents.js'
import type { FilterInput } from './filter-input.js'

export interface SearchOptions<T extends object = JsonObject> extends SignalOptions {
  /** A text to embed and search for. */
  readonly query?: string | undefined
  /** A vector to search for, of the embedder's dimensions. */
  readonly vector?: Float32Array | readonly number[] | undefined
  readonly filter?: FilterInput<T> | undefined
  /** 1 to 1,000. Default: 10. */
  readonly limit?: number | undefined
  /** Default: 0. `offset + limit` is at most 1,000. */
  readonly offset?: number | undefined
  readonly minScore?: number | undefined
  /** Waits for these writes first, so that the search sees them. */
  readonly after?: Receipt | readonly Receipt[] | undefined
}

/** Options of a search that scores what it finds. */
export type ScoredSearchOptions<T extends object = JsonObject> = SearchOptions<T> &
  ({ readonly query: string } | { readonly vector: Float32Array | readonly number[] })

export interface SearchHit<T extends object = JsonObject> {
  readonly document: Document<T>
  /** Higher is better: cosine in [-1, 1], the dot product, or the negated Euclidean distance. Absent in a search without query and vector. */
  readonly score?: number
  /** What part of the document matched best: a configured path, and which of its texts, from 0. Absent likewise. */
  readonly matched?: { readonly field: string; readonly part: number }
  /** The document has changed since its points were written; it still passes the filter. */
  readonly stale?: true
}

/** A hit of a search by query or vector. */
export interface ScoredHit<T extends object = JsonObject> extends SearchHit<T> {
  readonly score: number
  readonly matched: { readonly field: string; readonly part: number }
}

export interface ListOptions<T extends object = JsonObject> extends SignalOptions {
  readonly filter?: FilterInput<T> | undefined
  /** 1 to 1,000. Default: 100. */
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

export interface NamespacesOptions extends SignalOptions {
  readonly prefix?: Namespace | undefined
  readonly suffix?: Namespace | undefined
  /** Cuts namespaces to so many labels, each given once. */
  readonly maxDepth?: number | undefined
  /** 1 to 1,000. Default: 100. */
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

export interface Page<Item> {
  readonly items: readonly Item[]
  /** Where to go on; absent at the end. A page may be shorter than `limit` and still have one. */
  readonly cursor?: string
}
