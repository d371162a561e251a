import type { Embedder } from '@tandemstore/core/adapter'

/** An embedder as a user gives it: one of their own making, with what is to be known of it. */
export interface NamedEmbedder {
  /** Default: provider and name of the model. */
  readonly name?: string | undefined
  readonly embedder: Embedder
  /** US dollars. Default: unknown. */
  readonly pricePerMillionTokens?: number | undefined
}

/**
 * A spec with another name or price, such as `{ spec: 'openai:text-embedding-3-small', pricePerMillionTokens: 0.01
 * }`.
 */
export interface NamedSpec {
  readonly name?: string | undefined
  readonly spec: string
  /** US dollars. Default: what is known of the model. */
  readonly pricePerMillionTokens?: number | undefined
}

/**
 * `local`, `transformers:<model>`, `openai:<model>`, `gemini:<model>`; or an embedder. It stays open: whoever made it
 * closes it.
 */
export type EmbedderInput = string | NamedSpec | NamedEmbedder | Embedder

/** An embedder that is made but not tried. */
export interface OpenEmbedder {
  readonly name: string
  readonly embedder: Embedder
  /** US dollars; 0 for a model on this machine, absent where it is not known. */
  readonly pricePerMillionTokens?: number | undefined
  /** Why it failed when it was tried, in words that help more than its own; undefined where those are best. */
  explain?(signal?: AbortSignal): Promise<string | undefined>
  /** Frees what was made for it. */
  close(): Promise<void>
}

export interface UnavailableEmbedder {
  readonly name: string
  /** In a sentence, with what to do about it. */
  readonly reason: string
}

export function isEmbedder(value: unknown): value is Embedder {
  const { model, embed } = (value ?? {}) as { readonly model?: unknown; readonly embed?: unknown }
  return typeof model === 'object' && model !== null && typeof embed === 'function'
}

export function nameOf(input: EmbedderInput): string {
  if (typeof input === 'string') return input
  if (isEmbedder(input)) return `${input.model.provider}:${input.model.name}`
  return input.name ?? ('spec' in input ? input.spec : nameOf(input.embedder))
}
