import { setTimeout } from 'node:timers/promises'
import { StoreError } from '@tandemstore/core'
import type { Embedder, EmbedOptions } from '@tandemstore/core/adapter'

/** A model that takes its time, as one that is asked over a network: SLOW_MS for a call, whatever is in it. With SLOW_REFUSES=queries it takes documents only. */
const embedder: Embedder = {
  model: { provider: 'test', name: 'slow' },
  dimensions: 8,
  limits: { maxInputs: 16, maxConcurrency: 4 },
  async embed(texts: readonly string[], { purpose, signal }: EmbedOptions) {
    if (process.env.SLOW_REFUSES === 'queries' && purpose === 'query')
      throw new StoreError('EMBEDDING_FAILED', 'no queries, please')
    await setTimeout(Number(process.env.SLOW_MS ?? 5), undefined, { signal })
    return { vectors: texts.map(toVector) }
  },
}

/** How often letters occur. */
function toVector(text: string): Float32Array {
  const vector = new Float32Array(8).fill(0.01)
  for (let i = 0; i < text.length; i += 1) {
    const place = text.charCodeAt(i) % 8
    vector[place] = (vector[place] ?? 0) + 1
  }
  return vector
}

export default { embedders: [{ name: 'slow', embedder }] }
