import { hash } from 'node:crypto'
import { type Embedder, StoreError } from '@tandemstore/core/adapter'

/** A text that the embedder refuses for good holds this word. */
export const REFUSED = 'unembeddable'

export interface TestEmbedderOptions {
  /** Another name is another model, and another space. */
  readonly name?: string
  readonly dimensions?: number
  readonly limits?: Embedder['limits']
}

/** Vectors from the hash of a text: the same text always gives the same one, of length 1. */
export function testEmbedder(options: TestEmbedderOptions = {}): Embedder {
  const { name = 'hash', dimensions = 8, limits = { maxInputs: 32, maxConcurrency: 4 } } = options
  return {
    model: { provider: 'test', name },
    dimensions,
    limits,
    async embed(texts, { signal }) {
      signal?.throwIfAborted()
      const bad = texts.find((text) => text.includes(REFUSED))
      if (bad !== undefined) throw new StoreError('EMBEDDING_FAILED', 'The text is refused')
      return { vectors: texts.map((text) => vectorOf(`${name} ${text}`, dimensions)) }
    },
  }
}

/** A vector of length 1 from the hash of a text. */
export function vectorOf(text: string, dimensions = 8): Float32Array {
  const bytes = hash('sha512', text, 'buffer')
  const vector = Float32Array.from({ length: dimensions }, (_, i) => ((bytes[i % bytes.length] ?? 0) - 127.5) / 127.5)
  const length = Math.hypot(...vector)
  return vector.map((each) => each / length)
}

/** What the test embedder of this name gives for a text. */
export function embeddingOf(text: string, name = 'hash', dimensions = 8): Float32Array {
  return vectorOf(`${name} ${text}`, dimensions)
}
