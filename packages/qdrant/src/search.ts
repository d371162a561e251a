import type { Schemas } from '@qdrant/js-client-rest'
import {
  compareRefs,
  invalid,
  type Metric,
  type PointQuery,
  type SpaceDefinition,
  type TermQuery,
  type VectorMatch,
  type VectorQuery,
} from '@tandemstore/core/adapter'
import { anyOf, type Condition, expiredAt, ofDocuments, under } from './conditions.js'
import { compileFilter } from './filter.js'
import type { QdrantSettings } from './options.js'
import { documentName, isRecord, KEYS, partsVersion, RECORD_KEYS, UNCHECKED } from './payload.js'
import { toSparse, WORDS } from './terms.js'

type GroupsRequest = Schemas['QueryGroupsRequest']

/** Points of documents with too many values, which every filter lets through. */
const UNCHECKED_POINTS: Condition = { key: KEYS.unchecked, match: { value: UNCHECKED } }

/** A search, and what its scores mean. */
export interface Search {
  readonly request: GroupsRequest
  /** Of what Qdrant calls a score. */
  readonly toScore: (score: number) => number
  /** What is below is not found. */
  readonly minScore: number
}

export function compileQuery(
  query: VectorQuery,
  { dimensions, metric }: Pick<SpaceDefinition, 'dimensions' | 'metric'>,
  { exact, hnswEf }: QdrantSettings,
): Search {
  if (query.vector.length !== dimensions)
    throw invalid('vector', `${dimensions ?? 'no'} dimensions, not ${query.vector.length}`)
  return {
    request: {
      ...groupsOf(query),
      query: Array.from(query.vector),
      ...(query.minScore === undefined ? {} : { score_threshold: threshold(metric, query.minScore) }),
      params: { exact: exact ?? false, hnsw_ef: hnswEf ?? null },
    },
    toScore: (score) => toScore(metric, score),
    minScore: query.minScore ?? Number.NEGATIVE_INFINITY,
  }
}

/** By terms, Qdrant compares with every point that has one; the score is its dot product, changed by its IDF modifier. */
export function compileTermQuery(query: TermQuery): Search {
  return {
    request: { ...groupsOf(query), query: toSparse(query.terms), using: WORDS },
    toScore: (score) => score,
    // Whatever shares a term scores above 0, and Qdrant may give what shares none.
    minScore: Number.MIN_VALUE,
  }
}

function groupsOf(query: PointQuery): GroupsRequest {
  const must: Condition[] = []
  if (query.prefix.length > 0) must.push(under(query.prefix))
  if (query.filter !== undefined) must.push(anyOf([compileFilter(query.filter), UNCHECKED_POINTS]))
  const must_not = [expiredAt(query.now)]
  if (query.exclude !== undefined && query.exclude.length > 0)
    must_not.push(ofDocuments(query.exclude.map(documentName)))
  return {
    filter: { must, must_not },
    group_by: KEYS.document,
    group_size: 1,
    limit: query.limit,
    with_payload: [...RECORD_KEYS, KEYS.unchecked],
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
 * The best first, equal ones by namespace and key; `low`: those below `minScore` are left out. So are points that were
 * deleted while Qdrant answered.
 */
export function toMatches(
  groups: readonly Schemas['PointGroup'][],
  { toScore, minScore }: Search,
): { readonly matches: VectorMatch[]; readonly low: boolean } {
  const matches: VectorMatch[] = []
  let low = false
  for (const { hits } of groups) {
    const hit = hits[0]
    if (hit === undefined) continue
    const score = toScore(hit.score)
    low = score < minScore
    if (low) break
    if (!isRecord(hit.payload)) continue
    const { namespace, key, field, part, hash, micros, writer } = hit.payload
    const match = { namespace, key, version: partsVersion({ micros, writer }), field, part, hash, score }
    const isUnchecked = (hit.payload as { unchecked?: unknown })[KEYS.unchecked] === UNCHECKED
    matches.push(isUnchecked ? { ...match, unchecked: true } : match)
  }
  return { matches: matches.sort((a, b) => b.score - a.score || compareRefs(a, b)), low }
}

function toScore(metric: Metric, score: number): number {
  if (metric === 'euclidean') return -score
  // Rounding to 32 bits can carry a cosine past 1 by a hair.
  return metric === 'cosine' ? Math.max(-1, Math.min(1, score)) : score
}
