import type { Embedder, EmbedResult } from '../ports/embedder.js'
import type { Phase } from './phase.js'

/** An embedder whose calls are measured: each attempt, with the number of texts, what they are for and the model. */
export function observedEmbedder(embedder: Embedder, phase: Phase): Embedder {
  const { provider, name } = embedder.model
  return {
    get model() {
      return embedder.model
    },
    get dimensions() {
      return embedder.dimensions
    },
    get limits() {
      return embedder.limits
    },
    ...(embedder.countTokens === undefined ? {} : { countTokens: (text: string) => embedder.countTokens?.(text) ?? 0 }),
    embed: (texts, options) => {
      const attributes = {
        'tandem.model': `${provider}/${name}`,
        'tandem.texts': texts.length,
        'tandem.purpose': options.purpose,
      }
      return phase.measure(async (): Promise<EmbedResult> => embedder.embed(texts, options), attributes)
    },
  }
}
