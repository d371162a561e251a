import type { EmbedderLimits } from '@tandemstore/core/adapter'

export type Purpose = 'document' | 'query'

export interface GeminiModel {
  /** Length of its vectors where no other is asked for, and the most there is; `undefined` where it is not known. */
  readonly dimensions: number | undefined
  readonly maxInputTokens: number | undefined
  /** How the model learns what a text is for: by a field of the request, or by words before the text. */
  readonly purposeBy:
    | { readonly taskTypes: Readonly<Record<Purpose, string>> }
    | { readonly prefixes: Readonly<Record<Purpose, string>> }
}

const taskTypes = { document: 'RETRIEVAL_DOCUMENT', query: 'RETRIEVAL_QUERY' } as const
const prefixes = { document: 'title: none | text: ', query: 'task: search result | query: ' } as const

/** From https://ai.google.dev/gemini-api/docs/embeddings. */
export function geminiModel(name: string): GeminiModel {
  const last = name.split('/').at(-1) ?? ''
  if (last === 'gemini-embedding-001') return { dimensions: 3072, maxInputTokens: 2048, purposeBy: { taskTypes } }
  if (/^gemini-embedding-2($|-)/.test(last)) return { dimensions: 3072, maxInputTokens: 8192, purposeBy: { prefixes } }
  return { dimensions: undefined, maxInputTokens: undefined, purposeBy: { taskTypes } }
}

/** A batch of the Gemini API holds 100 texts; Vertex AI takes one at a time. */
export function limitsOf({ maxInputTokens }: GeminiModel, isVertex: boolean): EmbedderLimits {
  return { maxInputs: isVertex ? 1 : 100, ...(maxInputTokens === undefined ? {} : { maxInputTokens }) }
}
