import { TopDocuments } from '@tandemstore/core/scan'
import { POINTS_PER_DOCUMENT } from '../point-id.js'

/** Points that hold a word of a query, each under a number of its own. */
export interface ScoredPoints {
  /** The numbers, of which the first `count` are meant. */
  readonly found: Uint32Array
  readonly count: number
  /** By number. */
  readonly scores: Float64Array
  /** The id of the point with a number. */
  pointAt(number: number): number
}

/** How many of the best documents are wanted, and which are passed over. */
export interface Wanted {
  readonly documents: number
  readonly hidden: ReadonlySet<number>
}

export interface BestPoints {
  readonly scores: ReadonlyMap<number, number>
  /** There is no other point. */
  readonly complete: boolean
}

/** The points of the best documents, and all that score the same as the last of them. */
export function bestPoints(scored: ScoredPoints, wanted: Wanted): BestPoints {
  const { candidates, limit } = findBest(scored, wanted)
  const scores = new Map<number, number>()
  for (const number of candidates) {
    const score = scored.scores[number] as number
    if (score >= limit) scores.set(scored.pointAt(number), score)
  }
  return { scores, complete: limit === Number.NEGATIVE_INFINITY }
}

/** The score of the last document wanted, and points among which are all that reach it; -Infinity if there are fewer. */
export function findBest(
  { found, count, scores, pointAt }: ScoredPoints,
  { documents, hidden }: Wanted,
): { readonly candidates: readonly number[]; readonly limit: number } {
  const top = new TopDocuments(documents)
  const candidates: number[] = []
  let limit = Number.NEGATIVE_INFINITY
  for (let place = 0; place < count; place += 1) {
    const number = found[place] as number
    const score = scores[number] as number
    if (score < limit) continue
    const document = Math.floor(pointAt(number) / POINTS_PER_DOCUMENT)
    if (hidden.has(document)) continue
    candidates.push(number)
    top.add(document, score)
    limit = top.limit
  }
  return { candidates, limit }
}
