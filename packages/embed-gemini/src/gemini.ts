import { aborted, type Embedder, type EmbedderLimits, invalid } from '@tandemstore/core/adapter'
import { callerOf, type GenAIClient, type LegacyClient, ownCaller } from './clients.js'
import { toEmbedError } from './errors.js'
import { geminiModel, limitsOf } from './models.js'

/** Where @google/genai sends to, for messages. */
const GOOGLE = 'https://generativelanguage.googleapis.com'

export interface GeminiOptions {
  /** `gemini-embedding-001` or `gemini-embedding-2`. Vectors of the two do not mix. */
  readonly model: string
  /** Length of the vectors, up to 3,072. Default: the model's own. Part of the model's identity. */
  readonly dimensions?: number | undefined
  /** Default: the environment variable GOOGLE_API_KEY or GEMINI_API_KEY. */
  readonly apiKey?: string | undefined
  /** Default: the environment variable GOOGLE_GEMINI_BASE_URL, else Google. */
  readonly baseUrl?: string | undefined
  /**
   * A client to use instead of a new one, of @google/genai (the key and the server are then its own) or of the legacy
   * @google/generative-ai (the key is its own).
   */
  readonly client?: GenAIClient | LegacyClient | undefined
  /** What is taken at a time, where it is not what is known of the model. */
  readonly limits?: EmbedderLimits | undefined
}

/**
 * Embeddings by Google Gemini. Tells documents and queries apart as each model wants it, and gives vectors of length 1.
 * Makes one request for each call of `embed`, and does not try again: core does.
 *
 * The client that it makes follows no redirect.
 *
 * Errors: INVALID_ARGUMENT for bad options and CONFIGURATION for a missing key, at once. Of `embed`: AUTHENTICATION (a
 * wrong key, 401, 403), CONFIGURATION (404: no such model, a redirect, a certificate that is not trusted, a port that
 * speaks another protocol), RATE_LIMITED (429, with `retryAfterMs` where Google says it), EMBEDDING_FAILED (400: a text
 * is refused), UNAVAILABLE (no connection, 5xx, a broken answer; a fault of the set-up when a web page answers),
 * TIMEOUT, ABORTED.
 */
export function gemini(options: GeminiOptions): Embedder {
  checkOptions(options)
  const { model, dimensions, apiKey, client } = options
  const baseUrl = options.baseUrl ?? (process.env.GOOGLE_GEMINI_BASE_URL?.trim() || undefined)
  const known = geminiModel(model)
  const call = client === undefined ? ownCaller(apiKey, baseUrl) : callerOf(client, baseUrl)
  // A client of @google/genai has a server of its own, and does not say which.
  const url = client !== undefined && 'models' in client ? undefined : (baseUrl ?? GOOGLE)
  const isVertex = client !== undefined && 'vertexai' in client && client.vertexai === true
  const { taskTypes, prefixes } = { taskTypes: undefined, prefixes: undefined, ...known.purposeBy }
  return {
    model: {
      provider: 'gemini',
      name: model,
      normalized: true,
      ...(prefixes ? { prefixes } : {}),
      ...(dimensions === undefined ? {} : { options: { dimensions } }),
    },
    dimensions: dimensions ?? known.dimensions,
    limits: options.limits ?? limitsOf(known, isVertex),
    embed: async (texts, { purpose, signal }) => {
      if (signal?.aborted) throw aborted(signal)
      if (texts.length === 0) return { vectors: [] }
      const prefix = prefixes?.[purpose] ?? ''
      const prefixed = texts.map((text) => prefix + text)
      try {
        const answer = await call({ model, texts: prefixed, taskType: taskTypes?.[purpose], dimensions, signal })
        const vectors = (answer.embeddings ?? []).map(({ values = [] }) => normalize(values))
        return { vectors, tokens: answer.usageMetadata?.promptTokenCount }
      } catch (error) {
        throw await toEmbedError(error, { texts: prefixed, url, signal })
      }
    },
  }
}

/** gemini-embedding-001 does not normalise what is shorter than its 3,072 dimensions. */
function normalize(values: readonly number[]): Float32Array {
  const length = Math.hypot(...values)
  return Float32Array.from(values, (x) => (length > 0 ? x / length : x))
}

function checkOptions(options: GeminiOptions): void {
  const { model, dimensions } = options ?? {}
  if (typeof model !== 'string' || model === '') throw invalid('model', 'the name of a model')
  const most = geminiModel(model).dimensions ?? Number.MAX_SAFE_INTEGER
  if (dimensions !== undefined && !(Number.isSafeInteger(dimensions) && dimensions >= 1 && dimensions <= most))
    throw invalid(
      'dimensions',
      most === Number.MAX_SAFE_INTEGER ? 'a whole number of at least 1' : `a whole number from 1 to ${most}`,
    )
}
