import type { SearchHit } from '../api/queries.js'
import { refId } from '../document/namespace.js'
import type { DocumentRef } from '../ports/common.js'
import type { VectorMatch } from '../ports/vector-index.js'
import type { Filter } from '../ports/vector-records.js'
import { type FusionWeights, fuse } from './fusion.js'
import { type Candidate, type HitMaker, makeHits } from './hits.js'
import type { Leg } from './legs.js'
import { type FusedPlace, hashOf } from './search-cursor.js'

/** Documents of each leg that are ranked together, at least. */
const MIN_DEPTH = 100

export interface HybridQuery {
  /** Absent where the query could not be embedded: then words alone rank. */
  readonly vector: Promise<Leg | undefined>
  readonly keyword: Leg
  readonly weights: FusionWeights
  readonly filter: Filter | undefined
  readonly minScore: number | undefined
  readonly wanted: number
  readonly place: FusedPlace | undefined
  readonly signal: AbortSignal | undefined
  /** Ends what both legs do. */
  abort(reason: unknown): void
}

export interface HybridHits<T extends object> {
  /** Best first, at most as many as were wanted. */
  readonly hits: readonly SearchHit<T>[]
  /** Where the page behind them begins; absent at the end. */
  readonly next?: FusedPlace | undefined
}

/**
 * The documents that words and meaning find together. Both legs give their best documents, to the same depth, and these
 * are ranked together. When all of them have been given, both legs are asked for twice as many: what is new among them
 * follows, ranked in the same way. So a document never comes twice, and none is lost.
 */
export async function findHybrid<T extends object>(maker: HitMaker<T>, query: HybridQuery): Promise<HybridHits<T>> {
  const { context, index } = maker
  const { filter, minScore = 0, wanted, place, signal } = query
  const given = place?.given ?? []
  let depth = place?.depth ?? Math.max(MIN_DEPTH, 2 * wanted)
  const lists = await openLists(query, depth, index.adapter.limits.maxQueryLimit)
  const isDegraded = lists.vector === undefined
  const givenBefore = new Set(given)
  const passed = new Set<string>()
  const hits: SearchHit<T>[] = []
  let orphans = 0
  let more = false
  for (;;) {
    const ranked = rank(lists, query).filter(
      ({ id, score, matches: [match] }) =>
        score >= minScore && !passed.has(id) && (givenBefore.size === 0 || !givenBefore.has(hashOf(match))),
    )
    let at = 0
    while (at < ranked.length && hits.length < wanted) {
      // Where documents are gone, few calls find the live ones behind them.
      const some = ranked.slice(at, at + Math.max(wanted - hits.length, at))
      const made = await makeHits(maker, some, filter, signal)
      orphans += made.orphans
      const room = wanted - hits.length
      for (const { hit } of made.hits.slice(0, room)) hits.push(isDegraded ? { ...hit, degraded: 'keyword' } : hit)
      // Of the live ones, the first that finds no room, and what comes behind it, are for the next page.
      const left = made.hits[room]?.candidate
      const end = left === undefined ? some.length : some.indexOf(left)
      for (const { id } of some.slice(0, end)) passed.add(id)
      at += end
    }
    more = at < ranked.length || mayFindMore(lists, query)
    if (hits.length >= wanted || !more) break
    depth *= 2
    await together(query, lists.vector?.fill(depth), lists.keyword.fill(depth))
  }
  if (orphans > 0) context.events.emit('orphansFound', { documents: orphans })
  if (!more) return { hits }
  return { hits, next: { depth, given: [...given, ...hits.map(({ document }) => hashOf(document))] } }
}

interface Lists {
  /** Absent in a search that goes by words alone. */
  readonly vector: LegList | undefined
  readonly keyword: LegList
}

