import { TopDocuments } from '@tandemstore/core/scan'
import { POINTS_PER_DOCUMENT } from '../point-id.js'

/** The points that hold a word of a query, in any order. */
export interface ScoredPoints {
  readonly count: number
  pointAt(place: number): number
  scoreAt(place: number): number
}

/**
 * The points of so many of the best documents, and all that score the same as the last of them. `complete`: there is
 * no other point.
 */
export function bestPoints(
  scored: ScoredPoints,
  documents: number,
  hidden: ReadonlySet<number>,
): { readonly scores: ReadonlyMap<number, number>; readonly complete: boolean } {
  const top = new TopDocuments(documents)
  const places: number[] = []
  let limit = Number.NEGATIVE_INFINITY
  for (let place = 0; place < scored.count; place += 1) {
    const score = scored.scoreAt(place)
    if (score < limit) continue
    const document = Math.floor(scored.pointAt(place) / POINTS_PER_DOCUMENT)
    if (hidden.has(document)) continue
    places.push(place)
    top.add(document, score)
    limit = top.limit
  }
  const scores = new Map<number, number>()
  for (const place of places) {
    const score = scored.scoreAt(place)
    if (score >= limit) scores.set(scored.pointAt(place), score)
  }
  return { scores, complete: limit === Number.NEGATIVE_INFINITY }
}
