import type { Namespace } from '../ports/common.js'
import type { Document, JsonObject, Receipt, SignalOptions } from './documents.js'
import type { FilterInput } from './filter-input.js'

/** How a search finds: by words and meaning, by meaning alone, or by words alone. */
export type SearchMode = 'hybrid' | 'vector' | 'keyword'

/** How much each leg of a hybrid search says. Only their ratio matters. */
export interface SearchWeights {
  /** Above 0; only the ratio of both matters. Default: 0.35. */
  readonly vector?: number | undefined
  /** Likewise. Default: 0.65. */
  readonly keyword?: number | undefined
}

export interface SearchOptions<T extends object = JsonObject> extends SignalOptions {
  /** A text to embed and search for. */
  readonly query?: string | undefined
  /**
   * A vector to search for, of the embedder's dimensions. Beside a query, in a hybrid search, it is the query's vector,
   * which is not embedded then.
   */
  readonly vector?: Float32Array | readonly number[] | undefined
  /**
   * Default: `hybrid` for a query in a store with `index.keywords` and an embedder, `keyword` where it has no embedder,
   * else `vector`. NOT_SUPPORTED for a mode that the store does not have.
   */
  readonly mode?: SearchMode | undefined
  /** Of a hybrid search. */
  readonly weights?: SearchWeights | undefined
  /**
   * Whether a hybrid search answers by words alone when its query cannot be embedded, after the first attempt or 5 s,
   * and marks the hits so; and whether a search keeps its order when the reranker fails. Default: true. `false`: it
   * tries again as `embedding.retries` says, and throws.
   */
  readonly degrade?: boolean | undefined
  /**
   * Puts the best hits in the order of the store's reranker, which reads the query and the text that matched together.
   * `candidates`: how many hits, from 1 to 1,000, at least `offset + limit`; default 50, or `offset + limit` if that is
   * more. There are no others behind them, and no `cursor`. When the reranker fails the hits keep their order, unless
   * `degrade` is false. NOT_SUPPORTED in a store without one. Default: false.
   */
  readonly rerank?: boolean | { readonly candidates?: number | undefined } | undefined
  readonly filter?: FilterInput<T> | undefined
  /** 1 to 1,000. Default: 10. */
  readonly limit?: number | undefined
  /** Hits to skip. Default: 0. `offset + limit` is at most 1,000; a `cursor` goes on behind that. */
  readonly offset?: number | undefined
  /** Hits with a lower `score` are left out. */
  readonly minScore?: number | undefined
  /** Waits until these writes are indexed first, vectors included whatever the mode, so that the search sees them. */
  readonly after?: Receipt | readonly Receipt[] | undefined
  /** The `cursor` of an earlier page of the same search (only `limit` and `after` may differ); without `offset`. */
  readonly cursor?: string | undefined
  /**
   * What becomes of documents that match prefix and filter and that no query finds: put with `index: false`, without a
   * text, or not indexed yet (in mode `vector`: not embedded yet). `append`: they follow the scored hits, without a
   * score, in order of namespace and key, whatever `minScore`. Default: `omit`.
   */
  readonly unscored?: 'omit' | 'append' | undefined
}

/**
 * The hits of one page: an array that also says where the next page begins. `cursor` is not enumerable, so it is lost
 * by `map`, `slice` and spreading: read it first. Absent at the end.
 */
export type SearchPage<Hit> = Hit[] & { readonly cursor?: string }

/** What each leg of a search says of a document; a leg that did not find it is absent. */
export interface HitScores {
  /** Cosine in [-1, 1], the dot product, or the negated Euclidean distance. */
  readonly vector?: number
  /** BM25: above 0, without an upper bound. It compares hits of one query only. */
  readonly keyword?: number
  /** What the reranker gave: with most, from 0 to 1. Absent where it was not asked, or failed. */
  readonly rerank?: number
}

/** The part of a document that matched best. */
export interface MatchedPart {
  /** A configured path. */
  readonly field: string
  /** Which of its texts, from 0. */
  readonly part: number
  /** Its text, made again from the document as it is. Absent where it has changed since it was indexed. */
  readonly text?: string
}

