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

/**
 * Where a page of a hybrid search begins: behind the documents given. Their scores depend on the lists that the legs
 * gave, which other writes change, so only the documents themselves tell.
 */
export interface FusedPlace {
  /** How many documents of each leg are ranked together. */
  readonly depth: number
  /** Hashes of all documents given. */
  readonly given: readonly string[]
}

/** Where a page of a search begins: among the scored hits, or among the documents without points that follow them. */
export type SearchPlace =
  | { readonly scored: ScoredPlace }
  | { readonly fused: FusedPlace }
  | { readonly unscored: Place<DocumentRef> | undefined }

/** `fingerprint`: of the search, so that no other takes the cursor. */
export function encodeSearchCursor(place: SearchPlace, fingerprint: string): string {
  if ('scored' in place) {
    const { score, given, rank } = place.scored
    return encodeCursor(['scored', fingerprint, score, rank, given])
  }
  if ('fused' in place) return encodeCursor(['fused', fingerprint, place.fused.depth, place.fused.given.join('')])
  const { after, skip } = place.unscored ?? {}
  return encodeCursor(['unscored', fingerprint, ...(after === undefined ? [] : [after.namespace, after.key, skip])])
}

export function decodeSearchCursor(cursor: string, fingerprint: string, prefix: Namespace): SearchPlace {
  const [kind, of, ...rest] = decodeCursor(cursor)
  if (of !== fingerprint) throw invalid('cursor', 'the cursor of an earlier page of the same search')
  if (kind === 'unscored') return { unscored: rest.length === 0 ? undefined : toDocumentPlace(rest, prefix) }
  if (kind === 'fused') {
    const [depth, given] = rest
    if (Number.isSafeInteger(depth) && typeof given === 'string')
      return { fused: { depth: depth as number, given: given.match(hashes) ?? [] } }
  }
  const [score, rank, given] = rest
  if (kind === 'scored' && typeof score === 'number' && Number.isSafeInteger(rank) && Array.isArray(given))
    return { scored: { score, rank: rank as number, given: given.map(String) } }
  throw invalid('cursor', 'the cursor of an earlier page of the same search')
}

/** A document in few letters. One pair in 2^60 shares a hash. */
export function hashOf(ref: DocumentRef): string {
  return hash('sha256', refId(ref), 'base64url').slice(0, HASH)
}

const HASH = 10
const hashes = new RegExp(`.{${HASH}}`, 'g')
