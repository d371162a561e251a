import type { PutManyDocument } from '@tandemstore/core'
import type { Embedder } from '@tandemstore/core/adapter'
import { seeded } from '../../packages/core/bench/random.ts'

export const DIMENSIONS = 384

export type BenchDocument = PutManyDocument<{ title: string; text: string; year: number }>

/** A document of about 600 bytes; `name` tells rounds apart. */
export function makeDocuments(name: string, count: number): BenchDocument[] {
  return Array.from({ length: count }, (_, i) => ({
    namespace: ['users', `u${i % 10}`],
    key: `${name}-${i}`,
    value: {
      title: `Number ${i}`,
      text: `Document ${i} of ${name}. ${'It has about as many words as a paragraph has. '.repeat(10)}`,
      year: 2000 + (i % 25),
    },
  }))
}

const PLACES = 1_000_000
const random = seeded(384)
const noise = Float32Array.from({ length: PLACES + DIMENSIONS }, () => random() - 0.5)
let next = 0

/** A vector that costs next to nothing to make: cut out of random numbers, each from another place. */
export function someVector(): Float32Array {
  next = (next + 1) % PLACES
  return noise.subarray(next, next + DIMENSIONS)
}

/** An embedder that takes no time. */
export const instantEmbedder: Embedder = {
  model: { provider: 'bench', name: 'instant' },
  dimensions: DIMENSIONS,
  embed: (texts) => ({ vectors: texts.map(someVector) }),
}
