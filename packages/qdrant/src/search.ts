import type { Schemas } from '@qdrant/js-client-rest'
import {
  invalid,
  type Metric,
  type SpaceDefinition,
  type VectorMatch,
  type VectorQuery,
} from '@tandemstore/core/adapter'
import { anyOf, type Condition, expiredAt, ofDocuments, under } from './conditions.js'
import { compileFilter } from './filter.js'
import type { QdrantSettings } from './options.js'
import { documentName, isRecord, KEYS, partsVersion, RECORD_KEYS, UNCHECKED } from './payload.js'

type GroupsRequest = Schemas['QueryGroupsRequest']

/** Points of documents with too many values, which every filter lets through. */
const UNCHECKED_POINTS: Condition = { key: KEYS.unchecked, match: { value: UNCHECKED } }

export function compileQuery(
  query: VectorQuery,
  { dimensions, metric }: Pick<SpaceDefinition, 'dimensions' | 'metric'>,
  { exact, hnswEf }: QdrantSettings,
): GroupsRequest {
  if (query.vector.length !== dimensions)
    throw invalid('vector', `${dimensions} dimensions, not ${query.vector.length}`)
  const must: Condition[] = []
  if (query.prefix.length > 0) must.push(under(query.prefix))
  if (query.filter !== undefined) must.push(anyOf([compileFilter(query.filter), UNCHECKED_POINTS]))
  const must_not = [expiredAt(query.now)]
  if (query.exclude !== undefined && query.exclude.length > 0)
    must_not.push(ofDocuments(query.exclude.map(documentName)))
  return {
    query: Array.from(query.vector),
    filter: { must, must_not },
    group_by: KEYS.document,
    group_size: 1,
    limit: query.limit,
    with_payload: [...RECORD_KEYS, KEYS.unchecked],
    ...(query.minScore === undefined ? {} : { score_threshold: threshold(metric, query.minScore) }),
    params: { exact: exact ?? false, hnsw_ef: hnswEf ?? null },
  }
}

/** The best point of any other document than those found. */
export function compileNext(request: GroupsRequest, found: readonly VectorMatch[]): Schemas['QueryRequest'] {
  const { group_by: _, group_size: __, limit: ___, with_payload: ____, filter, ...rest } = request
  const seen = ofDocuments(found.map(documentName))
  return { ...rest, filter: { must: [filter as Condition], must_not: [seen] }, limit: 1 }
}

/**
 * Qdrant leaves out what is exactly at the threshold, and compares 32-bit numbers: ask for a hair more, and look again
 * here.
 */
function threshold(metric: Metric, minScore: number): number {
  const hair = Math.max(1e-6, Math.abs(minScore) * 1e-6)
  return metric === 'euclidean' ? -minScore + hair : minScore - hair
}

/**
 * The best first, as they come; `low`: those below `minScore` are left out. So are points that were deleted while
 * Qdrant answered.
 */
export function toMatches(
  groups: readonly Schemas['PointGroup'][],
  metric: Metric,
  minScore = Number.NEGATIVE_INFINITY,
): { readonly matches: VectorMatch[]; readonly low: boolean } {
  const matches: VectorMatch[] = []
  for (const { hits } of groups) {
    const hit = hits[0]
    if (hit === undefined) continue
    const score = toScore(metric, hit.score)
    if (score < minScore) return { matches, low: true }
    if (!isRecord(hit.payload)) continue
    const { namespace, key, field, part, hash, micros, writer } = hit.payload
    const match = { namespace, key, version: partsVersion({ micros, writer }), field, part, hash, score }
    const isUnchecked = (hit.payload as { unchecked?: unknown })[KEYS.unchecked] === UNCHECKED
    matches.push(isUnchecked ? { ...match, unchecked: true } : match)
  }
  return { matches, low: false }
}

export function toScore(metric: Metric, score: number): number {
  if (metric === 'euclidean') return -score
  // Rounding to 32 bits can carry a cosine past 1 by a hair.
  return metric === 'cosine' ? Math.max(-1, Math.min(1, score)) : score
}
