import { matchesFilter } from '../document/filter.js'
import { compareRefs, encodeNamespace, refId } from '../document/namespace.js'
import type { VectorMatch, VectorQuery } from '../ports/vector-index.js'
import type { Metric } from '../ports/vector-records.js'
import { checkVector, prepareVector, type SpaceData, type StoredPoint } from './points.js'

interface Candidate {
  readonly point: StoredPoint
  readonly score: number
}

/** The best documents by their best point, by comparing with every point that passes. */
export function searchPoints(data: SpaceData, query: VectorQuery): { matches: VectorMatch[]; more: boolean } {
  const { dimensions, metric } = data.definition
  checkVector(query.vector, dimensions)
  const vector = prepareVector(query.vector, metric)
  const prefix = encodeNamespace(query.prefix)
  const excluded = new Set(query.exclude?.map(refId))
  const minScore = query.minScore ?? Number.NEGATIVE_INFINITY

  /** Best first, at most `limit`. */
  const best: Candidate[] = []
  let found = 0
  for (const [id, points] of data.documents) {
    if (!id.startsWith(prefix) || excluded.has(id)) continue
    let candidate: Candidate | undefined
    for (const point of points) {
      if (point.expiresAt !== undefined && point.expiresAt <= query.now) continue
      if (query.filter !== undefined && !matchesFilter(query.filter, point.values)) continue
      const score = scoreOf(metric, vector, point.vector)
      if (score < minScore || (candidate !== undefined && score <= candidate.score)) continue
      candidate = { point, score }
    }
    if (candidate === undefined) continue
    found += 1
    insert(best, candidate, query.limit)
  }
  return { matches: best.map(toMatch), more: found > best.length }
}

function insert(best: Candidate[], candidate: Candidate, limit: number): void {
  let at = best.length
  while (at > 0 && compare(candidate, best[at - 1] as Candidate) < 0) at -= 1
  if (at >= limit) return
  best.splice(at, 0, candidate)
  if (best.length > limit) best.pop()
}

function compare(a: Candidate, b: Candidate): number {
  return b.score - a.score || compareRefs(a.point, b.point)
}

function scoreOf(metric: Metric, a: Float32Array, b: Float32Array): number {
  let sum = 0
  if (metric === 'euclidean') {
    for (let i = 0; i < a.length; i += 1) sum += ((a[i] as number) - (b[i] as number)) ** 2
    return -Math.sqrt(sum)
  }
  for (let i = 0; i < a.length; i += 1) sum += (a[i] as number) * (b[i] as number)
  // Rounding to 32 bits can carry a cosine past 1 by a hair.
  return metric === 'cosine' ? Math.max(-1, Math.min(1, sum)) : sum
}

function toMatch({ point, score }: Candidate): VectorMatch {
  const { namespace, key, version, field, part } = point
  return { namespace, key, version, field, part, score }
}
