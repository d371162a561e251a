import type { EmbeddingModelV2, EmbeddingModelV3, EmbeddingModelV4, JSONObject } from '@ai-sdk/provider'
import { aborted, type Embedder, type EmbedderLimits, invalid } from '@tandemstore/core/adapter'
import { toModelError } from './errors.js'

/** An embedding model of the AI SDK 5, 6 or 7. */
export type AiSdkModel = EmbeddingModelV2<string> | EmbeddingModelV3 | EmbeddingModelV4

/** Options of a provider, by its name: `{ cohere: { inputType: 'search_query' } }`. */
export type ProviderOptions = Record<string, JSONObject>

export interface AiSdkOptions {
  /** Such as `cohere.embeddingModel('embed-v4.0')`. */
  readonly model: AiSdkModel
  /**
   * Length of the vectors. Models of the AI SDK 7 are asked for it; for older ones it only says what comes. Default:
   * learnt by embedding a word. Part of the model's identity.
   */
  readonly dimensions?: number | undefined
  /**
   * What the provider is told for each purpose: many embed a query in another way than a document. Part of the model's
   * identity.
   */
  readonly providerOptions?: { readonly document?: ProviderOptions; readonly query?: ProviderOptions } | undefined
  /** What is put before texts of each purpose. Part of the model's identity. */
  readonly prefixes?: { readonly document?: string | undefined; readonly query?: string | undefined } | undefined
  /** What is taken at a time, in addition to what the model declares. */
  readonly limits?: EmbedderLimits | undefined
}

/**
 * Embeddings by any embedding model of the AI SDK. Makes one call of the model for each call of `embed`, and does not
 * try again: core does.
 *
 * Errors: INVALID_ARGUMENT for bad options, at once. Of `embed`: AUTHENTICATION (401, 403), CONFIGURATION (no key, no
 * such model, a certificate that is not trusted, a port that speaks another protocol), RATE_LIMITED (429, with
 * `retryAfterMs`; a fault of the set-up when the account is empty), EMBEDDING_FAILED (400, 413, 422: a text is refused;
 * too many texts), UNAVAILABLE (no connection, 409, 5xx, a broken answer; a fault of the set-up when it is of another
 * protocol), TIMEOUT, ABORTED.
 */
export function aiSdk(options: AiSdkOptions): Embedder {
  checkOptions(options)
  const { model, dimensions, providerOptions, prefixes } = options
  const { maxEmbeddingsPerCall, supportsParallelCalls } = model
  let declared = declaredLimits(maxEmbeddingsPerCall, supportsParallelCalls)
  // A model may say its limits later.
  const learning = Promise.all([maxEmbeddingsPerCall, supportsParallelCalls]).then(([maxInputs, isParallel]) => {
    declared = declaredLimits(maxInputs, isParallel)
  })
  // A failure is told by the calls, which wait for this.
  learning.catch(() => undefined)
  return {
    model: {
      provider: 'ai-sdk',
      name: `${model.provider}/${model.modelId}`,
      ...(prefixes ? { prefixes } : {}),
      ...identityOptions(options),
    },
    dimensions,
    get limits() {
      return { ...declared, ...options.limits }
    },
    embed: async (texts, { purpose, signal }) => {
      if (signal?.aborted) throw aborted(signal)
      if (texts.length === 0) return { vectors: [] }
      const prefix = prefixes?.[purpose] ?? ''
      const values = texts.map((text) => prefix + text)
      const forProvider = providerOptions?.[purpose]
      try {
        await learning
        const { embeddings, usage } = await (model as EmbeddingModelV4).doEmbed({
          values,
          ...(model.specificationVersion === 'v4' && dimensions !== undefined ? { dimensions } : {}),
          ...(forProvider === undefined ? {} : { providerOptions: forProvider }),
          ...(signal === undefined ? {} : { abortSignal: signal }),
        })
        return { vectors: embeddings, tokens: usage?.tokens }
      } catch (error) {
        throw await toModelError(error, { provider: model.provider, texts: values, signal })
      }
    },
  }
}

/** `Infinity` stands for no limit. */
function declaredLimits(maxInputs: unknown, isParallel: unknown): EmbedderLimits {
  return {
    ...(Number.isSafeInteger(maxInputs) ? { maxInputs: maxInputs as number } : {}),
    ...(isParallel === false ? { maxConcurrency: 1 } : {}),
  }
}

function identityOptions({ dimensions, providerOptions }: AiSdkOptions): { options?: Record<string, string | number> } {
  const options: Record<string, string | number> = {}
  if (dimensions !== undefined) options.dimensions = dimensions
  if (providerOptions?.document) options.document = JSON.stringify(providerOptions.document)
  if (providerOptions?.query) options.query = JSON.stringify(providerOptions.query)
  return Object.keys(options).length > 0 ? { options } : {}
}

function checkOptions(options: AiSdkOptions): void {
  const { model, dimensions } = options ?? {}
  if (typeof model?.doEmbed !== 'function') throw invalid('model', 'an embedding model of the AI SDK')
  if (dimensions !== undefined && !(Number.isSafeInteger(dimensions) && dimensions >= 1))
    throw invalid('dimensions', 'a whole number of at least 1')
}
