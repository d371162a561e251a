import { StoreError } from '@tandemstore/core/adapter'

/** One vector of an answer, as it came: some servers give numbers where base64 was asked for. */
export interface AnsweredEmbedding {
  readonly index?: number
  readonly embedding: string | readonly number[]
}

/**
 * The vectors in the order of the texts, which an answer may give in another. Where there are more or fewer than texts
 * they stay as they are: core counts them. EMBEDDING_FAILED where the indexes cannot be of this many texts; a
 * RangeError for base64 that holds no 32-bit numbers.
 */
export function inOrder(data: readonly AnsweredEmbedding[], texts: number): (Float32Array | readonly number[])[] {
  if (data.length !== texts) return data.map(({ embedding }) => decode(embedding))
  const vectors = new Array<Float32Array | readonly number[]>(texts)
  data.forEach(({ index, embedding }, position) => {
    const at = index ?? position
    if (!Number.isInteger(at) || at < 0 || at >= texts || vectors[at] !== undefined)
      throw new StoreError(
        'EMBEDDING_FAILED',
        `The embedding server gave the index ${at} twice, or it is not one of ${texts} texts`,
      )
    vectors[at] = decode(embedding)
  })
  return vectors
}

/** Base64 as a vector of its own, which no copy has to be made of later; the SDK would make a list of numbers of it. */
function decode(embedding: AnsweredEmbedding['embedding']): Float32Array | readonly number[] {
  if (typeof embedding !== 'string') return embedding
  const bytes = Buffer.from(embedding, 'base64')
  if (bytes.length === 0 || bytes.length % Float32Array.BYTES_PER_ELEMENT !== 0)
    throw new RangeError('base64 that holds no 32-bit numbers')
  return new Float32Array(new Uint8Array(bytes).buffer)
}
