import { createHash } from 'node:crypto'

/** A vector of length 1 that depends on the text and nothing else; texts with the same words point the same way. */
export function vectorOf(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0)
  for (const word of ['', ...text.toLowerCase().split(/\s+/)]) {
    let state = createHash('sha256').update(word).digest().readUInt32LE(0) || 1
    for (let i = 0; i < dimensions; i++) {
      // xorshift32 (Marsaglia, 2003)
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      vector[i] = (vector[i] ?? 0) + (state >> 8) / 2 ** 23
    }
  }
  return scale(vector)
}

export function scale(vector: readonly number[], length = 1): number[] {
  const factor = length / Math.hypot(...vector)
  return vector.map((x) => x * factor)
}
