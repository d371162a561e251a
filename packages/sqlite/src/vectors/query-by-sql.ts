import type { VectorMatch, VectorQuery } from '@tandemstore/core/adapter'
import type { Statements } from '../statements.js'
import type { Matches } from './matches.js'
import { searchConditions } from './search-conditions.js'
import type { Space } from './space.js'
import { normalized, vectorBytes, vectorNorm } from './vector-math.js'

/*
 * sqlite-vec computes in 32 bits. SQL therefore orders points by an upper bound of their score (the computed score
 * and the most that rounding can have taken from it), and the best of these are scored again in doubles. Points
 * behind the last candidate cannot score above its bound; so the answer is exact as soon as the last document of it
 * scores higher. If not, more candidates are taken.
 */

interface Candidate {
  readonly id: number
  readonly bound: number
}

/** Candidates beyond the documents asked for; documents often have some points near one another. */
const CANDIDATES_PER_DOCUMENT = 2
const SPARE_CANDIDATES = 20
const CANDIDATES_GROWTH = 8

/** The best documents, at least one more than asked for if there are so many. */
export function queryBySql(
  db: Statements,
  space: Space,
  query: VectorQuery & { readonly minScore: number },
  matches: Matches,
): VectorMatch[] {
  const { minScore, limit } = query
  const search = prepareSearch(db, space, query)
  for (let size = limit * CANDIDATES_PER_DOCUMENT + SPARE_CANDIDATES; ; size *= CANDIDATES_GROWTH) {
    const candidates = search(size)
    const found = matches.best(
      candidates.map(({ id }) => id),
      limit + 1,
    )
    // What no point that is not among the candidates can reach; undefined when there are no others.
    const bound = candidates.length < size ? undefined : candidates.at(-1)?.bound
    const last = found[limit - 1]
    const complete = bound === undefined || bound < minScore
    if (complete || (found.length > limit && last !== undefined && last.score > bound)) return found
  }
}

/** A function that gives so many points with the highest bounds. */
function prepareSearch(db: Statements, space: Space, query: VectorQuery): (size: number) => Candidate[] {
  const bound = boundOf(space, query.vector)
  const { from, where, params } = searchConditions(db, space, query)
  const statement = db.prepare(
    `SELECT p.id AS id, ${bound.sql} AS bound FROM ${from} WHERE ${where} AND length(p.vector) > 0 ORDER BY bound DESC LIMIT ?`,
  )
  return (size) =>
    (statement.all(...bound.params, ...params, size) as unknown as Candidate[]).map(({ id, bound: raw }) => ({
      id,
      bound: bound.scale(raw),
    }))
}

interface Bound {
  readonly sql: string
  readonly params: readonly (number | Uint8Array)[]
  /** From what SQL orders by to an upper bound of the score. */
  readonly scale: (raw: number) => number
}

/**
 * An expression that orders points by an upper bound of their score. The error of a sum of n products in 32 bits is
 * at most n * 2^-24 of the sum of their magnitudes (Higham, "Accuracy and Stability of Numerical Algorithms", section
 * 3.1); a cosine is made of three.
 */
function boundOf({ metric, dimensions }: Space, vector: Float32Array): Bound {
  const error = (2 * dimensions + 32) * 2 ** -24
  const norm = vectorNorm(vector)
  // Nothing can be estimated: every point that passes is a candidate.
  if (norm === null || (norm === 0 && metric !== 'euclidean')) {
    return { sql: '9e999', params: [], scale: (raw) => raw }
  }
  if (metric === 'euclidean') {
    return {
      sql: 'CASE WHEN p.norm >= 0 THEN ifnull(-vec_distance_l2(p.vector, ?), 9e999) ELSE 9e999 END',
      params: [vectorBytes(vector)],
      // The second term covers differences so small that their squares vanish.
      scale: (raw) => (raw > 0 ? raw : raw * (1 - error) + 1e-18),
    }
  }
  const cosine = '? - vec_distance_cosine(p.vector, ?)'
  const product = metric === 'dot' ? `(${cosine}) * p.norm` : cosine
  return {
    sql: `CASE WHEN p.norm > 0 THEN ifnull(${product}, 9e999) WHEN p.norm = 0 THEN 0 ELSE 9e999 END`,
    params: [1 + error, vectorBytes(normalized(vector))],
    scale: metric === 'dot' ? (raw) => raw * norm : (raw) => raw,
  }
}
