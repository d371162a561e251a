import { compareText } from '@tandemstore/core/adapter'
import { type Scored, toRanking } from './ranking.js'

/** Searches by cosine with every vector there is: what a model finds where no index loses anything. */
export interface ExactSearch {
  /** The ids of the nearest documents, best first, in the order of `toRanking` also where scores are equal. */
  nearest(query: Float32Array, limit: number): string[]
  /** The same with their scores. */
  best(query: Float32Array, limit: number): Scored[]
}

/** A document may have several vectors, of which its best counts; one without any is not found. */
export function exactSearch(documents: ReadonlyMap<string, readonly Float32Array[]>): ExactSearch {
  // In this order, of equal documents the one met first is the one that goes first.
  const all = [...documents]
    .sort(([a], [b]) => compareText(b, a))
    .map(([id, vectors]) => ({ id, vectors: vectors.map(toUnit) }))
  const best = (query: Float32Array, limit: number): Scored[] => {
    const unit = toUnit(query)
    const found: Scored[] = []
    for (const { id, vectors } of all) {
      let score = Number.NEGATIVE_INFINITY
      for (const vector of vectors) score = Math.max(score, dot(unit, vector))
      if (score === Number.NEGATIVE_INFINITY) continue
      const last = found[limit - 1]
      if (last !== undefined && score <= last.score) continue
      insert(found, { id, score })
      if (found.length > limit) found.pop()
    }
    return found
  }
  return { best, nearest: (query, limit) => toRanking(best(query, limit)) }
}

/** Behind all that score as much or more. */
function insert(sorted: Scored[], item: Scored): void {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as Scored).score >= item.score) low = middle + 1
    else high = middle
  }
  sorted.splice(low, 0, item)
}

function toUnit(vector: Float32Array): Float64Array {
  const length = Math.sqrt(dot(vector, vector))
  return Float64Array.from(vector, (x) => (length > 0 ? x / length : 0))
}

function dot(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i += 1) sum += (a[i] as number) * (b[i] as number)
  return sum
}
