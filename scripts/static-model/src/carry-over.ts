import { Matrix, solve } from 'ml-matrix'

/** A row that was moved by fewer texts says little about how rows should move. */
const minSeen = 8
/** Towards leaving rows as they are. */
const ridge = 0.02

/**
 * What a first fit has taught of the tokens that the texts have often, for all of them: the linear map that comes nearest to turning the rows before it into the
 * rows after it (least squares), applied to the rows before it. Tokens that the texts lack would else be left behind.
 */
export function carryOver(
  before: Float32Array,
  after: Float32Array,
  seen: Uint32Array,
  dimensions: number,
): Float32Array {
  const products = new Float64Array(dimensions * dimensions)
  const results = new Float64Array(dimensions * dimensions)
  let trace = 0
  seen.forEach((times, row) => {
    if (times < minSeen) return
    const start = row * dimensions
    for (let i = 0; i < dimensions; i++) {
      const x = before[start + i]
      trace += x * x
      for (let j = 0; j < dimensions; j++) {
        products[i * dimensions + j] += x * before[start + j]
        results[i * dimensions + j] += x * after[start + j]
      }
    }
  })
  const pull = (ridge * trace) / dimensions
  for (let i = 0; i < dimensions; i++) {
    products[i * dimensions + i] += pull
    results[i * dimensions + i] += pull
  }
  const square = (values: Float64Array) => Matrix.from1DArray(dimensions, dimensions, values)
  const map = solve(square(products), square(results)).to1DArray()
  const mapped = new Float32Array(before.length)
  const sum = new Float64Array(dimensions)
  for (let start = 0; start < before.length; start += dimensions) {
    sum.fill(0)
    for (let i = 0; i < dimensions; i++) {
      const x = before[start + i]
      for (let j = 0; j < dimensions; j++) sum[j] += x * map[i * dimensions + j]
    }
    mapped.set(sum, start)
  }
  return mapped
}

/** How many of the texts have each row. */
export function timesSeen(texts: readonly Int32Array[], rows: number): Uint32Array {
  const seen = new Uint32Array(rows)
  for (const text of texts) for (const row of new Set(text)) seen[row]++
  return seen
}
