import type { Schemas } from '@qdrant/js-client-rest'
import { type DocumentPoints, invalid, type Point, refId } from '@tandemstore/core/adapter'
import { allOf, anyOf, type Condition, givesWayTo, ofDocuments, type QdrantFilter } from './conditions.js'
import { documentName, KEYS, partsVersion, pointPayload, type RecordPayload, updatePayload } from './payload.js'

type Operation = Schemas['UpdateOperation']

export function checkVectors(documents: readonly DocumentPoints[], dimensions: number): void {
  for (const { points, namespace, key } of documents) {
    for (const { vector } of points) {
      if (vector !== undefined && vector.length !== dimensions)
        throw invalid('vector', `${dimensions} dimensions, not ${vector.length}`, { namespace, key })
    }
  }
}

/** The places of documents, split so that no document is in one round twice: Qdrant would keep the last point of an id, whatever its version. */
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

/** All that makes the points of some documents, each there once, the given ones: one request of few operations. */
export function compileReplace(documents: readonly DocumentPoints[], tenantDepth: number): Operation[] {
  return [...upserts(documents, tenantDepth), ...documents.flatMap(updates), ...deletes(documents)]
}

function upserts(documents: readonly DocumentPoints[], tenantDepth: number): Operation[] {
  const points: Schemas['PointStruct'][] = []
  const guards: Condition[] = []
  for (const document of documents) {
    const whole = document.points.filter(({ vector }) => vector !== undefined)
    if (whole.length === 0) continue
    guards.push(allOf([{ has_id: idsOf(whole) }, givesWayTo(document)]))
    for (const point of whole) {
      const vector = Array.from(point.vector ?? [])
      points.push({ id: point.id, vector, payload: pointPayload(document, point, tenantDepth) })
    }
  }
  return points.length === 0 ? [] : [{ upsert: { points, update_filter: { should: guards } } }]
}

/** New payload for the points that keep their vector. Selected by filter alone: beside a list of points, Qdrant ignores a filter. */
function updates(document: DocumentPoints): Operation[] {
  const ids = new Map<string, string[]>()
  for (const { id, hash } of withoutVector(document)) {
    const same = ids.get(hash)
    if (same === undefined) ids.set(hash, [id])
    else same.push(id)
  }
  if (ids.size === 0) return []
  const sameText = [...ids].map(([hash, has_id]) => allOf([{ has_id }, { key: KEYS.hash, match: { value: hash } }]))
  const filter: QdrantFilter = { must: [anyOf(sameText), givesWayTo(document)] }
  return [{ set_payload: { payload: updatePayload(document), filter } }]
}

function deletes(documents: readonly DocumentPoints[]): Operation[] {
  const each = documents.map((document): Condition => {
    const mine: QdrantFilter = { must: [ofDocuments([documentName(document)]), givesWayTo(document)] }
    return document.points.length === 0 ? mine : { ...mine, must_not: [{ has_id: idsOf(document.points) }] }
  })
  return [{ delete: { filter: { must: [ofDocuments(documents.map(documentName)), anyOf(each)] } } }]
}

export function withoutVector({ points }: DocumentPoints): Point[] {
  return points.filter(({ vector }) => vector === undefined)
}

function idsOf(points: readonly Point[]): string[] {
  return points.map(({ id }) => id)
}

/** Whether a point given without a vector is there as it was given, or as a version that does not give way. */
export function wasKept(document: DocumentPoints, point: Point, stored: RecordPayload | undefined): boolean {
  if (stored === undefined) return false
  const version = partsVersion(stored)
  if (version === document.version) return stored.hash === point.hash
  return version > document.version && version !== document.replaces
}
