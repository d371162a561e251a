import type { Metric } from '../ports/vector-records.js'

/** The exact score, in doubles. Higher is better. A zero vector has a cosine of 0 with every other. */
export function exactScore(metric: Metric, a: Float32Array, b: Float32Array): number {
  if (metric === 'euclidean') return -distance(a, b)
  const product = dot(a, b)
  if (metric === 'dot') return product
  const norms = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b))
  return norms === 0 ? 0 : Math.max(-1, Math.min(1, product / norms))
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i += 1) sum += (a[i] as number) * (b[i] as number)
  return sum
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i += 1) sum += ((a[i] as number) - (b[i] as number)) ** 2
  return Math.sqrt(sum)
}
