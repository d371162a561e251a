import { compareRefs, refId, type VectorMatch, type VectorQuery } from '@tandemstore/core/adapter'
import { bytesToNamespace, bytesToText } from '../bytes.js'
import type { Database } from '../database.js'
import { operation } from '../operation.js'
import { searchConditions } from './search-conditions.js'
import { POINTS_PER_DOCUMENT, readSpace, type Space } from './spaces.js'
import { bytesVector, exactScore, normalized, vectorBytes, vectorNorm } from './vector-math.js'

/*
 * sqlite-vec computes in 32 bits. SQL therefore orders points by an upper bound of their score (the computed score and the most that
 * rounding can have taken from it), and the best of these are scored again in doubles. Points behind the last candidate cannot score
 * above its bound; so the answer is exact as soon as the last document of it scores higher. If not, more candidates are taken.
 */

export interface QueryArgs extends VectorQuery {
  readonly space: number
}

interface Candidate {
  readonly id: number
  readonly bound: number
}

interface StoredMatch {
  readonly namespace: Uint8Array
  readonly key: Uint8Array
  readonly version: string
  readonly field: string
  readonly part: number
  readonly vector: Uint8Array
}

/** Candidates beyond the documents asked for; documents often have some points near one another. */
const CANDIDATES_PER_DOCUMENT = 2
const SPARE_CANDIDATES = 20
const CANDIDATES_GROWTH = 8

function query(db: Database, args: QueryArgs): { matches: VectorMatch[]; more: boolean } {
  const space = readSpace(db, args.space)
  const { minScore = Number.NEGATIVE_INFINITY, limit } = args
  const search = prepareSearch(db, space, args)
  const scored = new Map<number, VectorMatch>()
  for (let size = limit * CANDIDATES_PER_DOCUMENT + SPARE_CANDIDATES; ; size *= CANDIDATES_GROWTH) {
    const candidates = search(size)
    for (const { id } of candidates) if (!scored.has(id)) scored.set(id, score(db, space, id, args.vector))
    const found = bestByDocument(scored.values(), minScore)
    // What no point that is not among the candidates can reach; undefined when there are no others.
    const bound = candidates.length < size ? undefined : candidates.at(-1)?.bound
    const last = found[limit - 1]
    const complete = bound === undefined || bound < minScore
    // One document more than asked for says that there is more.
    if (complete || (found.length > limit && last !== undefined && last.score > bound)) {
      return { matches: found.slice(0, limit), more: found.length > limit }
    }
  }
}

/** A function that gives so many points with the highest bounds. */
function prepareSearch(db: Database, space: Space, args: QueryArgs): (size: number) => Candidate[] {
  const bound = boundOf(space, args.vector)
  const { from, where, params } = searchConditions(db, space, args)
  const statement = db.prepare(
    `SELECT p.id AS id, ${bound.sql} AS bound FROM ${from} WHERE ${where} ORDER BY bound DESC LIMIT ?`,
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
 * An expression that orders points by an upper bound of their score. The error of a sum of n products in 32 bits is at most n * 2^-24 of
 * the sum of their magnitudes (Higham, "Accuracy and Stability of Numerical Algorithms", section 3.1); a cosine is made of three.
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

function score(db: Database, space: Space, id: number, vector: Float32Array): VectorMatch {
  const { document, point } = space.tables
  const stored = db
    .prepare(
      `SELECT d.namespace, d.key, d.version, p.field, p.part, p.vector
       FROM ${point} p CROSS JOIN ${document} d ON d.id = p.id / ${POINTS_PER_DOCUMENT} WHERE p.id = ?`,
    )
    .get(id) as unknown as StoredMatch
  return {
    namespace: bytesToNamespace(stored.namespace),
    key: bytesToText(stored.key),
    version: stored.version,
    field: stored.field,
    part: stored.part,
    score: exactScore(space.metric, vector, bytesVector(stored.vector)),
  }
}

/** Each document once, by its best point, the best first. */
function bestByDocument(scored: Iterable<VectorMatch>, minScore: number): VectorMatch[] {
  const best = new Map<string, VectorMatch>()
  for (const match of scored) {
    if (match.score < minScore) continue
    const id = refId(match)
    const known = best.get(id)
    if (known === undefined || match.score > known.score) best.set(id, match)
  }
  return [...best.values()].sort((a, b) => b.score - a.score || compareRefs(a, b))
}

export const vectorsQuery = { vectorsQuery: operation('read', query) }
