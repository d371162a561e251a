import { matchesFilter } from '../document/filter.js'
import { compareRefs, encodeNamespace, refId } from '../document/namespace.js'
import type { VectorMatch, VectorQuery } from '../ports/vector-index.js'
import { findNearest } from '../scan/nearest.js'
import { exactScore } from '../scan/score.js'
import { checkVector, type SpaceData, type StoredPoint } from './points.js'

/** The best documents by their best point, exactly. */
export function searchPoints(data: SpaceData, query: VectorQuery): { matches: VectorMatch[]; more: boolean } {
  checkVector(query.vector, data.definition.dimensions)
  const { vector, limit, minScore = Number.NEGATIVE_INFINITY } = query
  const excluded = new Set(query.exclude?.map(refId))
  const ids = new Map<string, number>()
  const passes = (point: StoredPoint | undefined): point is StoredPoint =>
    point !== undefined &&
    (point.expiresAt === undefined || point.expiresAt > query.now) &&
    (excluded.size === 0 || !excluded.has(refId(point)))

  const found = findNearest(data.rows.packed(), {
    vector,
    minScore,
    // One document more than asked for says that there is more.
    documents: limit + 1,
    rows: rowsFor(data, query),
    documentOf(row) {
      const point = data.rows.at(row)
      return passes(point) ? numberOf(ids, refId(point)) : undefined
    },
    score: (rows) => rank(data, vector, minScore, rows),
  })
  return { matches: found.slice(0, limit).map(toMatch), more: found.length > limit }
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
  const best = new Map<string, Candidate>()
  for (const row of rows) {
    const point = data.rows.at(row) as StoredPoint
    const score = exactScore(data.definition.metric, vector, point.vector)
    const id = refId(point)
    const known = best.get(id)
    if (score >= minScore && (known === undefined || score > known.score)) best.set(id, { point, score })
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
  const { namespace, key, version, field, part } = point
  return { namespace, key, version, field, part, score }
}
