/** What happens to one request instead of the usual answer. */
export type EmbeddingFault =
  | {
      /** An error in the provider's own form. */
      readonly kind: 'error'
      readonly status: number
      readonly message?: string
      /** OpenAI: `error.code`, such as `insufficient_quota`. */
      readonly code?: string
      /** Gemini: `error.details`, such as a `google.rpc.RetryInfo`. */
      readonly details?: readonly object[]
      readonly headers?: Readonly<Record<string, string>>
    }
  /** No answer at all; the connection stays open. */
  | { readonly kind: 'hang' }
  /** The connection breaks before an answer. */
  | { readonly kind: 'drop' }
  /** The usual answer, but only its first half. */
  | { readonly kind: 'truncate' }
  /** The usual answer, changed: a wrong count, another order, numbers that are none. */
  | { readonly kind: 'change'; readonly change: (answer: EmbeddingAnswer) => unknown }

/** The JSON of an answer: `data` is OpenAI's list, `embeddings` Gemini's. */
export interface EmbeddingAnswer {
  readonly data?: readonly { readonly index: number; readonly embedding: string | readonly number[] }[]
  readonly embeddings?: readonly { readonly values: readonly number[] }[]
  readonly [field: string]: unknown
}