/** Fills both lists, side by side: the query is embedded while the words are looked for. */
async function openLists(query: HybridQuery, depth: number, maxLimit: number): Promise<Lists> {
  const fill = async (leg: Leg | undefined): Promise<LegList | undefined> => {
    const list = leg && new LegList(leg, maxLimit)
    await list?.fill(depth)
    return list
  }
  const [vector, keyword] = await together(query, query.vector.then(fill), fill(query.keyword))
  return { vector, keyword: keyword as LegList }
}

/** What both give. One that fails ends the other, which is waited for. */
async function together<A, B>(
  { abort }: Pick<HybridQuery, 'abort'>,
  first: Promise<A> | undefined,
  second: Promise<B>,
): Promise<[A | undefined, B]> {
  const failures: unknown[] = []
  const fail = (error: unknown): void => {
    failures.push(error)
    abort(error)
  }
  await Promise.all([first?.catch(fail), second.catch(fail)])
  if (failures.length > 0) throw failures[0]
  return Promise.all([first, second])
}

/** The documents of both lists, best first. */
function rank({ vector, keyword }: Lists, query: HybridQuery): RankedCandidate[] {
  if (vector === undefined) {
    return Array.from(keyword.found, ([id, { match, score }]) => ({
      id,
      matches: [match],
      score: query.keyword.scoreOf(match),
      scores: { keyword: score },
    }))
  }
  return fuse(vector.found, keyword.found, query.weights).map(({ id, score, vector: near, keyword: worded }) => {
    const both = [near, worded].filter((each) => each !== undefined)
    // The part that stands higher in its list is the one to be shown.
    const [first, second] = both.sort((a, b) => a.rank - b.rank) as [Found, Found?]
    return {
      id,
      matches: second === undefined ? [first.match] : [first.match, second.match],
      score,
      scores: { ...(near && { vector: near.score }), ...(worded && { keyword: worded.score }) },
    }
  })
}

/** Whether a document behind the lists could be found, with the score that is wanted. */
function mayFindMore({ vector, keyword }: Lists, query: HybridQuery): boolean {
  if (!keyword.more && !vector?.more) return false
  const { minScore, weights } = query
  if (minScore === undefined) return true
  const last = keyword.last
  if (vector === undefined) return last !== undefined && query.keyword.scoreOf(last.match) >= minScore
  const best = fuse(vector.withUnseen(), keyword.withUnseen(), weights)
  return best.some(({ id, score }) => id === UNSEEN && score >= minScore)
}

/** Stands for a document behind a list: it comes after the last one. No document has this id. */
const UNSEEN = ''

interface RankedCandidate extends Candidate {
  /** `refId` of the document. */
  readonly id: string
}

interface Found {
  readonly match: VectorMatch
  readonly score: number
  /** Its position in the list, from 0. */
  readonly rank: number
}

/** The best documents of a leg, as many as have been asked for. */
class LegList {
  /** By refId, best first. */
  readonly found = new Map<string, Found>()
  /** Whether the leg has others. */
  more = true
  readonly #leg: Leg
  readonly #maxLimit: number
  readonly #refs: DocumentRef[] = []

  /** `maxLimit`: documents that one query may ask for. */
  constructor(leg: Leg, maxLimit: number) {
    this.#leg = leg
    this.#maxLimit = maxLimit
  }

  get last(): Found | undefined {
    const last = this.#refs.at(-1)
    return last && this.found.get(refId(last))
  }

  async fill(depth: number): Promise<void> {
    while (this.more && this.#refs.length < depth) {
      const { matches, more } = await this.#leg.ask(Math.min(depth - this.#refs.length, this.#maxLimit), this.#refs)
      for (const match of matches) {
        const { namespace, key, score } = match
        this.found.set(refId(match), { match, score, rank: this.#refs.length })
        this.#refs.push({ namespace, key })
      }
      this.more = more && matches.length > 0
    }
  }

  /** With a document behind the last one, if there may be one. */
  withUnseen(): ReadonlyMap<string, Found> {
    return this.more && this.last !== undefined ? new Map([...this.found, [UNSEEN, this.last]]) : this.found
  }
}
