import { hash } from 'node:crypto'
import { refId } from '../document/namespace.js'
import { invalid } from '../errors.js'
import type { DocumentRef, Namespace } from '../ports/common.js'
import { decodeCursor, encodeCursor, type Place, toDocumentPlace } from './cursor.js'

/**
 * Where a page of scored hits begins: behind every higher score, and behind the documents of this score that were
 * given. It holds no position in the ranking, so documents that are written or deleted meanwhile move nothing.
 */
export interface ScoredPlace {
  readonly score: number
  /** Hashes of the documents given that have exactly this score. */
  readonly given: readonly string[]
  /** About how many documents of the index come before. */
  readonly rank: number
}

/** Where a page of a search begins: among the scored hits, or among the documents without points that follow them. */
export type SearchPlace = { readonly scored: ScoredPlace } | { readonly unscored: Place<DocumentRef> | undefined }

/** `fingerprint`: of the search, so that no other takes the cursor. */
export function encodeSearchCursor(place: SearchPlace, fingerprint: string): string {
  if ('scored' in place) {
    const { score, given, rank } = place.scored
    return encodeCursor(['scored', fingerprint, score, rank, given])
  }
  const { after, skip } = place.unscored ?? {}
  return encodeCursor(['unscored', fingerprint, ...(after === undefined ? [] : [after.namespace, after.key, skip])])
}

export function decodeSearchCursor(cursor: string, fingerprint: string, prefix: Namespace): SearchPlace {
  const [kind, of, ...rest] = decodeCursor(cursor)
  if (of !== fingerprint) throw invalid('cursor', 'the cursor of an earlier page of the same search')
  if (kind === 'unscored') return { unscored: rest.length === 0 ? undefined : toDocumentPlace(rest, prefix) }
  const [score, rank, given] = rest
  if (kind === 'scored' && typeof score === 'number' && Number.isSafeInteger(rank) && Array.isArray(given))
    return { scored: { score, rank: rank as number, given: given.map(String) } }
  throw invalid('cursor', 'the cursor of an earlier page of the same search')
}

/** A document in few letters. Two of one score that share a hash are one in 2^60. */
export function hashOf(ref: DocumentRef): string {
  return hash('sha256', refId(ref), 'base64url').slice(0, 10)
}
