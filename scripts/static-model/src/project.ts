import { EigenvalueDecomposition, Matrix } from 'ml-matrix'

/** Turns vectors so that the first dimensions matter most, and drops the others. */
export interface Projection {
  /** The vectors in `dimensions` dimensions, one after another; of length 1 if asked. */
  apply(vectors: Float32Array, normalize: boolean): Float32Array
}

/** The directions in which the vectors differ most, by the eigenvectors of their second moments: a singular value decomposition, without centring. */
export function principalProjection(vectors: Float32Array, from: number, dimensions: number): Projection {
  const moments = Matrix.zeros(from, from)
  const sums = new Float64Array(from * from)
  for (let at = 0; at < vectors.length; at += from) {
    for (let i = 0; i < from; i++) for (let j = 0; j <= i; j++) sums[i * from + j] += vectors[at + i] * vectors[at + j]
  }
  for (let i = 0; i < from; i++) {
    for (let j = 0; j <= i; j++) {
      moments.set(i, j, sums[i * from + j])
      moments.set(j, i, sums[i * from + j])
    }
  }
  // In the order of the values, the smallest first.
  const { eigenvectorMatrix } = new EigenvalueDecomposition(moments, { assumeSymmetric: true })
  const directions = new Float64Array(dimensions * from)
  for (let k = 0; k < dimensions; k++) {
    for (let i = 0; i < from; i++) directions[k * from + i] = eigenvectorMatrix.get(i, from - 1 - k)
  }

  return {
    apply: (given, normalize) => {
      const count = given.length / from
      const turned = new Float32Array(count * dimensions)
      for (let at = 0; at < count; at++) {
        for (let k = 0; k < dimensions; k++) {
          let sum = 0
          for (let i = 0; i < from; i++) sum += given[at * from + i] * directions[k * from + i]
          turned[at * dimensions + k] = sum
        }
        if (normalize) normalizeRow(turned, at, dimensions)
      }
      return turned
    },
  }
}

function normalizeRow(rows: Float32Array, row: number, dimensions: number): void {
  const start = row * dimensions
  let squares = 0
  for (let i = 0; i < dimensions; i++) squares += rows[start + i] * rows[start + i]
  const length = Math.sqrt(squares) || 1
  for (let i = 0; i < dimensions; i++) rows[start + i] /= length
}
