import { Tokenizer } from '@huggingface/tokenizers'
import {
  type CallOptions,
  type Embedder,
  type EmbedOptions,
  type EmbedResult,
  invalid,
  workerClient,
} from '@tandemstore/core/adapter'
import { knownModel, type Pooling, type Prefixes } from './known-models.js'
import { type ModelOptions, sourceOf } from './model-options.js'
import type { EmbeddedText, EmbeddingSource, LoadedModel, WorkerRequest, WorkerValue } from './protocol.js'

export interface TransformersOptions extends ModelOptions {
  /** Default: the model's own where it is well known, else `mean`. */
  readonly pooling?: Pooling | undefined
  /** What is put before texts of each purpose. Default: the model's own where it is well known, else nothing. */
  readonly prefixes?: Prefixes | undefined
}

/** An embedder that runs in a worker thread of this process. */
export interface TransformersEmbedder extends Embedder, AsyncDisposable {
  /** Length of the vectors; `undefined` until the model is loaded. */
  readonly dimensions: number | undefined
  /** Tokens in a text with its prefix: exactly once the model is loaded, before that an upper bound. */
  countTokens(text: string): number
  /** Vectors of length 1, and the tokens read. A text above the limit is cut. */
  embed(texts: readonly string[], options: EmbedOptions): Promise<EmbedResult>
  /**
   * Loads the model now, which the first `embed` would do. Aborted, it stops waiting; the worker goes on without
   * keeping the process alive.
   */
  load(options?: CallOptions): Promise<void>
  /**
   * Ends the worker thread and frees the model's memory. Pending and later calls are refused with CLOSED. Not needed
   * for the process to end.
   */
  close(): Promise<void>
}

/**
 * Any embedding model with ONNX files from the Hugging Face hub or a local folder, in a worker thread of this process,
 * one text after another, queries before documents.
 *
 * Errors: INVALID_ARGUMENT for bad options, at once. Of `embed` and `load`: CONFIGURATION (the model is not to be had,
 * and where it was looked for;
 * @huggingface/transformers is not installed; a bundler left the worker's file out), UNAVAILABLE (the hub does not
 * answer, or the worker thread ended; the next call tries again), EMBEDDING_FAILED, ABORTED, CLOSED.
 */
export function transformers(options: TransformersOptions): TransformersEmbedder {
  const found = sourceOf(options)
  const { model, dtype } = found
  const { revision } = options
  if (options.pooling !== undefined && !['mean', 'cls', 'last'].includes(options.pooling))
    throw invalid('pooling', "'mean', 'cls' or 'last'")
  const known = knownModel(model)
  const pooling = options.pooling ?? known?.pooling ?? 'mean'
  const prefixes = options.prefixes ?? known?.prefixes ?? {}
  const source: EmbeddingSource = { ...found, pooling }
  const worker = workerClient<WorkerRequest, WorkerValue>(
    () => new URL('./worker.js', import.meta.url),
    { ...source },
    { name: 'The embedding worker', packageName: '@tandemstore/embed-transformers and @huggingface/transformers' },
  )
  let loaded: LoadedModel | undefined
  let tokenizer: Tokenizer | undefined

  async function load(urgent: boolean, signal?: AbortSignal): Promise<void> {
    if (loaded === undefined) [loaded] = (await worker.call(['load'], { urgent, signal })) as LoadedModel[]
  }

  function countTokens(text: string): number {
    if (loaded === undefined) return upperBound(text, prefixes)
    const { rules, config } = loaded.tokenizer
    tokenizer ??= new Tokenizer(rules, config)
    const count = (prefix = '') => tokenizer?.encode(prefix + text).ids.length ?? 0
    return prefixes.document === prefixes.query
      ? count(prefixes.query)
      : Math.max(count(prefixes.document), count(prefixes.query))
  }

  return {
    model: {
      provider: 'transformers',
      name: model,
      ...(revision === undefined ? {} : { revision }),
      dtype,
      pooling,
      normalized: true,
      prefixes,
      ...(options.maxInputTokens === undefined ? {} : { options: { maxInputTokens: options.maxInputTokens } }),
    },
    get dimensions() {
      return loaded?.dimensions
    },
    // Small batches: the worker takes texts one by one anyway, and a query need not wait for a long batch to end.
    get limits() {
      const limit = loaded?.maxInputTokens ?? options.maxInputTokens
      return {
        maxInputs: 16,
        maxConcurrency: 2,
        ...(limit === undefined || limit === Number.POSITIVE_INFINITY ? {} : { maxInputTokens: limit }),
      }
    },
    countTokens,
    embed: async (texts, { purpose, signal }) => {
      if (texts.length === 0) return { vectors: [], tokens: 0 }
      const urgent = purpose === 'query'
      await load(urgent, signal)
      const prefix = prefixes[purpose] ?? ''
      const requests = texts.map((text) => ({ text: prefix + text }))
      const embedded = (await worker.call(requests, { urgent, signal })) as EmbeddedText[]
      return {
        vectors: embedded.map(({ vector }) => vector),
        tokens: embedded.reduce((sum, { tokens }) => sum + tokens, 0),
      }
    },
    load: ({ signal } = {}) => load(true, signal),
    close: () => worker.close(),
    [Symbol.asyncDispose]: () => worker.close(),
  }
}

/** No tokenizer makes more tokens than there are bytes; a few special ones come on top. */
function upperBound(text: string, { document = '', query = '' }: Prefixes): number {
  return Buffer.byteLength(text) + Math.max(Buffer.byteLength(document), Buffer.byteLength(query)) + 4
}
