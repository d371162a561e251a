import { StoreError } from '../errors.js'
import type { EmbedResult } from '../ports/embedder.js'
import { markUnsaid } from '../resilience/unsaid.js'

/**
 * Whether there is one vector for each text; otherwise an error that says so. No vector can then be given to a text.
 */
export function checkCount(result: EmbedResult, texts: number, retryable: boolean): StoreError | undefined {
  const vectors = result?.vectors
  if (Array.isArray(vectors) && vectors.length === texts) return undefined
  const count = Array.isArray(vectors) ? `${vectors.length} vectors` : 'no list of vectors'
  return wrong(`The embedder gave ${count} for ${texts} texts`, retryable)
}

/** Whether every number of a vector is 0 once it is a 32-bit float. */
export function isZero(vector: Float32Array | readonly number[]): boolean {
  for (let i = 0; i < vector.length; i += 1) {
    const number = vector[i]
    if (typeof number !== 'number' || Math.fround(number) !== 0) return false
  }
  return true
}

/**
 * EMBEDDING_FAILED where every vector is of zeros, as some servers give them whatever the texts. Only for vectors whose
 * direction counts.
 */
export function checkAllZero({ vectors }: EmbedResult): StoreError | undefined {
  // A vector that is wrong in another way is told by `toVector`.
  const isOfZeros = (vector: EmbedResult['vectors'][number] | undefined) =>
    vector !== undefined && vector !== null && vector.length > 0 && isZero(vector)
  return vectors.every(isOfZeros) ? zeroVector() : undefined
}

function zeroVector(): StoreError {
  return wrong('The embedder gave a vector of zeros, which has no direction')
}

/**
 * MODEL_MISMATCH where no vector has the right length: then the embedder is set up wrongly, and the next answer will be
 * no better.
 */
export function checkLengths({ vectors }: EmbedResult, dimensions: number | undefined): StoreError | undefined {
  const length = vectors[0]?.length
  if (dimensions === undefined || !length || vectors.some((each) => each?.length === dimensions)) return undefined
  return mismatch(length, dimensions)
}

/**
 * A vector of the port as a Float32Array of its own, or what is wrong with it: MODEL_MISMATCH for another length than
 * `dimensions` (where it is known), EMBEDDING_FAILED for a number that is not finite (also once it is a 32-bit float),
 * for what is no number, for none at all, and for zeros alone where the direction counts.
 */
export function toVector(
  given: Float32Array | readonly number[] | undefined,
  dimensions: number | undefined,
  needsDirection: boolean,
): Float32Array | StoreError {
  if (given === undefined || given === null || !(given.length > 0)) return wrong('The embedder gave an empty vector')
  if (dimensions !== undefined && given.length !== dimensions) return mismatch(given.length, dimensions)
  // Servers write NaN as null, which would become 0.
  if (!(Array.isArray(given) ? given.every((each) => typeof each === 'number') : ArrayBuffer.isView(given)))
    return wrong('The embedder gave a vector that is no list of numbers')
  // A view into a larger buffer is copied: kept in a cache it would keep the whole buffer, and the embedder may use
  // that again.
  const isOwn = given instanceof Float32Array && given.byteLength === given.buffer.byteLength
  const vector = isOwn ? given : new Float32Array(given)
  // 0 · x is 0 for a finite x, and NaN otherwise, which a sum keeps.
  let sum = 0
  for (let i = 0; i < vector.length; i += 1) sum += 0 * (vector[i] as number)
  if (sum !== 0) return wrong('The embedder gave a vector with a number that is not finite')
  if (needsDirection && isZero(vector)) return zeroVector()
  return vector
}

function wrong(message: string, retryable?: boolean): StoreError {
  return markUnsaid(new StoreError('EMBEDDING_FAILED', message, { retryable }))
}

function mismatch(length: number, dimensions: number): StoreError {
  const message = `The embedder gave a vector of ${length} dimensions where the model has ${dimensions}`
  return new StoreError('MODEL_MISMATCH', message)
}
