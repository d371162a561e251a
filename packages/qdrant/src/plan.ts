import type { Schemas } from '@qdrant/js-client-rest'
import type { DocumentPoints, Point, SpaceDefinition } from '@tandemstore/core/adapter'
import { partsVersion, type RecordPayload } from './payload.js'
import { type SparseVector, toSparse, UNNAMED, WORDS } from './terms.js'

/** What the points of a collection can have. */
export interface Shape extends Pick<SpaceDefinition, 'dimensions' | 'metric'> {
  /** Whether the collection has room for terms. */
  readonly hasWords: boolean
}

/** A point with all that it shall have. */
export interface WholePoint extends Pick<Point, 'id' | 'field' | 'part' | 'hash'> {
  readonly vector: Float32Array | undefined
  /** Never empty: an empty one in a collection spoils what Qdrant counts. */
  readonly words: SparseVector | undefined
}

/** How the points of a document become the given ones. */
export interface Plan {
  readonly document: DocumentPoints
  /** Points to be written with all that they have. */
  readonly whole: readonly WholePoint[]
  /** Points that keep all that they have but their payload. */
  readonly kept: readonly Point[]
  /** Something was to be kept that is not there. */
  readonly isMissing: boolean
}

/** A point as it was read. */
export interface StoredPoint {
  readonly payload: RecordPayload
  readonly vector: Float32Array | undefined
  readonly words: SparseVector | undefined
}

/**
 * `whole`: everything is given. `kept`: nothing is. `partial`: the vector is given or taken away and the terms are to
 * stay, or the other way about.
 */
type Given = 'whole' | 'kept' | 'partial'

function givenOf({ vector, terms }: Point, { dimensions, hasWords }: Shape): Given {
  if (dimensions === undefined) return terms === undefined ? 'kept' : 'whole'
  // Where there is no room for terms, no point has any, and none are given but empty ones.
  if (vector === undefined) return terms === undefined || !hasWords ? 'kept' : 'partial'
  return terms !== undefined || (vector !== null && !hasWords) ? 'whole' : 'partial'
}

/** Whether all that a point needs is given, if it is not stored yet. */
export function isNewWhole({ vector, terms }: Point, { dimensions }: Shape): boolean {
  if (dimensions !== undefined && vector) return true
  return terms !== undefined && (dimensions === undefined || vector === null)
}

/** What has to be read of some points before they can be written. */
export interface Reading {
  readonly ids: string[]
  readonly with_vector: boolean | string[]
}

/**
 * A point of which a part stays is read and written again whole, under the guard of its version. An update of one of
 * its vectors would fail where the point is gone, and would come apart from the update of its payload.
 */
export function readingFor(documents: readonly DocumentPoints[], shape: Shape): Reading {
  const partial = documents.flatMap(({ points }) => points.filter((point) => givenOf(point, shape) === 'partial'))
  const keepsVector = partial.some(({ vector }) => vector === undefined)
  return {
    ids: partial.map(({ id }) => id),
    with_vector: keepsVector || (shape.hasWords && [WORDS]),
  }
}

export function planOf(document: DocumentPoints, shape: Shape, stored: ReadonlyMap<string, StoredPoint>): Plan {
  const whole: WholePoint[] = []
  const kept: Point[] = []
  let isMissing = false
  for (const point of document.points) {
    const given = givenOf(point, shape)
    if (given === 'kept') kept.push(point)
    else {
      const old = given === 'partial' ? stored.get(point.id) : undefined
      const made = given === 'partial' ? completed(point, old, document, shape) : newPoint(point)
      if (made !== undefined) whole.push(made)
      else if (!isNewer(old?.payload, document)) isMissing = true
    }
  }
  return { document, whole, kept, isMissing }
}

/** The point as it is given, for one that nothing is known of. */
export function newPoint({ id, field, part, hash, vector, terms }: Point): WholePoint {
  const words = terms !== undefined && terms.terms.length > 0 ? toSparse(terms) : undefined
  return { id, field, part, hash, vector: vector ?? undefined, words }
}

/** With what is kept of the stored one, if that is of the same text. `undefined`: that is not there. */
function completed(
  point: Point,
  stored: StoredPoint | undefined,
  { fingerprint }: DocumentPoints,
  { hasWords }: Shape,
): WholePoint | undefined {
  const same = stored?.payload.hash === point.hash ? stored : undefined
  const made = newPoint(point)
  if (point.vector === undefined) return same?.vector && { ...made, vector: same.vector }
  // Terms that were made in another way, or not at all, are none of this fingerprint.
  const worded = hasWords && same?.payload.fingerprint !== fingerprint ? undefined : same
  if (point.vector === null && worded === undefined) return undefined
  return { ...made, words: worded?.words }
}

/** Whether what is stored does not give way to a document. */
function isNewer(stored: RecordPayload | undefined, { version, replaces }: DocumentPoints): boolean {
  if (stored === undefined) return false
  const at = partsVersion(stored)
  return at > version && at !== replaces
}

/** Whether a point that keeps all it has is there as it was given, or as a version that does not give way. */
export function wasKept(document: DocumentPoints, point: Point, stored: RecordPayload | undefined): boolean {
  if (stored === undefined) return false
  if (partsVersion(stored) !== document.version) return isNewer(stored, document)
  return stored.hash === point.hash && stored.fingerprint === document.fingerprint && !stored.lacks
}

export function toStoredPoint(payload: RecordPayload, vector: Schemas['Record']['vector']): StoredPoint {
  // An only vector that has no name comes by itself.
  const named = (Array.isArray(vector) ? { [UNNAMED]: vector } : (vector ?? {})) as Record<string, unknown>
  const unnamed = named[UNNAMED] as number[] | undefined
  return {
    payload,
    vector: unnamed && Float32Array.from(unnamed),
    words: named[WORDS] as SparseVector | undefined,
  }
}
