import type { CallOptions, MaybePromise } from './common.js'

/** The whole identity of a model: vectors of two identities never meet in one space or cache entry. Plain JSON. */
export interface ModelIdentity {
  /** Such as `openai`, `transformers`. */
  readonly provider: string
  readonly name: string
  readonly revision?: string | undefined
  readonly dtype?: string | undefined
  readonly pooling?: string | undefined
  /** Whether the vectors have length 1. */
  readonly normalized?: boolean | undefined
  /** What is put before a text of each purpose. */
  readonly prefixes?: { readonly document?: string | undefined; readonly query?: string | undefined } | undefined
  /** Anything else that changes a vector. */
  readonly options?: Readonly<Record<string, string | number | boolean>> | undefined
}

export interface EmbedderLimits {
  /** Texts in one call. Default 100. */
  readonly maxInputs?: number | undefined
  /** Tokens of one text. A longer one is cut, split or refused by core, as the store is told. Default: no limit. */
  readonly maxInputTokens?: number | undefined
  /** Tokens of all the texts of one call. Default: no limit. */
  readonly maxRequestTokens?: number | undefined
  /** Calls at the same time. Default 5. */
  readonly maxConcurrency?: number | undefined
}

export interface EmbedOptions extends CallOptions {
  /** What the vectors are for. Many models embed a query in another way than a document. */
  readonly purpose: 'document' | 'query'
}

export interface EmbedResult {
  /** One for each text, in its order. */
  readonly vectors: readonly (Float32Array | readonly number[])[]
  /** Tokens the provider counted, if it said so. */
  readonly tokens?: number | undefined
}

/**
 * Texts to vectors. An embedder does not cut batches, try again or cache: that is core's work. It says what went wrong
 * by a StoreError: RATE_LIMITED (with `retryAfterMs`), AUTHENTICATION, EMBEDDING_FAILED (the texts are refused),
 * UNAVAILABLE or TIMEOUT (worth trying again), CONFIGURATION (wrong whatever the texts). Core takes another error for a
 * failed connection or a time-out where it looks like one. Otherwise, as it says nothing of whose fault it is, it fails
 * a document for good, and a hybrid search goes on by words. The store does not close it; it belongs to whoever made it.
 */
export interface Embedder {
  readonly model: ModelIdentity
  /**
   * Length of the vectors. Where it is absent, core embeds one word on opening and takes the length that comes back.
   */
  readonly dimensions?: number | undefined
  readonly limits?: EmbedderLimits | undefined
  /** Tokens in a text, exactly or as an upper bound. Where it is absent, core estimates from above. */
  countTokens?(text: string): number
  /** Embeds at least one and at most `limits.maxInputs` texts. */
  embed(texts: readonly string[], options: EmbedOptions): MaybePromise<EmbedResult>
}
