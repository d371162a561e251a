import type { PutManyDocument } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'

/**
 * An embedder that takes no time: its vectors are cut out of random numbers, each from another place, so that all
 * differ.
 */
export function instantEmbedder(dimensions: number): Embedder {
  const noise = Float32Array.from({ length: 1_000_000 + dimensions }, () => Math.random() - 0.5)
  let next = 0
  return {
    model: { provider: 'bench', name: 'instant' },
    dimensions,
    embed: (texts) => ({
      vectors: texts.map(() => {
        next = (next + 1) % 1_000_000
        return noise.slice(next, next + dimensions)
      }),
    }),
  }
}

/** A document whose JSON has about so many bytes. */
export function makeDocument(number: number, bytes: number): PutManyDocument {
  const text = `Document ${number}. ${'It has about as many words as a paragraph has. '.repeat(bytes / 47)}`
  return {
    namespace: ['users', `u${number % 100}`],
    key: `document-${number}`,
    value: { title: `Number ${number}`, text: text.slice(0, bytes - 60), year: 2000 + (number % 25) },
  }
}
