import { Tokenizer } from '@huggingface/tokenizers'
import { type CallOptions, invalid, type Reranker, workerClient } from '@tandemstore/core/adapter'
import { type ModelOptions, sourceOf } from './model-options.js'
import type { ClassifierRequest, ClassifierValue, LoadedClassifier } from './protocol.js'

export interface CrossEncoderOptions extends ModelOptions {
  /**
   * What becomes of the model's logits: `sigmoid` puts them between 0 and 1, in the same order; `none` gives them as
   * they are, for models that were trained without. Default: `sigmoid`.
   */
  readonly activation?: 'sigmoid' | 'none' | undefined
}

/** A reranker that runs in a worker thread of this process. */
export interface CrossEncoder extends Reranker, AsyncDisposable {
  /** Tokens in a text: exactly once the model is loaded, before that an upper bound. */
  countTokens(text: string): number
  /** The score of each text for the query. A pair above the limit is cut at its end. */
  rerank(query: string, texts: readonly string[], options: CallOptions): Promise<number[]>
  /**
   * Loads the model now, which the first `rerank` would do within the time limit of a search. Aborted, it stops
   * waiting; the worker goes on without keeping the process alive.
   */
  load(options?: CallOptions): Promise<void>
  /**
   * Ends the worker thread and frees the model's memory. Pending and later calls are refused with CLOSED. Not needed
   * for the process to end.
   */
  close(): Promise<void>
}

/**
 * Any cross-encoder with ONNX files from the Hugging Face hub or a local folder: a sequence classifier that reads query
 * and text together and gives one logit, or two, of which the second stands for a match. It runs in a worker thread of
 * this process, one pair after another.
 *
 * Errors: INVALID_ARGUMENT for bad options, at once. Of `rerank` and `load`: CONFIGURATION (the model is not to be had,
 * and where it was looked for; it is no cross-encoder; @huggingface/transformers is not installed; a bundler left the
 * worker's file out), UNAVAILABLE (the hub does not answer, or the worker thread ended; the next call tries again),
 * RERANK_FAILED, ABORTED, CLOSED.
 */
export function crossEncoder(options: CrossEncoderOptions): CrossEncoder {
  const source = sourceOf(options)
  const { activation = 'sigmoid' } = options
  if (activation !== 'sigmoid' && activation !== 'none') throw invalid('activation', "'sigmoid' or 'none'")
  const worker = workerClient<ClassifierRequest, ClassifierValue>(
    () => new URL('./classifier-worker.js', import.meta.url),
    { ...source },
    { name: 'The reranking worker', packageName: '@tandemstore/embed-transformers and @huggingface/transformers' },
  )
  let loaded: LoadedClassifier | undefined
  let tokenizer: Tokenizer | undefined

  async function load(signal?: AbortSignal): Promise<void> {
    if (loaded === undefined) [loaded] = (await worker.call(['load'], { urgent: true, signal })) as LoadedClassifier[]
  }

  return {
    name: `transformers/${source.model}`,
    // One call at a time of a few texts: the worker takes pairs one by one anyway, and each call has a time limit.
    get limits() {
      const limit = loaded?.maxInputTokens ?? source.maxInputTokens
      return {
        maxInputs: 4,
        maxConcurrency: 1,
        ...(limit === undefined || limit === Number.POSITIVE_INFINITY ? {} : { maxInputTokens: limit }),
      }
    },
    countTokens: (text) => {
      // No tokenizer makes more tokens than there are bytes; a few special ones come on top.
      if (loaded === undefined) return Buffer.byteLength(text) + 4
      const { rules, config } = loaded.tokenizer
      tokenizer ??= new Tokenizer(rules, config)
      return tokenizer.encode(text).ids.length
    },
    rerank: async (query, texts, { signal }) => {
      if (texts.length === 0) return []
      await load(signal)
      const pairs = texts.map((text) => ({ query, text }))
      const logits = (await worker.call(pairs, { urgent: true, signal })) as number[]
      return activation === 'none' ? logits : logits.map(sigmoid)
    },
    load: ({ signal } = {}) => load(signal),
    close: () => worker.close(),
    [Symbol.asyncDispose]: () => worker.close(),
  }
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit))
}
