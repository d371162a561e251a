import { matchesFilter } from '../document/filter.js'
import { compareRefs, encodeNamespace, refId } from '../document/namespace.js'
import type { PointQuery, QueryResult, TermQuery, VectorMatch, VectorQuery } from '../ports/vector-index.js'
import { findNearest } from '../scan/nearest.js'
import { exactScore } from '../scan/score.js'
import { checkVector, type SpaceData, type StoredPoint } from './points.js'

/** The best documents by their best point, exactly. */
export function searchPoints(data: SpaceData, query: VectorQuery): QueryResult {
  checkVector(query.vector, data.definition.dimensions)
  const { vector, limit, minScore = Number.NEGATIVE_INFINITY } = query
  const ids = new Map<string, number>()
  const isFindable = findable(query)

  const found = findNearest(data.rows.packed(), {
    vector,
    minScore,
    // One document more than asked for says that there is more.
    documents: limit + 1,
    rows: rowsFor(data, query),
    documentOf(row) {
      const point = data.rows.at(row)
      return isFindable(point) && point.vector !== undefined ? numberOf(ids, refId(point)) : undefined
    },
    score: (rows) => rank(data, vector, minScore, rows),
  })
  return { matches: found.slice(0, limit).map(toMatch), more: found.length > limit }
}

/** The best documents by the terms of their best point, exactly. */
export function searchTerms(data: SpaceData, query: TermQuery): QueryResult {
  const { prefix, filter, limit, terms } = query
  const encoded = encodeNamespace(prefix)
  const isFindable = findable(query)
  const candidates: Candidate[] = []
  for (const [row, score] of data.terms.scores(terms)) {
    const point = data.rows.at(row)
    if (!isFindable(point) || !refId(point).startsWith(encoded)) continue
    if (filter === undefined || matchesFilter(filter, point.values)) candidates.push({ point, score })
  }
  const found = bestOfEach(candidates)
  return { matches: found.slice(0, limit).map(toMatch), more: found.length > limit }
}

/** Whether a point is there, not expired and not excluded. */
function findable({ exclude, now }: PointQuery): (point: StoredPoint | undefined) => point is StoredPoint {
  const excluded = new Set(exclude?.map(refId))
  return (point): point is StoredPoint =>
    point !== undefined &&
    (point.expiresAt === undefined || point.expiresAt > now) &&
    (excluded.size === 0 || !excluded.has(refId(point)))
}

interface Candidate {
  readonly point: StoredPoint
  readonly score: number
}

/** The rows under the prefix that pass the filter; undefined for all. */
function rowsFor(data: SpaceData, { prefix, filter }: VectorQuery): Uint32Array | undefined {
  if (prefix.length === 0 && filter === undefined) return undefined
  const encoded = encodeNamespace(prefix)
  const rows: number[] = []
  for (const [id, points] of data.documents) {
    if (!id.startsWith(encoded)) continue
    for (const { row, values } of points) if (filter === undefined || matchesFilter(filter, values)) rows.push(row)
  }
  return Uint32Array.from(rows)
}

function rank(data: SpaceData, vector: Float32Array, minScore: number, rows: readonly number[]): Candidate[] {
  const candidates: Candidate[] = []
  for (const row of rows) {
    const point = data.rows.at(row)
    if (point?.vector === undefined) continue
    const score = exactScore(data.definition.metric, vector, point.vector)
    if (score >= minScore) candidates.push({ point, score })
  }
  return bestOfEach(candidates)
}

/** Each document by its best point, the best first. */
function bestOfEach(candidates: readonly Candidate[]): Candidate[] {
  const best = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const id = refId(candidate.point)
    const known = best.get(id)
    if (known === undefined || candidate.score > known.score) best.set(id, candidate)
  }
  return [...best.values()].sort((a, b) => b.score - a.score || compareRefs(a.point, b.point))
}

/** A number for each text, the same for the same. */
function numberOf(ids: Map<string, number>, id: string): number {
  const known = ids.get(id)
  if (known !== undefined) return known
  ids.set(id, ids.size)
  return ids.size - 1
}

function toMatch({ point, score }: Candidate): VectorMatch {
  const { namespace, key, version, field, part, hash } = point
  return { namespace, key, version, field, part, hash, score }
}
