import type { CallOptions, MaybePromise } from './common.js'

export interface RerankerLimits {
  /** Texts in one call. Default 100. */
  readonly maxInputs?: number | undefined
  /** Tokens of the query and one text together; core cuts a longer text, and a query at half of it. Default: no limit. */
  readonly maxInputTokens?: number | undefined
  /** Tokens of the query with each text of a call. Default: no limit. */
  readonly maxRequestTokens?: number | undefined
  /** Calls at the same time. Default 5. */
  readonly maxConcurrency?: number | undefined
}

/**
 * Says how well texts answer a query, by a model that reads both together. A reranker does not cut batches, try again
 * or cache: that is core's work. It says what went wrong by a StoreError: RATE_LIMITED (with `retryAfterMs`),
 * AUTHENTICATION, RERANK_FAILED (query or texts are refused), UNAVAILABLE or TIMEOUT (worth trying again),
 * CONFIGURATION (wrong whatever the texts), ABORTED. The store does not close it; it belongs to whoever made it.
 */
export interface Reranker {
  /** Provider and model, such as `cohere/rerank-v3.5`. */
  readonly name: string
  readonly limits?: RerankerLimits | undefined
  /** Tokens in a text, exactly or as an upper bound. Where it is absent, core estimates from above. */
  countTokens?(text: string): number
  /**
   * Scores at least one and at most `limits.maxInputs` texts: one number for each, in their order, finite, higher is
   * better. A score depends on the query and its text alone, not on the other texts of the call; numbers from 0 to 1
   * are what users expect. No text, no call: an empty list.
   */
  rerank(query: string, texts: readonly string[], options: CallOptions): MaybePromise<readonly number[]>
}
