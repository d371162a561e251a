import { StoreError } from '@tandemstore/core/adapter'

/** One vector of an answer, as the SDK gives it: decoded, where it came as base64. */
export interface AnsweredEmbedding {
  readonly index?: number
  readonly embedding: Float32Array | readonly number[]
}

/**
 * The vectors in the order of the texts, which an answer may give in another. Where there are more or fewer than texts they stay as they are: core counts them.
 * EMBEDDING_FAILED where the indexes cannot be of this many texts.
 */
export function inOrder(data: readonly AnsweredEmbedding[], texts: number): (Float32Array | readonly number[])[] {
  if (data.length !== texts) return data.map(({ embedding }) => embedding)
  const vectors = new Array<Float32Array | readonly number[]>(texts)
  data.forEach(({ index, embedding }, position) => {
    const at = index ?? position
    if (!Number.isInteger(at) || at < 0 || at >= texts || vectors[at] !== undefined)
      throw new StoreError(
        'EMBEDDING_FAILED',
        `The embedding server gave the index ${at} twice, or it is not one of ${texts} texts`,
      )
    vectors[at] = embedding
  })
  return vectors
}
