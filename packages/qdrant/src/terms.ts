import type { Schemas } from '@qdrant/js-client-rest'
import type { TermWeights } from '@tandemstore/core/adapter'
import { shortNumbers } from './vector-numbers.js'

export type SparseVector = Schemas['SparseVector']

/** The name of the sparse vector that holds the terms of a point. */
export const WORDS = 'words'
/** The vector proper has none. */
export const UNNAMED = ''

/**
 * Terms as a sparse vector: Qdrant knows dimensions by 32-bit numbers, so a term is its hash. Two given terms have the
 * same one time in 4.3 billion; among a million terms, one of a query meets another's with a chance of 0.02 %. Weights
 * of terms that meet are added.
 */
export function toSparse(weights: TermWeights): SparseVector {
  const indices = weights.terms.map(termHash)
  const values = shortNumbers(Float32Array.from(weights.weights))
  return new Set(indices).size === indices.length ? { indices, values } : added(indices, values)
}

function added(indices: readonly number[], values: readonly number[]): SparseVector {
  const sums = new Map<number, number>()
  indices.forEach((index, i) => {
    sums.set(index, (sums.get(index) ?? 0) + (values[i] as number))
  })
  return { indices: [...sums.keys()], values: [...sums.values()] }
}

/**
 * FNV-1a (Fowler, Noll and Vo) over the bytes of the UTF-16 units, mixed by the finalizer of MurmurHash3 (Appleby), so
 * that terms of few units fill all 32 bits.
 */
export function termHash(term: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < term.length; i += 1) {
    const unit = term.charCodeAt(i)
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193)
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
