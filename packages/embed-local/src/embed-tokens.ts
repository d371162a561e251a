import type { StaticModel } from './static-model.js'

/**
 * The sum of the rows of a text's tokens, at length 1; `undefined` where there is no token. How much a token counts
 * is in the length of its row. Only additions, multiplications, one division each and a square root, always in the
 * same order: the same bits on every machine and runtime.
 */
export function embedTokens(
  tokens: readonly number[],
  model: StaticModel,
  dimensions: number,
): Float32Array | undefined {
  const { values, scales, unknownLength } = model
  const sum = new Float64Array(dimensions)
  for (const token of tokens) {
    if (token < 0) addUnknown(sum, ~token, unknownLength)
    else {
      const scale = scales[token] ?? 0
      const start = token * model.dimensions
      for (let i = 0; i < dimensions; i++) sum[i] = (sum[i] as number) + scale * (values[start + i] as number)
    }
  }
  let squares = 0
  for (const each of sum) squares += each * each
  if (squares === 0) return undefined
  const length = Math.sqrt(squares)
  const vector = new Float32Array(dimensions)
  for (let i = 0; i < dimensions; i++) vector[i] = (sum[i] as number) / length
  return vector
}

/** A direction of its own for each hash: pseudo-random signs. */
function addUnknown(sum: Float64Array, hash: number, length: number): void {
  const each = length / Math.sqrt(sum.length)
  // xorshift32, which must not begin with 0.
  let state = hash | 0x80000000
  for (let i = 0; i < sum.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    sum[i] = (sum[i] as number) + (state < 0 ? -each : each)
  }
}
