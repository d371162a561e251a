import {
  aborted,
  type Embedder,
  type EmbedderLimits,
  foreignAnswer,
  invalid,
  StoreError,
} from '@tandemstore/core/adapter'
import OpenAI from 'openai'
import { inOrder } from './answer.js'
import { toEmbedError } from './errors.js'
import { openAILimits, openAIModel } from './models.js'

/** The part of an OpenAI client that is used; `AzureOpenAI` has it too. */
export interface OpenAIClient {
  /** Named in messages. */
  readonly baseURL?: string
  readonly embeddings: {
    create(
      body: { model: string; input: string[]; dimensions?: number; encoding_format: 'base64' | 'float' },
      options: { signal?: AbortSignal | undefined; maxRetries: number; fetchOptions: { redirect: 'manual' } },
    ): PromiseLike<EmbeddingAnswer>
  }
}

export interface EmbeddingAnswer {
  readonly data?: readonly { readonly index: number; readonly embedding: readonly number[] | string }[]
  readonly usage?: { readonly prompt_tokens?: number }
}

export interface OpenAIOptions {
  /**
   * `text-embedding-3-small`, `text-embedding-3-large`, `text-embedding-ada-002`, or any model of a server that speaks
   * the same protocol.
   */
  readonly model: string
  /** Length of the vectors, asked of the server. Default: the model's own. Part of the model's identity. */
  readonly dimensions?: number | undefined
  /**
   * Default: the environment variable OPENAI_API_KEY. A server of your own (`baseURL`, or OPENAI_BASE_URL) may need
   * none.
   */
  readonly apiKey?: string | undefined
  /** Default: the environment variable OPENAI_BASE_URL, else OpenAI. */
  readonly baseURL?: string | undefined
  /** A client to use instead of a new one; `apiKey` and `baseURL` are then its own. */
  readonly client?: OpenAIClient | undefined
  /**
   * What is put before texts of each purpose, for models that want it. OpenAI's do not. Part of the model's identity.
   */
  readonly prefixes?: { readonly document?: string; readonly query?: string } | undefined
  /** `float` for servers that cannot give base64, which is three times smaller. Default: `base64`. */
  readonly encodingFormat?: 'base64' | 'float' | undefined
  /** What another server takes. Default: OpenAI's limits for OpenAI's models; for others none are known. */
  readonly limits?: EmbedderLimits | undefined
}

/**
 * Embeddings by OpenAI, or any server with the same protocol. Makes one request for each call of `embed`, and does not
 * try again: core does.
 *
 * Follows no redirect.
 *
 * Errors: INVALID_ARGUMENT for bad options and CONFIGURATION for a missing key, at once. Of `embed`: AUTHENTICATION
 * (401, 403), CONFIGURATION (404: no such model, a redirect, a certificate that is not trusted, a port that speaks
 * another protocol), RATE_LIMITED (429, with `retryAfterMs`; a fault of the set-up when the account is empty),
 * EMBEDDING_FAILED (400, 413, 422: a text is refused), UNAVAILABLE (no connection, 409, 5xx, a broken answer; a fault
 * of the set-up when a web page answers), TIMEOUT, ABORTED.
 */
export function openai(options: OpenAIOptions): Embedder {
  checkOptions(options)
  const { model, dimensions, prefixes, encodingFormat = 'base64' } = options
  const known = openAIModel(model)
  // A model of one length refuses to be asked for any.
  const asked = known?.shortens === false ? undefined : dimensions
  const client: OpenAIClient = options.client ?? createClient(options)
  return {
    model: {
      provider: 'openai',
      name: model,
      ...(known ? { normalized: true } : {}),
      ...(prefixes ? { prefixes } : {}),
      ...(asked === undefined ? {} : { options: { dimensions: asked } }),
    },
    dimensions: dimensions ?? known?.dimensions,
    limits: options.limits ?? (known ? openAILimits : {}),
    embed: async (texts, { purpose, signal }) => {
      if (signal?.aborted) throw aborted(signal)
      if (texts.length === 0) return { vectors: [], tokens: 0 }
      const prefix = prefixes?.[purpose] ?? ''
      const sent = texts.map((text) => prefix + text)
      const body = {
        model,
        input: sent,
        ...(asked === undefined ? {} : { dimensions: asked }),
        // Where it is said, the SDK leaves the answer as it came.
        encoding_format: encodingFormat,
      }
      const url = client.baseURL
      try {
        // A redirect would take the key and the texts to a server that nobody named.
        const options = { signal, maxRetries: 0, fetchOptions: { redirect: 'manual' as const } }
        const answer: unknown = await client.embeddings.create(body, options)
        // The SDK gives what is not sent as JSON as one text.
        if (typeof answer !== 'object' || answer === null)
          throw foreignAnswer('The embedding server', String(answer), { url, texts: sent })
        const { data, usage } = answer as EmbeddingAnswer
        return { vectors: inOrder(Array.isArray(data) ? data : [], texts.length), tokens: usage?.prompt_tokens }
      } catch (error) {
        throw await toEmbedError(error, { texts: sent, url, signal })
      }
    },
  }
}

function createClient(options: OpenAIOptions): OpenAI {
  const apiKey = options.apiKey ?? process.env.OPENAI_API_KEY
  const baseURL = options.baseURL ?? (process.env.OPENAI_BASE_URL?.trim() || undefined)
  if (!apiKey && baseURL === undefined)
    throw new StoreError('CONFIGURATION', 'OpenAI needs a key: give apiKey, or set OPENAI_API_KEY')
  if (baseURL !== undefined) checkBaseURL(baseURL, options.baseURL === undefined ? 'OPENAI_BASE_URL' : 'baseURL')
  // The client insists on a key; a server of one's own may not look at it.
  return new OpenAI({ apiKey: apiKey || 'none', maxRetries: 0, ...(baseURL === undefined ? {} : { baseURL }) })
}

function checkBaseURL(url: string, name: string): void {
  const expected = 'an http:// or https:// URL without user and password, such as http://localhost:11434/v1'
  const { protocol, username, password } = URL.canParse(url)
    ? new URL(url)
    : { protocol: '', username: '', password: '' }
  const isPlain = /^https?:$/.test(protocol) && username === '' && password === ''
  if (isPlain) return
  if (name === 'baseURL') throw invalid(name, expected)
  throw new StoreError('CONFIGURATION', `${name}: expected ${expected}`)
}

function checkOptions(options: OpenAIOptions): void {
  const { model, dimensions, encodingFormat, client } = options ?? {}
  if (typeof model !== 'string' || model === '') throw invalid('model', 'the name of a model')
  if (encodingFormat !== undefined && encodingFormat !== 'base64' && encodingFormat !== 'float')
    throw invalid('encodingFormat', "'base64' or 'float'")
  if (client !== undefined && typeof client?.embeddings?.create !== 'function')
    throw invalid('client', 'an OpenAI client')
  if (dimensions === undefined) return
  const known = openAIModel(model)
  const most = known === undefined ? Number.MAX_SAFE_INTEGER : known.dimensions
  if (!Number.isSafeInteger(dimensions) || dimensions < 1 || dimensions > most)
    throw invalid('dimensions', known ? `a whole number from 1 to ${most}` : 'a whole number of at least 1')
  if (known && !known.shortens && dimensions !== known.dimensions)
    throw invalid('dimensions', `${known.dimensions}, the only length of ${model}`)
}
