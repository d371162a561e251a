import type { EmbedderLimits } from '@tandemstore/core/adapter'

export interface OpenAIModel {
  /** Length of its vectors where no other is asked for. */
  readonly dimensions: number
  /** Whether it can be asked for shorter vectors. */
  readonly shortens: boolean
}

/** From https://platform.openai.com/docs/models and the embeddings guide. */
const models: Readonly<Record<string, OpenAIModel>> = {
  'text-embedding-3-small': { dimensions: 1536, shortens: true },
  'text-embedding-3-large': { dimensions: 3072, shortens: true },
  'text-embedding-ada-002': { dimensions: 1536, shortens: false },
}

/** Of OpenAI's embedding models, all alike, from https://platform.openai.com/docs/api-reference/embeddings/create. */
export const openAILimits: EmbedderLimits = { maxInputs: 2048, maxInputTokens: 8192, maxRequestTokens: 300_000 }

/** What is known of OpenAI's own models. */
export function openAIModel(name: string): OpenAIModel | undefined {
  return Object.hasOwn(models, name) ? models[name] : undefined
}
