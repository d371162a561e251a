import type { DocumentPoints } from '@tandemstore/core/adapter'
import { ofDocuments, type QdrantFilter } from './conditions.js'
import { documentName, KEYS, partsVersion, type RecordPayload } from './payload.js'
import { isNewWhole, type Shape } from './plan.js'

/**
 * Documents from which on it pays to insert first and then to look. A guard and a deletion for each document, which
 * Qdrant checks against every point in question, cost more than the points themselves; for a few documents a second
 * request costs more.
 */
const MIN_INSERTED = 24

/** What has to be as given, of each point of a document. */
const COMPARED = [KEYS.micros, KEYS.writer, KEYS.hash, 'fingerprint', KEYS.expires, KEYS.lacks] as const

type Stored = Pick<RecordPayload, (typeof COMPARED)[number]> & { readonly document: string }

/**
 * The documents that are to be inserted first, if they are many enough: with all that each point needs, and nothing
 * known to be there.
 */
export function insertable(documents: readonly DocumentPoints[], shape: Shape): DocumentPoints[] {
  const some = documents.filter(
    ({ expectedNew, points }) => expectedNew && points.length > 0 && points.every((point) => isNewWhole(point, shape)),
  )
  return some.length < MIN_INSERTED ? [] : some
}

/** A request for all the points of some documents, with what `notAsGiven` reads of them. */
export function pointsOf(documents: readonly DocumentPoints[]): { filter: QdrantFilter; with_payload: string[] } {
  return {
    filter: { must: [ofDocuments(documents.map(documentName))] },
    with_payload: [KEYS.document, ...COMPARED],
  }
}

/** The documents that do not have exactly the given points: others were there already, or came in between. */
export function notAsGiven(
  documents: readonly DocumentPoints[],
  stored: readonly { readonly id: unknown; readonly payload?: unknown }[],
  { dimensions }: Shape,
): DocumentPoints[] {
  const found = new Map<string, Map<string, Stored>>()
  for (const { id, payload } of stored) {
    const record = payload as Stored
    const points = found.get(record.document) ?? new Map<string, Stored>()
    found.set(record.document, points.set(String(id), record))
  }
  return documents.filter((document) => {
    const there = found.get(documentName(document))
    return (
      there?.size !== document.points.length ||
      document.points.some(({ id, hash, vector }) => {
        const record = there.get(id)
        if (record === undefined || record.hash !== hash) return true
        return Boolean(record.lacks) !== (dimensions !== undefined && !vector) || !isOf(document, record)
      })
    )
  })
}

function isOf({ version, fingerprint, expiresAt }: DocumentPoints, stored: Stored): boolean {
  return (
    partsVersion(stored) === version &&
    stored.fingerprint === fingerprint &&
    (stored.expires ?? undefined) === expiresAt
  )
}
