import { aborted, invalid, type Reranker } from '@tandemstore/core/adapter'
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
 * Reranks by adapter-name. Makes one request for each call of `rerank`, and does not try again: core does. There is
 * nothing to close.
 *
 * Errors: INVALID_ARGUMENT for bad options, at once. Of `rerank`: AUTHENTICATION (401, 403), CONFIGURATION (404, a
 * redirect), RATE_LIMITED (429), RERANK_FAILED (400, 413, 422: the query or a text is refused), UNAVAILABLE (no
 * connection, 5xx), TIMEOUT, ABORTED.
 */
export function adapterName(options: AdapterNameOptions): Reranker {
  checkOptions(options)
  const { model, url, apiKey = process.env.ADAPTER_NAME_API_KEY } = options
  return {
    name: `adapter-name/${model}`,
    limits: { maxInputs: 64, maxInputTokens: 512, maxConcurrency: 4 },
    // One score for each text, in their order, from 0 to 1; it must not depend on the other texts of the call.
    async rerank(query, texts, { signal }) {
      if (signal?.aborted) throw aborted(signal)
      if (texts.length === 0) return []
      const { scores } = await ask({ url, apiKey, texts: [query, ...texts], body: { model, query, texts }, signal })
      return scores
    },
  }
}

function checkOptions(options: AdapterNameOptions): void {
  const { model, url } = options ?? {}
  if (typeof model !== 'string' || model === '') throw invalid('model', 'the name of a model')
  if (typeof url !== 'string' || !URL.canParse(url)) throw invalid('url', 'the URL of a server')
}
