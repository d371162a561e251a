import { resolve } from 'node:path'
import { invalid } from '@tandemstore/core/adapter'
import type { ModelSource } from './protocol.js'

/** Where a model is found, and how it runs. */
export interface ModelOptions {
  /**
   * A model with ONNX files, as it is called on the hub (`Xenova/bge-small-en-v1.5`) or as its folder below
   * `localModelPath` is.
   */
  readonly model: string
  /**
   * Format of the weights, which names the file that is loaded. Part of an embedder's identity. Default: `q8` (8-bit
   * integers, `onnx/model_quantized.onnx`).
   */
  readonly dtype?: 'fp32' | 'fp16' | 'q8' | 'int8' | 'uint8' | 'q4' | 'q4f16' | 'bnb4' | undefined
  /** A folder of models. The model is looked for there first: `<localModelPath>/<model>/config.json`. */
  readonly localModelPath?: string | undefined
  /** Whether the model may be downloaded. Default: only where no `localModelPath` is given. */
  readonly allowRemote?: boolean | undefined
  /** Branch, tag or commit on the hub. Part of an embedder's identity. Default: `main`. */
  readonly revision?: string | undefined
  /** Where downloads are kept. Default: `.cache` in the folder of @huggingface/transformers. */
  readonly cacheDir?: string | undefined
  /** The hub, or a mirror of it. Default: `https://huggingface.co/`. */
  readonly remoteHost?: string | undefined
  /** What computes. Default: `cpu`. */
  readonly device?: 'cpu' | 'cuda' | 'coreml' | 'dml' | 'webgpu' | undefined
  /** Threads that compute one text, or pair of them. Default: one for each processor core. */
  readonly threads?: number | undefined
  /**
   * Tokens that are read at a time, special ones and prefix included. Part of an embedder's identity. Default, and at
   * most: what the model's files state.
   */
  readonly maxInputTokens?: number | undefined
}

/** Checks options, and fills in the defaults. Throws INVALID_ARGUMENT. */
export function sourceOf(options: ModelOptions): ModelSource {
  const { model, dtype = 'q8', localModelPath, allowRemote = localModelPath === undefined } = options ?? {}
  if (typeof model !== 'string' || model === '') throw invalid('model', 'the name of a model')
  for (const name of ['threads', 'maxInputTokens'] as const) {
    const value = options[name]
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      throw invalid(name, 'a whole number of at least 1')
  }
  return {
    ...options,
    dtype,
    allowRemote,
    localModelPath: localModelPath === undefined ? undefined : resolve(localModelPath),
  }
}
