import type { Metric } from '@tandemstore/core/adapter'

/** Outside of these lengths, squares in 32 bits may overflow or vanish. */
const MIN_NORM = 1e-12
const MAX_NORM = 1e15

/** The bytes of a vector as sqlite-vec reads them; a view, not a copy. */
export function vectorBytes(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
}

/** A stored vector; a view where the bytes are aligned. */
export function bytesVector(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice()
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / Float32Array.BYTES_PER_ELEMENT)
}

/** The length of a vector, or null where arithmetic in 32 bits is no estimate for it. */
export function vectorNorm(vector: Float32Array): number | null {
  const norm = Math.sqrt(dot(vector, vector))
  return norm === 0 || (norm >= MIN_NORM && norm <= MAX_NORM) ? norm : null
}

/** The exact score, in doubles. Higher is better. A zero vector has a cosine of 0 with every other. */
export function exactScore(metric: Metric, a: Float32Array, b: Float32Array): number {
  if (metric === 'euclidean') return -distance(a, b)
  const product = dot(a, b)
  if (metric === 'dot') return product
  const norms = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b))
  return norms === 0 ? 0 : Math.max(-1, Math.min(1, product / norms))
}

/** The vector at length 1; a zero vector stays zero. */
export function normalized(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(dot(vector, vector))
  return norm === 0 ? vector : vector.map((each) => each / norm)
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i += 1) sum += (a[i] as number) * (b[i] as number)
  return sum
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i += 1) sum += ((a[i] as number) - (b[i] as number)) ** 2
  return Math.sqrt(sum)
}
