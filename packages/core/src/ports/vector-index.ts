import type { CallOptions, DocumentRef, Namespace, Version } from './common.js'
import type { DocumentPoints, Filter, PointRecord, SpaceDefinition, TermWeights } from './vector-records.js'

/** What every query asks. */
export interface PointQuery {
  readonly prefix: Namespace
  readonly filter?: Filter | undefined
  /** Points that expire at or before this millisecond are not found. */
  readonly now: number
  /** Documents, not points. */
  readonly limit: number
  /** Documents to pass over: any number, beyond `maxQueryLimit` too. */
  readonly exclude?: readonly DocumentRef[] | undefined
}

export interface VectorQuery extends PointQuery {
  readonly vector: Float32Array
  /** Hits with a lower score are not found. */
  readonly minScore?: number | undefined
}

export interface TermQuery extends PointQuery {
  /** At least one. */
  readonly terms: TermWeights
}

/** A document found, with its best point. */
export interface VectorMatch extends DocumentRef {
  readonly version: Version
  readonly field: string
  readonly part: number
  /** Of the text of its point. */
  readonly hash: string
  /**
   * Higher is better. Of a vector: cosine in [-1, 1], the dot product, or the negated Euclidean distance. Of terms: see
   * `queryTerms`.
   */
  readonly score: number
  /**
   * The index could not compare the document with the filter, so whoever asks has to: its points carry no values.
   * Default false.
   */
  readonly unchecked?: boolean | undefined
}

export interface VectorCapabilities {
  /** Whether a query always finds the true nearest points. */
  readonly exact: boolean
  /** Whether points can carry terms, so that `queryTerms` is there. Default false. */
  readonly terms?: boolean | undefined
  /** As of `KVCapabilities`. */
  readonly waitsWhileUnavailable?: boolean | undefined
}

/** The matches of a query, best first. `more: false`: there is no other document to be found. */
export interface QueryResult {
  readonly matches: VectorMatch[]
  readonly more: boolean
}

export interface VectorLimits {
  /** Points in one `replace`. */
  readonly maxBatchSize: number
  /** Bytes of vectors and payload in one `replace`. */
  readonly maxBatchBytes: number
  readonly maxConcurrency: number
  /** Documents that one query may ask for. */
  readonly maxQueryLimit: number
}

/** Derived data: points with vectors, filtered while searching. */
export interface VectorIndex {
  /** For messages only. */
  readonly name: string
  readonly capabilities: VectorCapabilities
  readonly limits: VectorLimits
  /**
   * Opens a space, making it if need be, with an index for each filterable path. A space of that name with other
   * dimensions or another metric is MODEL_MISMATCH, and stays as it is. Connects and disconnects like a KVBackend.
   */
  open(space: SpaceDefinition, options?: CallOptions): Promise<VectorSpace>
}

/** Results have the length and the order of the input; an empty input does no I/O. */
export interface VectorSpace {
  /**
   * Makes the points of each document the given ones, guarded by version: a stored point gives way if its version is at
   * or below the document's, or exactly `replaces`; any other is left as it is. Points of the document that are not
   * given are deleted under the same guard. Each point changes atomically, a batch not; it has taken effect, visible to
   * queries, when the promise resolves. The result says of each document whether a point of which something was to be
   * kept was absent, of another text or, in a space that was opened with terms, of another fingerprint (`missing`):
   * its vector, or the terms of one for which no vector is given. Such a point is left as it is. Then core sends the
   * document again, whole.
   */
  replace(documents: readonly DocumentPoints[], options?: CallOptions): Promise<('done' | 'missing')[]>
  /** Deletes the points of every document under a prefix (never empty) that are at or below a version. */
  deletePrefix(prefix: Namespace, version: Version, options?: CallOptions): Promise<void>
  /** Deletes points that expire at or before this millisecond. Returns how many, where that is known. */
  deleteExpired(before: number, options?: CallOptions): Promise<number | undefined>
  /** The points with these ids, `undefined` where there is none. */
  get(ids: readonly string[], options?: CallOptions): Promise<(PointRecord | undefined)[]>
  /**
   * The vectors of the points with these ids, `undefined` where there is no point or it has none. Where the metric is
   * the cosine, a vector may have become one of another length and the same direction.
   */
  vectors(ids: readonly string[], options?: CallOptions): Promise<(Float32Array | undefined)[]>
  /**
   * The best documents that pass the filter, or are `unchecked`, best first, each once, by its best point with a vector.
   * With `more: true` core asks again and excludes what it has.
   */
  query(query: VectorQuery, options?: CallOptions): Promise<QueryResult>
  /**
   * Likewise by terms: the documents of which a point has at least one term of the query, whether it has a vector or
   * not. The score of a point is the sum, over the terms that it shares with the query, of weight in the query × weight
   * in the point × ln(1 + (N − n + 0.5) / (n + 0.5)), where N points of the space have terms and n have this one (the
   * inverse document frequency of BM25; Robertson and Zaragoza, 2009). An index of several shards may take N and n of
   * each; one that is not `exact` may count points that are gone until it has cleared up after them. Ties in the order
   * of namespace and key.
   */
  queryTerms?(query: TermQuery, options?: CallOptions): Promise<QueryResult>
  /** Every point under a prefix ([] is all), in any order, page by page; expired ones too. */
  scan(
    query: { readonly prefix: Namespace; readonly cursor?: string | undefined; readonly limit: number },
    options?: CallOptions,
  ): Promise<{ readonly points: PointRecord[]; readonly cursor?: string | undefined }>
  /** How many points there are, roughly or exactly. */
  count(options?: CallOptions): Promise<number>
  /** Deletes the space and all its points. The handle is closed by it. */
  drop(options?: CallOptions): Promise<void>
  ping(options?: CallOptions): Promise<void>
  close(): Promise<void>
}
