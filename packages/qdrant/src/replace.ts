import type { Schemas } from '@qdrant/js-client-rest'
import { type DocumentPoints, invalid, type Metric, type Point, refId } from '@tandemstore/core/adapter'
import { allOf, anyOf, type Condition, givesWayTo, NOTHING, ofDocuments, type QdrantFilter } from './conditions.js'
import {
  documentName,
  documentPayload,
  jsonBytes,
  KEYS,
  partsVersion,
  pointPayload,
  type RecordPayload,
  updatePayload,
} from './payload.js'
import { toNumbers } from './vector-numbers.js'

type Operation = Schemas['UpdateOperation']
type PointStruct = Schemas['PointStruct']

export interface CompileOptions {
  readonly tenantDepth: number
  readonly metric: Metric
}

interface SizedOperation {
  readonly operation: Operation
  readonly bytes: number
}

/** A server takes requests of 32 MiB by default. */
const MAX_REQUEST_BYTES = 24 * 1024 * 1024
/** A number as JSON, at most. */
const NUMBER_BYTES = 24
/** The id, twice, and the payload of a point's own. */
const POINT_BYTES = 512

export function checkVectors(documents: readonly DocumentPoints[], dimensions: number | undefined): void {
  for (const { points, namespace, key } of documents) {
    for (const { vector } of points) {
      if (vector !== undefined && vector?.length !== dimensions)
        throw invalid('vector', `${dimensions} dimensions, not ${vector?.length}`, { namespace, key })
    }
  }
}

/**
 * The places of documents, split so that no document is in one round twice: Qdrant would keep the last point of an id,
 * whatever its version.
 */
export function inRounds(documents: readonly DocumentPoints[]): number[][] {
  const rounds: number[][] = []
  const seen = new Map<string, number>()
  for (const [i, document] of documents.entries()) {
    const id = refId(document)
    const round = seen.get(id) ?? 0
    seen.set(id, round + 1)
    const places = rounds[round]
    if (places === undefined) rounds[round] = [i]
    else places.push(i)
  }
  return rounds
}

/**
 * All that makes the points of some documents, each there once, the given ones: nearly always one request. Only a
 * document with very many points or values needs more, as core cannot divide one.
 */
export function compileReplace(documents: readonly DocumentPoints[], options: CompileOptions): Operation[][] {
  const requests: Operation[][] = []
  let bytes = Number.POSITIVE_INFINITY
  const guarded = upserts(documents, options, (has_id, document) => allOf([{ has_id }, givesWayTo(document)]))
  for (const sized of [...guarded, ...documents.flatMap(updates), deletes(documents)]) {
    if (bytes + sized.bytes > MAX_REQUEST_BYTES) {
      requests.push([])
      bytes = 0
    }
    requests.at(-1)?.push(sized.operation)
    bytes += sized.bytes
  }
  return requests
}

/** Insertions: points that are there already are left as they are. */
export function compileInsert(documents: readonly DocumentPoints[], options: CompileOptions): Operation[] {
  return upserts(documents, options, () => undefined).map(({ operation }) => operation)
}

/**
 * Upserts of all points that come with a vector. What is stored already stays unless `guard`, given ids and their
 * document, says otherwise.
 */
function upserts(
  documents: readonly DocumentPoints[],
  { tenantDepth, metric }: CompileOptions,
  guard: (ids: string[], document: DocumentPoints) => Condition | undefined,
): SizedOperation[] {
  const done: SizedOperation[] = []
  let points: PointStruct[] = []
  let guards: Condition[] = []
  let bytes = 0
  const end = (): void => {
    const filter: QdrantFilter = guards.length === 0 ? { must: [NOTHING] } : { should: guards }
    if (points.length > 0) done.push({ operation: { upsert: { points, update_filter: filter } }, bytes })
    points = []
    guards = []
    bytes = 0
  }
  for (const document of documents) {
    const shared = documentPayload(document, tenantDepth)
    const sharedBytes = jsonBytes(shared)
    let ids: string[] | undefined
    for (const point of document.points) {
      if (!point.vector) continue
      const size = point.vector.length * NUMBER_BYTES + sharedBytes + POINT_BYTES
      if (bytes + size > MAX_REQUEST_BYTES) {
        end()
        ids = undefined
      }
      if (ids === undefined) {
        ids = []
        const condition = guard(ids, document)
        if (condition !== undefined) guards.push(condition)
      }
      ids.push(point.id)
      points.push({
        id: point.id,
        vector: toNumbers(point.vector, metric),
        payload: { ...shared, ...pointPayload(point) },
      })
      bytes += size
    }
  }
  end()
  return done
}

/**
 * New payload for the points that keep their vector. Selected by filter alone: beside a list of points, Qdrant ignores
 * a filter.
 */
function updates(document: DocumentPoints): SizedOperation[] {
  const ids = new Map<string, string[]>()
  for (const { id, hash } of withoutVector(document)) {
    const same = ids.get(hash)
    if (same === undefined) ids.set(hash, [id])
    else same.push(id)
  }
  if (ids.size === 0) return []
  const sameText = [...ids].map(([hash, has_id]) => allOf([{ has_id }, { key: KEYS.hash, match: { value: hash } }]))
  const filter: QdrantFilter = { must: [anyOf(sameText), givesWayTo(document)] }
  const payload = updatePayload(document)
  return [
    {
      operation: { set_payload: { payload, filter } },
      bytes: jsonBytes(payload) + document.points.length * POINT_BYTES,
    },
  ]
}

function deletes(documents: readonly DocumentPoints[]): SizedOperation {
  const each = documents.map((document): Condition => {
    const mine: QdrantFilter = { must: [ofDocuments([documentName(document)]), givesWayTo(document)] }
    return document.points.length === 0
      ? mine
      : { ...mine, must_not: [{ has_id: document.points.map(({ id }) => id) }] }
  })
  const filter: QdrantFilter = { must: [ofDocuments(documents.map(documentName)), anyOf(each)] }
  return { operation: { delete: { filter } }, bytes: jsonBytes(filter) }
}

export function withoutVector({ points }: DocumentPoints): Point[] {
  return points.filter(({ vector }) => vector === undefined)
}

/** Whether a point given without a vector is there as it was given, or as a version that does not give way. */
export function wasKept(document: DocumentPoints, point: Point, stored: RecordPayload | undefined): boolean {
  if (stored === undefined) return false
  const version = partsVersion(stored)
  if (version === document.version) return stored.hash === point.hash
  return version > document.version && version !== document.replaces
}
