import { type DocumentPoints, invalid, type Point } from '@tandemstore/core/adapter'
import { encodeNamespace } from '../names.js'
import { documentId } from './conditions.js'
import { toText } from './numbers.js'
import type { Space } from './space.js'
import { termsOf } from './terms.js'

/** Points that go in one step; between two, others get the locks. */
export const DELETE_STEP = 2000

/** Documents as the function of the space takes them. */
export function packDocuments(documents: readonly DocumentPoints[], space: Space): string {
  return JSON.stringify(
    documents.map((document, place) => ({
      place,
      document: documentId(document),
      namespace: encodeNamespace(document.namespace),
      key: document.key,
      version: document.version,
      replaces: document.replaces,
      expires_at: document.expiresAt,
      fingerprint: document.fingerprint,
      terms: termsOf(document.values),
      ids: document.points.map(({ id }) => id),
      points: document.points.map((point) => packPoint(point, document, space)),
    })),
  )
}

function packPoint(point: Point, { namespace, key }: DocumentPoints, space: Space): object {
  const { id, field, part, hash, vector, terms } = point
  const { dimensions, metric, hasWords } = space
  if (vector != null && (vector.length !== dimensions || dimensions === 0))
    throw invalid('vector', `${dimensions || 'no'} dimensions, not ${vector.length}`, { namespace, key })
  if (terms !== undefined && terms.terms.length > 0 && !hasWords)
    throw invalid('terms', 'none, as the space was not opened with terms: true', { namespace, key })
  return {
    id,
    field,
    part,
    hash,
    embedding: vector == null ? undefined : toText(vector, metric),
    keeps: vector === undefined && dimensions > 0,
    words: terms?.terms,
    weights: terms?.weights.map(Math.fround),
  }
}

/** Deletes up to DELETE_STEP points `p` that meet a condition, and their words; gives their number as `gone`. */
export function deleteSql({ point, word }: Space, condition: string): string {
  return `WITH doomed AS (SELECT p.id FROM ${point} p WHERE ${condition} LIMIT ${DELETE_STEP} FOR UPDATE),
    gone AS (DELETE FROM ${point} p USING doomed WHERE p.id = doomed.id RETURNING p.id),
    words AS (DELETE FROM ${word} w USING gone WHERE w.point = gone.id)
    SELECT count(*) AS gone FROM gone`
}
