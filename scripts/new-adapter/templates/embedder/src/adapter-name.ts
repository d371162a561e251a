import { aborted, type Embedder, invalid } from '@tandemstore/core/adapter'
import { ask } from './request.js'

export interface AdapterNameOptions {
  /** Such as `model-1`. */
  readonly model: string
  /** Where the server is. */
  readonly url: string
  /** Sent as a bearer token. Default: the environment variable ADAPTER_NAME_API_KEY, else none. */
  readonly apiKey?: string | undefined
}

/**
 * Embeddings by adapter-name. Makes one request for each call of `embed`, and does not try again: core does. There is
 * nothing to close.
 *
 * Errors: INVALID_ARGUMENT for bad options, at once. Of `embed`: AUTHENTICATION (401, 403), CONFIGURATION (404, a
 * redirect), RATE_LIMITED (429), EMBEDDING_FAILED (400, 413, 422: a text is refused), UNAVAILABLE (no connection, 5xx),
 * TIMEOUT, ABORTED.
 */
export function adapterName(options: AdapterNameOptions): Embedder {
  checkOptions(options)
  const { model, url, apiKey = process.env.ADAPTER_NAME_API_KEY } = options
  return {
    // The whole identity: whatever changes a vector belongs in it.
    model: { provider: 'adapter-name', name: model },
    limits: { maxInputs: 64, maxInputTokens: 512, maxConcurrency: 4 },
    async embed(texts, { purpose, signal }) {
      if (signal?.aborted) throw aborted(signal)
      if (texts.length === 0) return { vectors: [] }
      const { vectors, tokens } = await ask({ url, apiKey, texts, body: { model, texts, purpose }, signal })
      return { vectors, tokens }
    },
  }
}

function checkOptions(options: AdapterNameOptions): void {
  const { model, url } = options ?? {}
  if (typeof model !== 'string' || model === '') throw invalid('model', 'the name of a model')
  if (typeof url !== 'string' || !URL.canParse(url)) throw invalid('url', 'the URL of a server')
}
