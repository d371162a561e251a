import type { HitScores, SearchHit } from '../api/queries.js'
import { refId } from '../document/namespace.js'
import { liveRow } from '../document/row.js'
import { maxVersion } from '../document/version.js'
import type { IndexContext, StoreContext } from '../open/context.js'
import type { Waiter } from '../outbox/entry.js'
import type { DocumentRef, Version } from '../ports/common.js'
import type { VectorMatch } from '../ports/vector-index.js'
import type { Filter } from '../ports/vector-records.js'
import { Turns } from '../resilience/steps.js'
import type { MatchedTexts } from './matched-texts.js'
import type { Reader } from './reader.js'

/** A document that the index found. */
export interface Candidate {
  /** What each leg found of it; at least one, the one to be shown first. */
  readonly matches: readonly [VectorMatch, ...VectorMatch[]]
  readonly score: number
  readonly scores: HitScores
}

/** What candidates are made into hits with. */
export interface HitMaker<T extends object> {
  readonly context: StoreContext
  readonly index: IndexContext
  readonly reader: Reader<T>
  readonly texts: MatchedTexts
}

/** A hit, and the candidate that it was. */
export interface MadeHit<T extends object, C extends Candidate> {
  readonly candidate: C
  readonly hit: SearchHit<T>
}

/**
 * Reads the documents of candidates in one call, and makes hits of those that are there and pass the filter, in order.
 * The points of those that the KV does not have are deleted in the background; `orphans` says of how many.
 */
export async function makeHits<T extends object, C extends Candidate>(
  { context, index, reader, texts }: HitMaker<T>,
  candidates: readonly C[],
  filter: Filter | undefined,
  signal: AbortSignal | undefined,
): Promise<{ readonly hits: MadeHit<T, C>[]; readonly orphans: number }> {
  const { counters, kv } = context
  const refs = candidates.map(({ matches: [{ namespace, key }] }) => ({ namespace, key }))
  const rows = await counters.phases.hydrate.measure(() => kv.get(refs, { signal }))
  const now = Date.now()
  const turns = new Turns()
  const hits: MadeHit<T, C>[] = []
  const gone: { readonly ref: DocumentRef; readonly version: Version }[] = []
  for (const [i, candidate] of candidates.entries()) {
    if (turns.isOver) await turns.next()
    const { matches, score, scores } = candidate
    const row = liveRow(rows[i], now)
    if (rows[i] === undefined) {
      gone.push({ ref: refs[i] as DocumentRef, version: matches.map(({ version }) => version).reduce(maxVersion) })
    }
    if (row === undefined) continue
    const isStale = matches.some(({ version }) => version !== row.version)
    // The index has compared the others with the filter, as they still are.
    const isUnchecked = isStale || matches.some(({ unchecked }) => unchecked)
    const document = reader.toPassing(row, isUnchecked ? filter : undefined)
    if (document === undefined) continue
    const [{ field, part }] = matches
    const text = await texts.textOf(row, document.value, matches[0])
    const matched = { field, part, ...(text === undefined ? {} : { text }) }
    const hit = { document, score, scores, matched, ...(isStale ? { stale: true as const } : {}) }
    hits.push({ candidate, hit })
  }
  return { hits, orphans: deleteOrphans(context, index, gone) }
}

/** Deletes the points of documents that are gone, up to the version that was seen. Returns of how many documents. */
function deleteOrphans(
  { outbox }: StoreContext,
  { indexer, record }: IndexContext,
  gone: readonly { readonly ref: DocumentRef; readonly version: Version }[],
): number {
  const left = gone.filter(({ ref }) => !indexer.isBusy(refId(ref)))
  const entries = left.map(({ ref, version }) =>
    outbox.accept({
      ref,
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
