import type { RerankingModelV3, RerankingModelV4 } from '@ai-sdk/provider'
import { aborted, invalid, type Reranker, type RerankerLimits, StoreError } from '@tandemstore/core/adapter'
import type { ProviderOptions } from './ai-sdk.js'
import { toModelError } from './errors.js'

/** A reranking model of the AI SDK 6 or 7. */
export type AiSdkRerankingModel = RerankingModelV3 | RerankingModelV4

export interface AiSdkRerankerOptions {
  /** Such as `cohere.reranking('rerank-v3.5')`. */
  readonly model: AiSdkRerankingModel
  /** What the provider is told beside query and texts. */
  readonly providerOptions?: ProviderOptions | undefined
  /** What is taken at a time; the AI SDK declares nothing. Say `maxInputTokens`, and the store cuts longer texts. */
  readonly limits?: RerankerLimits | undefined
}

/**
 * Reranking by any reranking model of the AI SDK. Makes one call of the model for each call of `rerank`, and does not
 * try again: core does. The scores are the provider's, from 0 to 1 with those that are known.
 *
 * Errors: INVALID_ARGUMENT for bad options, at once. Of `rerank`: as of `aiSdk`, with RERANK_FAILED in the place of
 * EMBEDDING_FAILED; also where the provider does not score each text once.
 */
export function aiSdkReranker({ model, providerOptions, limits }: AiSdkRerankerOptions): Reranker {
  if (typeof model?.doRerank !== 'function') throw invalid('model', 'a reranking model of the AI SDK')
  return {
    name: `${model.provider}/${model.modelId}`,
    limits,
    rerank: async (query, texts, { signal }) => {
      if (signal?.aborted) throw aborted(signal)
      if (texts.length === 0) return []
      try {
        const { ranking } = await (model as RerankingModelV4).doRerank({
          query,
          documents: { type: 'text', values: [...texts] },
          // All of them, whatever the provider gives by itself.
          topN: texts.length,
          ...(providerOptions === undefined ? {} : { providerOptions }),
          ...(signal === undefined ? {} : { abortSignal: signal }),
        })
        return inOrderOfTexts(ranking, texts.length)
      } catch (error) {
        const sent = [query, ...texts]
        throw await toModelError(error, { provider: model.provider, texts: sent, signal, refused: 'RERANK_FAILED' })
      }
    },
  }
}

/** The answer names texts by their places, the best first. */
function inOrderOfTexts(
  ranking: readonly { readonly index: number; readonly relevanceScore: number }[],
  texts: number,
): number[] {
  const scores = new Array<number | undefined>(texts).fill(undefined)
  for (const { index, relevanceScore } of ranking) {
    if (!(index in scores)) throw wrong(`a score of text ${index}, and there are ${texts}`)
    if (scores[index] !== undefined) throw wrong(`two scores of text ${index}`)
    scores[index] = relevanceScore
  }
  return scores.map((score, i) => {
    if (score === undefined) throw wrong(`no score of text ${i}`)
    return score
  })
}

function wrong(what: string): StoreError {
  return new StoreError('RERANK_FAILED', `The reranking model gave ${what}`)
}
