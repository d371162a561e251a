import type { Pooling } from './known-models.js'

/** One vector of length 1 from those of a text's tokens, which lie one after another in `tokens`. */
export function pool(tokens: ArrayLike<number>, dimensions: number, pooling: Pooling): Float32Array<ArrayBuffer> {
  const count = tokens.length / dimensions
  const [from, to] = pooling === 'mean' ? [0, count] : pooling === 'cls' ? [0, 1] : [count - 1, count]
  // The length of the sum does not matter: it is divided by its length anyway.
  const sum = new Float64Array(dimensions)
  for (let token = from; token < to; token++) {
    for (let i = 0; i < dimensions; i++) sum[i] = (sum[i] ?? 0) + (tokens[token * dimensions + i] ?? 0)
  }
  const length = Math.hypot(...sum)
  return Float32Array.from(sum, (x) => (length === 0 ? 0 : x / length))
}
