/** Tokens of one text that the model reads; found by adding words to a text until its vector no longer changes. */
export const maxTokens = 128

/** What the worker answers for one text. */
export interface EmbeddedText {
  readonly vector: Float32Array<ArrayBuffer>
  /** Tokens the model read. */
  readonly tokens: number
}
