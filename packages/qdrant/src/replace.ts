import type { Schemas } from '@qdrant/js-client-rest'
import { type DocumentPoints, invalid, refId } from '@tandemstore/core/adapter'
import {
  allOf,
  anyOf,
  type Condition,
  givesWayTo,
  hasVector,
  NOTHING,
  ofDocuments,
  type QdrantFilter,
} from './conditions.js'
import { documentName, documentPayload, jsonBytes, KEYS, pointPayload, updatePayload } from './payload.js'
import { newPoint, type Plan, type Shape, type WholePoint } from './plan.js'
import { UNNAMED, WORDS } from './terms.js'
import { toNumbers } from './vector-numbers.js'

type Operation = Schemas['UpdateOperation']
type PointStruct = Schemas['PointStruct']

export interface CompileOptions extends Shape {
  readonly tenantDepth: number
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

/** Refuses what the collection cannot hold. */
export function checkPoints(documents: readonly DocumentPoints[], { dimensions, hasWords }: Shape): void {
  for (const { points, namespace, key } of documents) {
    for (const { vector, terms } of points) {
      if (vector && vector.length !== dimensions)
        throw invalid('vector', `${dimensions ?? 'no'} dimensions, not ${vector.length}`, { namespace, key })
      if (terms !== undefined && terms.terms.length > 0 && !hasWords)
        throw invalid('terms', 'none, as the space was opened without `terms`', { namespace, key })
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
export function compileReplace(plans: readonly Plan[], options: CompileOptions): Operation[][] {
  const requests: Operation[][] = []
  let bytes = Number.POSITIVE_INFINITY
  const guarded = upserts(plans, options, guardOf)
  const documents = plans.map(({ document }) => document)
  for (const sized of [
    ...removals(plans, options),
    ...guarded,
    ...plans.flatMap(updates(options)),
    deletes(documents),
  ]) {
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
  const plans = documents.map((document) => ({ document, whole: document.points.map(newPoint) }))
  return upserts(plans, options, () => undefined).map(({ operation }) => operation)
}

function guardOf(has_id: string[], document: DocumentPoints): Condition {
  return allOf([{ has_id }, givesWayTo(document)])
}

/**
 * Upserts of points with all that they have. What is stored already stays unless `guard`, given ids and their document,
 * says otherwise.
 */
function upserts(
  plans: readonly Pick<Plan, 'document' | 'whole'>[],
  options: CompileOptions,
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
  for (const { document, whole } of plans) {
    const shared = documentPayload(document, options.tenantDepth)
    const sharedBytes = jsonBytes(shared)
    let ids: string[] | undefined
    for (const point of whole) {
      const numbers = (point.vector?.length ?? 0) + 2 * (point.words?.indices.length ?? 0)
      const size = numbers * NUMBER_BYTES + sharedBytes + POINT_BYTES
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
        vector: vectorsOf(point, options),
        payload: { ...shared, ...pointPayload(point, lacksVector(point, options)) },
      })
      bytes += size
    }
  }
  end()
  return done
}

function vectorsOf({ vector, words }: WholePoint, { metric, hasWords }: Shape): PointStruct['vector'] {
  const numbers = vector && toNumbers(vector, metric)
  if (numbers !== undefined && !hasWords) return numbers
  return { ...(numbers && { [UNNAMED]: numbers }), ...(words && { [WORDS]: words }) }
}

function lacksVector({ vector }: WholePoint, { dimensions }: Shape): boolean {
  return vector === undefined && dimensions !== undefined
}

/**
 * An upsert removes a vector that it does not name where it changes a point in place, but not where it moves the point
 * out of an optimized segment (seen in 1.18.3). So what a point shall not have goes before. Terms go with their point:
 * after a deletion of the sparse vector alone, the index would still lead from its terms to the point.
 */
function removals(plans: readonly Plan[], options: CompileOptions): SizedOperation[] {
  const withVector = guardsOf(plans, (point) => lacksVector(point, options))
  const withWords = guardsOf(plans, ({ words }) => options.hasWords && words === undefined)
  const done: SizedOperation[] = []
  if (withWords.length > 0) {
    const filter: QdrantFilter = { must: [hasVector(WORDS), anyOf(withWords)] }
    done.push({ operation: { delete: { filter } }, bytes: jsonBytes(filter) })
  }
  if (withVector.length > 0) {
    const filter: QdrantFilter = { must: [hasVector(UNNAMED), anyOf(withVector)] }
    done.push({ operation: { delete_vectors: { filter, vector: [UNNAMED] } }, bytes: jsonBytes(filter) })
  }
  return done
}

/** The guards of those points for which `which` holds. */
function guardsOf(plans: readonly Plan[], which: (point: WholePoint) => boolean): Condition[] {
  return plans.flatMap(({ document, whole }) => {
    const ids = whole.filter(which).map(({ id }) => id)
    return ids.length === 0 ? [] : [guardOf(ids, document)]
  })
}

/**
 * New payload for the points that keep what they have. Selected by filter alone: beside a list of points, Qdrant ignores
 * a filter.
 */
function updates({ dimensions, hasWords }: CompileOptions): (plan: Plan) => SizedOperation[] {
  return ({ document, kept }) => {
    const ids = new Map<string, string[]>()
    for (const { id, hash } of kept) {
      const same = ids.get(hash)
      if (same === undefined) ids.set(hash, [id])
      else same.push(id)
    }
    if (ids.size === 0) return []
    const sameText = [...ids].map(([hash, has_id]) => allOf([{ has_id }, { key: KEYS.hash, match: { value: hash } }]))
    const withVector = dimensions === undefined ? [] : [hasVector(UNNAMED)]
    // Terms that were made in another way, or not at all, are none of this fingerprint.
    const sameTerms = hasWords ? [{ key: 'fingerprint', match: { value: document.fingerprint } }] : []
    const filter: QdrantFilter = { must: [anyOf(sameText), givesWayTo(document), ...withVector, ...sameTerms] }
    const payload = updatePayload(document)
    return [{ operation: { set_payload: { payload, filter } }, bytes: jsonBytes(payload) + kept.length * POINT_BYTES }]
  }
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
