import type { Scored } from './ranking.js'

/** Scores that differ by less are of the same vector, computed in another order. */
const TIE = 1e-6

/**
 * What part of the nearest documents was found: of as many hits as exact search gives, those that score as much as its
 * last one. So of documents that are equally near, each counts. 1 where there is nothing to find.
 */
export function recallOfIndex(hits: readonly Pick<Scored, 'score'>[], exact: readonly Scored[]): number {
  const last = exact.at(-1)
  if (last === undefined) return 1
  const found = hits.slice(0, exact.length).filter(({ score }) => score >= last.score - TIE)
  return found.length / exact.length
}
