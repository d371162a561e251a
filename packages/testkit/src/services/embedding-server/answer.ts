/** What a route says to a request. */
export interface Answer {
  readonly status: number
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

/** A request as the server got it. */
export interface EmbeddingRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  // biome-ignore lint/suspicious/noExplicitAny: the JSON that the test's client made
  readonly body: any
}

/** What the routes go by. */
export interface EmbeddingRules {
  /** The key that is accepted. */
  readonly apiKey: string
  /** Texts that are refused for their content. */
  refuses(text: string): boolean
  /** OpenAI's vector of a text, not scaled yet. */
  vectorOf(text: string, dimensions: number): readonly number[]
}

/** Tokens, roughly: four characters each, at least one a text. */
export const countTokens = (text: string): number => Math.max(1, Math.ceil(text.length / 4))
