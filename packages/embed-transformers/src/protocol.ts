import type { Pooling } from './known-models.js'

/** Where a model is looked for, and how it is run. Given to the worker when it starts. */
export interface ModelSource {
  readonly model: string
  readonly dtype: string
  readonly device?: string | undefined
  readonly revision?: string | undefined
  /** A folder of models, absolute. */
  readonly localModelPath?: string | undefined
  readonly allowRemote: boolean
  readonly cacheDir?: string | undefined
  readonly remoteHost?: string | undefined
  readonly threads?: number | undefined
  /** Tokens of one text, if fewer than the model takes. */
  readonly maxInputTokens?: number | undefined
}

export interface EmbeddingSource extends ModelSource {
  readonly pooling: Pooling
}

/** What is in tokenizer.json and tokenizer_config.json. */
export interface TokenizerFiles {
  readonly rules: object
  readonly config: object
}

/** A text to embed, or no text: load the model and say what it is. */
export type WorkerRequest = { readonly text: string } | 'load'

export interface LoadedModel {
  readonly dimensions: number
  /** Tokens of one text that are read. `Infinity` where the model names no limit. */
  readonly maxInputTokens: number
  readonly tokenizer: TokenizerFiles
}

export interface EmbeddedText {
  readonly vector: Float32Array<ArrayBuffer>
  /** Tokens the model read. */
  readonly tokens: number
}

export type WorkerValue = LoadedModel | EmbeddedText

/** A pair to score, or none: load the model and say what it is. */
export type ClassifierRequest = { readonly query: string; readonly text: string } | 'load'

export type LoadedClassifier = Omit<LoadedModel, 'dimensions'>

/** What it is, or a logit. */
export type ClassifierValue = LoadedClassifier | number
