import { hash } from 'node:crypto'
import type { Embedder, EmbedderLimits, EmbedOptions } from '@tandemstore/core/adapter'
import { countWords, wordsOf } from './words.js'

export interface FakeEmbedderOptions {
  /** Length of the vectors. Default 64. */
  readonly dimensions?: number | undefined
  /** The name in the model's identity. Another name gives other vectors. Default `fake`. */
  readonly model?: string | undefined
  readonly limits?: EmbedderLimits | undefined
}

export interface FakeEmbedder extends Embedder {
  readonly dimensions: number
  /** The calls so far, oldest first. */
  readonly calls: readonly { readonly texts: readonly string[]; readonly purpose: EmbedOptions['purpose'] }[]
  countTokens(text: string): number
}

/**
 * An embedder that needs no model: each word (in lower case) has a direction of its own, made from its hash, and a
 * text has the direction of the sum of its words. So texts that share words are near one another, the same text
 * always has the same vector of length 1, and a query has the vector that a document of the same words has. Its
 * tokens are words.
 */
export function fakeEmbedder(options: FakeEmbedderOptions = {}): FakeEmbedder {
  const { dimensions = 64, model = 'fake', limits } = options
  const directions = new Map<string, Float32Array>()
  const calls: { texts: readonly string[]; purpose: EmbedOptions['purpose'] }[] = []

  const directionOf = (word: string): Float32Array => {
    let direction = directions.get(word)
    if (direction === undefined) {
      direction = hashedDirection(`${model}\0${word}`, dimensions)
      directions.set(word, direction)
    }
    return direction
  }
  const vectorOf = (text: string): Float32Array => {
    const words = wordsOf(text)
    const sum = new Float32Array(dimensions)
    // Without any word the text as a whole stands for one, as a vector of zeros has no direction.
    for (const word of words.length > 0 ? words : [text]) {
      const direction = directionOf(word)
      for (let i = 0; i < dimensions; i += 1) sum[i] = (sum[i] as number) + (direction[i] as number)
    }
    return normalised(sum)
  }
  return {
    model: { provider: 'fake', name: model, normalized: true, options: { dimensions } },
    dimensions,
    limits,
    calls,
    countTokens: countWords,
    async embed(texts, { purpose, signal }) {
      signal?.throwIfAborted()
      calls.push({ texts: [...texts], purpose })
      const tokens = texts.reduce((sum, text) => sum + countWords(text), 0)
      return { vectors: texts.map(vectorOf), tokens }
    },
  }
}

/** Numbers in [-1, 1) from SHA-512 in counter mode. */
function hashedDirection(seed: string, dimensions: number): Float32Array {
  const direction = new Float32Array(dimensions)
  let bytes = Buffer.alloc(0)
  for (let i = 0; i < dimensions; i += 1) {
    const at = (i % 16) * 4
    if (at === 0) bytes = hash('sha512', `${seed}\0${i}`, 'buffer')
    direction[i] = bytes.readInt32LE(at) / 2 ** 31
  }
  return normalised(direction)
}

function normalised(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  return vector.map((each) => each / length)
}
