import { refId } from '../document/namespace.js'
import { invalid } from '../errors.js'
import type {
  DocumentPoints,
  FilterValues,
  Point,
  PointRecord,
  SpaceDefinition,
  TermWeights,
} from '../ports/vector-records.js'
import { OrderedKeys } from './ordered-keys.js'
import { PointRows } from './point-rows.js'
import { TermRows } from './term-rows.js'

/** A point as it is kept. It is never changed, only replaced. */
export interface StoredPoint extends PointRecord {
  readonly values: FilterValues
  readonly vector: Float32Array | undefined
  readonly terms: TermWeights | undefined
  readonly row: number
}

export interface SpaceData {
  readonly definition: SpaceDefinition
  /** By refId. No list is empty. */
  readonly documents: Map<string, readonly StoredPoint[]>
  /** By id. */
  readonly points: Map<string, StoredPoint>
  readonly order: OrderedKeys
  readonly rows: PointRows<StoredPoint>
  readonly terms: TermRows
  /** Whether it has been opened with terms. */
  takesTerms: boolean
}

export function newSpace(definition: SpaceDefinition): SpaceData {
  const points = new Map<string, StoredPoint>()
  // Without dimensions there is no vector to pack.
  const rows = new PointRows<StoredPoint>(definition.metric, definition.dimensions ?? 0)
  const takesTerms = definition.terms === true
  return {
    definition,
    documents: new Map(),
    points,
    order: new OrderedKeys(points),
    rows,
    terms: new TermRows(),
    takesTerms,
  }
}

/** Makes the points of a document the given ones; each that is stored gives way or stays by its own version. */
export function replaceDocument(data: SpaceData, document: DocumentPoints): 'done' | 'missing' {
  const { dimensions } = data.definition
  for (const { vector } of document.points) checkVector(vector, dimensions)

  const id = refId(document)
  const stored = data.documents.get(id)
  const kept: StoredPoint[] = []
  let missing = false
  for (const point of document.points) {
    const old = data.points.get(point.id)
    if (old !== undefined && !givesWay(old, document)) {
      kept.push(old)
      continue
    }
    const made = merge(data, document, point, old?.hash === point.hash ? old : undefined, old?.row)
    if (made !== undefined) {
      data.points.set(point.id, made)
      data.rows.set(made)
      data.terms.set(made.row, made.terms)
      if (old === undefined) data.order.added(point.id)
      kept.push(made)
    } else {
      missing = true
      if (old !== undefined) kept.push(old)
    }
  }
  const wanted = new Set(document.points.map((point) => point.id))
  for (const old of stored ?? []) {
    if (wanted.has(old.id)) continue
    if (givesWay(old, document)) removePoint(data, old)
    else kept.push(old)
  }
  // The copy takes no room for points to come.
  if (kept.length > 0) data.documents.set(id, kept.slice())
  else data.documents.delete(id)
  return missing ? 'missing' : 'done'
}

/** Removes those points of a document for which `which` holds. Returns how many. */
export function removePoints(
  data: SpaceData,
  id: string,
  points: readonly StoredPoint[],
  which: (point: StoredPoint) => boolean,
): number {
  const kept = points.filter((point) => {
    if (!which(point)) return true
    removePoint(data, point)
    return false
  })
  if (kept.length === 0) data.documents.delete(id)
  else if (kept.length < points.length) data.documents.set(id, kept)
  return points.length - kept.length
}

export function toRecord(
  { values: _, vector, terms: __, row: ___, ...record }: StoredPoint,
  { dimensions }: SpaceDefinition,
): PointRecord {
  return vector === undefined && dimensions !== undefined ? { ...record, lacksVector: true } : record
}

export function checkVector(vector: Float32Array | null | undefined, dimensions: number | undefined): void {
  if (vector === undefined || vector === null || vector.length === dimensions) return
  throw invalid('vector', `${dimensions ?? 'no'} dimensions, not ${vector.length}`)
}

function givesWay(stored: StoredPoint, { version, replaces }: DocumentPoints): boolean {
  return stored.version <= version || stored.version === replaces
}

function removePoint(data: SpaceData, point: StoredPoint): void {
  data.points.delete(point.id)
  data.order.removed()
  data.rows.delete(point)
  data.terms.set(point.row, undefined)
}

/** The point with what is kept of `same`, the stored one of the same text. `undefined` if that is not there. */
function merge(
  data: SpaceData,
  document: DocumentPoints,
  point: Point,
  same: StoredPoint | undefined,
  row: number | undefined,
): StoredPoint | undefined {
  const keepsVector = point.vector === undefined && data.definition.dimensions !== undefined
  // Terms that were made in another way, or not at all, are none of this fingerprint.
  const keepsTerms = !data.takesTerms || same?.fingerprint === document.fingerprint
  if (keepsVector && same?.vector === undefined) return undefined
  if (!point.vector && point.terms === undefined && !(same && keepsTerms)) return undefined
  const { namespace, key, version, fingerprint, expiresAt, values } = document
  const { id, field, part, hash } = point
  const vector = keepsVector ? same?.vector : point.vector ? new Float32Array(point.vector) : undefined
  const terms = point.terms ?? (keepsTerms ? same?.terms : undefined)
  const record = { id, namespace, key, field, part, version, hash, fingerprint, expiresAt }
  return { ...record, values, vector, terms, row: data.rows.take(row) }
}
