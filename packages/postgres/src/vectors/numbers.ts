import type { Metric } from '@tandemstore/core/adapter'

/** A vector as pgvector reads it. With the cosine it is kept at length 1, so that its product is the cosine. */
export function toText(vector: Float32Array, metric: Metric): string {
  return `[${(metric === 'cosine' ? normalized(vector) : vector).join(',')}]`
}

export function fromText(text: string): Float32Array {
  return Float32Array.from(JSON.parse(text) as number[])
}

/** The vector at length 1; a zero vector stays zero. */
function normalized(vector: Float32Array): Float32Array {
  let squares = 0
  for (const each of vector) squares += each * each
  const norm = Math.sqrt(squares)
  return norm === 0 ? vector : vector.map((each) => each / norm)
}

/** The operator that orders by nearness. Of the product pgvector gives the negative. */
export function operatorOf(metric: Metric): '<#>' | '<->' {
  return metric === 'euclidean' ? '<->' : '<#>'
}

export function scoreOf(metric: Metric, distance: number): number {
  // Rounding may lead out of the range of a cosine. The sum makes 0 of -0.
  const score = -distance + 0
  return metric === 'cosine' ? Math.max(-1, Math.min(1, score)) : score
}
