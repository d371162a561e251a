import { dot } from '@tandemstore/core/scan'

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

/** The vector at length 1; a zero vector stays zero. */
export function normalized(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(dot(vector, vector))
  return norm === 0 ? vector : vector.map((each) => each / norm)
}
