import type { SearchHit } from '../api/queries.js'
import { refId } from '../document/namespace.js'
import { liveRow } from '../document/row.js'
import type { IndexContext, StoreContext } from '../open/context.js'
import type { Waiter } from '../outbox/entry.js'
import type { DocumentRef, Namespace } from '../ports/common.js'
import type { VectorMatch } from '../ports/vector-index.js'
import type { Filter } from '../ports/vector-records.js'
import { Turns } from '../resilience/steps.js'
import type { Reader } from './reader.js'
import { hashOf, type ScoredPlace } from './search-cursor.js'

export interface NearestQuery {
  readonly vector: Float32Array
  readonly prefix: Namespace
  readonly filter: Filter | undefined
  readonly minScore: number | undefined
}

/** A hit, and where the page behind it begins. */
export interface RankedHit<T extends object> {
  readonly hit: SearchHit<T>
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
 * The documents whose points are nearest. The index filters while it searches, and the KV says what is there. Where
 * documents are gone or no longer pass, the index is asked again, without those it gave, for twice as many each time.
 * So few queries find a live match behind any number of dead ones. The dead points are deleted in the background.
 */
export async function findNearest<T extends object>(
  context: StoreContext,
  index: IndexContext,
  reader: Reader<T>,
  query: NearestQuery,
  { wanted, place, signal }: { wanted: number; place: ScoredPlace | undefined; signal: AbortSignal | undefined },
): Promise<Nearest<T>> {
  const { maxQueryLimit } = index.adapter.limits
  const isBehind = behindPlace(place)
  const hits: RankedHit<T>[] = []
  const seen: DocumentRef[] = []
  let orphans = 0
  let more = true
  for (let size = (place?.rank ?? 0) + wanted; more && hits.length < wanted; ) {
    const limit = Math.min(size, maxQueryLimit)
    const found = await index.space.query({ ...query, limit, now: Date.now(), exclude: seen }, { signal })
    const ranked = found.matches.map((match, i) => ({ match, rank: seen.length + i + 1 }))
    const { gone, ...loaded } = await load(context, reader, query.filter, ranked.filter(isBehind), signal)
    hits.push(...loaded.hits)
    orphans += deleteOrphans(context, index, gone)
    for (const { namespace, key } of found.matches) seen.push({ namespace, key })
    more = found.more && found.matches.length > 0
    size = Math.max(wanted - hits.length, seen.length)
  }
  if (orphans > 0) context.events.emit('orphansFound', { documents: orphans })
  // An index that is not exact may find in a later query what it missed in an earlier one.
  hits.sort((a, b) => b.score - a.score)
  return { hits, more }
}

function behindPlace(place: ScoredPlace | undefined): (ranked: RankedMatch) => boolean {
  if (place === undefined) return () => true
  const { score } = place
  const given = new Set(place.given)
  return ({ match }) => match.score < score || (match.score === score && !given.has(hashOf(match)))
}

/** Reads the documents of matches in one call. `gone`: those that the KV does not have. */
async function load<T extends object>(
  { counters, kv }: StoreContext,
  reader: Reader<T>,
  filter: Filter | undefined,
  ranked: readonly RankedMatch[],
  signal: AbortSignal | undefined,
): Promise<{ readonly hits: RankedHit<T>[]; readonly gone: VectorMatch[] }> {
  const refs = ranked.map(({ match }) => match)
  const rows = await counters.phases.hydrate.measure(() => kv.get(refs, { signal }))
  const now = Date.now()
  const turns = new Turns()
  const hits: RankedHit<T>[] = []
  const gone: VectorMatch[] = []
  for (const [i, { match, rank }] of ranked.entries()) {
    if (turns.isOver) await turns.next()
    const { score, field, part } = match
    const row = liveRow(rows[i], now)
    if (rows[i] === undefined) gone.push(match)
    if (row === undefined) continue
    const isStale = row.version !== match.version
    // The index has compared the others with the filter, as they still are.
    const document = reader.toPassing(row, isStale || match.unchecked === true ? filter : undefined)
    if (document === undefined) continue
    const hit = { document, score, matched: { field, part }, ...(isStale ? { stale: true as const } : {}) }
    hits.push({ hit, score, rank })
  }
  return { hits, gone }
}

/** Deletes the points of documents that are gone, up to the version that was seen. Returns of how many documents. */
function deleteOrphans(
  { outbox }: StoreContext,
  { indexer, record }: IndexContext,
  gone: readonly VectorMatch[],
): number {
  const left = gone.filter((match) => !indexer.isBusy(refId(match)))
  const entries = left.map(({ namespace, key, version }) =>
    outbox.accept({
      ref: { namespace, key },
      version,
      intents: [],
      spaces: [record.name],
      searched: record.name,
      origin: 'repair',
      isConfirmed: true,
      waiter: unheard,
    }),
  )
  if (entries.length > 0) indexer.project(entries.map((entry) => ({ entry, mayHavePoints: true })))
  return left.length
}

/** A repair that fails is made by the next search that meets the points. */
const unheard: Waiter = { isAwaited: false, reportsFailure: true, settled: () => {} }
