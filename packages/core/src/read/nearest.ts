import type { SearchHit } from '../api/queries.js'
import type { DocumentRef } from '../ports/common.js'
import type { VectorMatch } from '../ports/vector-index.js'
import type { Filter } from '../ports/vector-records.js'
import { type Candidate, type HitMaker, makeHits } from './hits.js'
import type { Leg } from './legs.js'
import { hashOf, type ScoredPlace } from './search-cursor.js'

export interface NearestQuery {
  readonly leg: Leg
  readonly filter: Filter | undefined
  readonly wanted: number
  readonly place: ScoredPlace | undefined
  readonly signal: AbortSignal | undefined
}

/** A hit, and where the page behind it begins. */
export interface RankedHit<T extends object> {
  readonly hit: SearchHit<T>
  /** Of the match. */
  readonly score: number
  readonly rank: number
}

export interface Nearest<T extends object> {
  /** Best first. May be more than were wanted. */
  readonly hits: readonly RankedHit<T>[]
  /** Whether the index has others. */
  readonly more: boolean
}

/** A match, and how many documents of the index come up to it. */
interface RankedMatch {
  readonly match: VectorMatch
  readonly rank: number
}

/**
 * The documents that one leg finds. The index filters while it searches, and the KV says what is there. Where documents
 * are gone or no longer pass, the index is asked again, without those it gave, for twice as many each time. So few
 * queries find a live match behind any number of dead ones. The dead points are deleted in the background.
 */
export async function findNearest<T extends object>(
  maker: HitMaker<T>,
  { leg, filter, wanted, place, signal }: NearestQuery,
): Promise<Nearest<T>> {
  const { context, index } = maker
  const { maxQueryLimit } = index.adapter.limits
  const isBehind = behindPlace(place)
  const hits: RankedHit<T>[] = []
  const seen: DocumentRef[] = []
  let orphans = 0
  let more = true
  for (let size = (place?.rank ?? 0) + wanted; more && hits.length < wanted; ) {
    const found = await leg.ask(Math.min(size, maxQueryLimit), seen)
    const ranked = found.matches.map((match, i) => ({ match, rank: seen.length + i + 1 }))
    const candidates = ranked.filter(isBehind).map(({ match, rank }) => candidateOf(leg, match, rank))
    const made = await makeHits(maker, candidates, filter, signal)
    for (const { candidate, hit } of made.hits)
      hits.push({ hit, score: candidate.matches[0].score, rank: candidate.rank })
    orphans += made.orphans
    for (const { namespace, key } of found.matches) seen.push({ namespace, key })
    more = found.more && found.matches.length > 0
    size = Math.max(wanted - hits.length, seen.length)
  }
  if (orphans > 0) context.events.emit('orphansFound', { documents: orphans })
  // An index that is not exact may find in a later query what it missed in an earlier one.
  hits.sort((a, b) => b.score - a.score)
  return { hits, more }
}

function candidateOf(leg: Leg, match: VectorMatch, rank: number): Candidate & { readonly rank: number } {
  return { matches: [match], score: leg.scoreOf(match), scores: leg.scoresOf(match), rank }
}

function behindPlace(place: ScoredPlace | undefined): (ranked: RankedMatch) => boolean {
  if (place === undefined) return () => true
  const { score } = place
  const given = new Set(place.given)
  return ({ match }) => match.score < score || (match.score === score && !given.has(hashOf(match)))
}
