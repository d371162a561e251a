import { type ResolvedOptions, resolveOptions } from '../embedding/options.js'
import type { RerankerLimits } from '../ports/reranker.js'

/** How texts are reranked. Defaults come from the reranker's limits. */
export interface RerankingOptions {
  /** Calls at the same time, at most. Default: the reranker's `maxConcurrency`, else 5. */
  readonly concurrency?: number | undefined
  /** Texts in one call, at most. Never above the reranker's `maxInputs`. Default: that, else 100. */
  readonly maxBatchSize?: number | undefined
  /**
   * Tokens of the query with each text of a call, at most. Never above the reranker's `maxRequestTokens`. Default: that,
   * else no limit.
   */
  readonly maxBatchTokens?: number | undefined
  /** How often a call that failed in a passing way is made again. Default 2. */
  readonly retries?: number | undefined
  /** Time limit of one attempt, milliseconds. Default 10,000: somebody waits for the search. */
  readonly attemptTimeoutMs?: number | undefined
  /** What the provider allows in any 60 seconds; retries count. Default: no limit. */
  readonly rateLimit?:
    | { readonly requestsPerMinute?: number | undefined; readonly tokensPerMinute?: number | undefined }
    | undefined
}

/** Fills in the defaults. Throws INVALID_ARGUMENT, naming the option. */
export function resolveReranking(options: RerankingOptions = {}, limits?: RerankerLimits): ResolvedOptions {
  return resolveOptions(options, limits, { name: 'reranking', retries: 2, attemptTimeoutMs: 10_000 })
}
