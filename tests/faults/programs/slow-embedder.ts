import { setTimeout as wait } from 'node:timers/promises'
import type { Embedder } from '@tandemstore/core/adapter'
import { fakeEmbedder } from '@tandemstore/testkit'

/** Takes up to `maxMs` for each call, so that a fault meets every stage of the indexing. */
export function slowEmbedder(random: () => number, maxMs = 25): Embedder {
  const embedder = fakeEmbedder({ limits: { maxInputs: 8, maxConcurrency: 3 } })
  return {
    ...embedder,
    embed: async (texts, options) => {
      await wait(random() * maxMs)
      return embedder.embed(texts, options)
    },
  }
}
