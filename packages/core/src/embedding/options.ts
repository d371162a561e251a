import { invalid } from '../errors.js'
import type { Embedder } from '../ports/embedder.js'

/** How texts are embedded. Defaults come from the embedder's limits. */
export interface EmbeddingOptions {
  /** Calls at the same time, at most. Default: the embedder's `maxConcurrency`, else 5. */
  readonly concurrency?: number | undefined
  /** Texts in one call, at most. Never above the embedder's `maxInputs`. Default: that, else 100. */
  readonly maxBatchSize?: number | undefined
  /**
   * Tokens of all the texts in one call, at most. Never above the embedder's `maxRequestTokens`. Default: that, else no
   * limit.
   */
  readonly maxBatchTokens?: number | undefined
  /** What a million tokens cost, in any currency; `stats()` then tells what was spent and what the cache saved. */
  readonly pricePerMillionTokens?: number | undefined
  /** How often a call that failed in a passing way is made again. Default 5. */
  readonly retries?: number | undefined
  /** Time limit of one attempt, milliseconds. Default 60,000. */
  readonly attemptTimeoutMs?: number | undefined
  /** What the provider allows in any 60 seconds; retries count. Default: no limit. */
  readonly rateLimit?:
    | { readonly requestsPerMinute?: number | undefined; readonly tokensPerMinute?: number | undefined }
    | undefined
  /**
   * A text above the embedder's `maxInputTokens`: fail its document, embed its beginning, or embed it in parts. Default
   * `chunk`.
   */
  readonly onTooLong?: 'error' | 'truncate' | 'chunk' | undefined
}

/** The options with every default filled in. `Infinity` stands for no limit. */
export interface ResolvedOptions {
  readonly concurrency: number
  readonly maxBatchSize: number
  readonly maxBatchTokens: number
  readonly maxInputTokens: number
  readonly retries: number
  readonly attemptTimeoutMs: number
  readonly requestsPerMinute: number
  readonly tokensPerMinute: number
}

const none = Number.POSITIVE_INFINITY

/** Fills in the defaults. Throws INVALID_ARGUMENT, naming the option. `of`: what the options are of, and its own defaults. */
export function resolveOptions(
  options: EmbeddingOptions,
  limits: Embedder['limits'] = {},
  of = { name: 'embedding', retries: 5, attemptTimeoutMs: 60_000 },
): ResolvedOptions {
  const atLeast = (value: number | undefined, least: number, name: string, fallback: number): number => {
    if (value === undefined) return fallback
    if (!Number.isSafeInteger(value) || value < least)
      throw invalid(`${of.name}.${name}`, `an integer of at least ${least}`)
    return value
  }
  const { rateLimit = {} } = options
  const maxInputs = limits.maxInputs ?? none
  const maxRequestTokens = limits.maxRequestTokens ?? none
  return {
    concurrency: atLeast(options.concurrency, 1, 'concurrency', limits.maxConcurrency ?? 5),
    maxBatchSize: Math.min(atLeast(options.maxBatchSize, 1, 'maxBatchSize', limits.maxInputs ?? 100), maxInputs),
    maxBatchTokens: Math.min(atLeast(options.maxBatchTokens, 1, 'maxBatchTokens', none), maxRequestTokens),
    maxInputTokens: limits.maxInputTokens ?? none,
    retries: atLeast(options.retries, 0, 'retries', of.retries),
    attemptTimeoutMs: atLeast(options.attemptTimeoutMs, 1, 'attemptTimeoutMs', of.attemptTimeoutMs),
    requestsPerMinute: atLeast(rateLimit.requestsPerMinute, 1, 'rateLimit.requestsPerMinute', none),
    tokensPerMinute: atLeast(rateLimit.tokensPerMinute, 1, 'rateLimit.tokensPerMinute', none),
  }
}