export interface SearchHit<T extends object = JsonObject> {
  readonly document: Document<T>
  /**
   * Higher is better. By vector: `scores.vector`. By keyword: `scores.keyword` as a share of the best that the index
   * found, or of 1 if that is more, so above 0 and at most 1. Hybrid: both legs together, in [0, 1]; see docs/search.md. Reranked:
   * `scores.rerank`. Absent in a search without query and vector, and of a document that `unscored: 'append'` added.
   */
  readonly score?: number
  /** Absent likewise. */
  readonly scores?: HitScores
  /** Absent likewise. */
  readonly matched?: MatchedPart
  /** A hybrid search that answered by words alone, as its query could not be embedded. */
  readonly degraded?: 'keyword'
  /** The document has changed since its points were written; it still passes the filter. */
  readonly stale?: true
}

/** A hit of a search by query or vector. */
export interface ScoredHit<T extends object = JsonObject> extends SearchHit<T> {
  readonly score: number
  readonly scores: HitScores
  readonly matched: MatchedPart
}

/** Options of a search that scores all that it finds. */
export type ScoredSearchOptions<T extends object = JsonObject> = SearchOptions<T> &
  ({ readonly query: string } | { readonly vector: Float32Array | readonly number[] }) & {
    readonly unscored?: 'omit' | undefined
  }

export interface ListOptions<T extends object = JsonObject> extends SignalOptions {
  readonly filter?: FilterInput<T> | undefined
  /** 1 to 1,000. Default: 100. */
  readonly limit?: number | undefined
  /** Documents to skip, which are read all the same. Default: 0. Not beside a cursor, which goes on behind them. */
  readonly offset?: number | undefined
  readonly cursor?: string | undefined
}

export interface PartsOptions extends SignalOptions {
  /** Whether to give the vectors. Default: false. */
  readonly vectors?: boolean | undefined
}

/** A text of a document that has a point of its own in the index, or is to get one. */
export interface DocumentPart {
  /** The configured path. */
  readonly field: string
  /** Which of its texts, from 0. */
  readonly part: number
  readonly text: string
  /** SHA-256 of the text, base64url. */
  readonly hash: string
  /**
   * `current`: the index has it, with its vector where it has an embedder. `stale`: likewise, but the document's version
   * has not arrived there. `missing`: it has not, or not with its vector.
   */
  readonly state: 'current' | 'stale' | 'missing'
  /** Where vectors are asked for. With the cosine, the index may have changed its length, not its direction. */
  readonly vector?: Float32Array
}

export interface CountOptions<T extends object = JsonObject> extends SignalOptions {
  readonly filter?: FilterInput<T> | undefined
}

export interface Page<Item> {
  readonly items: readonly Item[]
  /** Where to go on; absent at the end. A page may be shorter than `limit` and still have one. */
  readonly cursor?: string
}

/** What a namespace begins with, or ends with, or both. The label `*` stands for any one label. */
export interface NamespaceMatch {
  readonly prefix?: Namespace | undefined
  readonly suffix?: Namespace | undefined
}

export interface NamespacesOptions extends SignalOptions {
  /** Labels as they are: `*` is no wildcard here. */
  readonly prefix?: Namespace | undefined
  /** Likewise. */
  readonly suffix?: Namespace | undefined
  /**
   * Conditions that all have to hold, beside `prefix` and `suffix`; at most 100. Those on the whole namespace, before
   * it is cut.
   */
  readonly match?: readonly NamespaceMatch[] | undefined
  /** Cuts namespaces to so many labels, each given once. */
  readonly maxDepth?: number | undefined
  /** 1 to 1,000. Default: 100. */
  readonly limit?: number | undefined
  /** Namespaces to skip, which are read all the same. Default: 0. Not beside a cursor, which goes on behind them. */
  readonly offset?: number | undefined
  readonly cursor?: string | undefined
}
