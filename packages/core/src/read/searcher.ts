import type { SearchHit, SearchOptions, SearchPage } from '../api/queries.js'
import { refId } from '../document/namespace.js'
import { invalid } from '../errors.js'
import { NO_TERMS } from '../indexing/keywords.js'
import type { IndexContext, StoreContext } from '../open/context.js'
import type { MaybePromise, Namespace } from '../ports/common.js'
import { checkAborted, raceAbort } from '../resilience/abort.js'
import { waitsForFlush } from '../write/receipt.js'
import { decodeDocumentCursor, encodeDocumentCursor } from './cursor.js'
import type { HitMaker } from './hits.js'
import { findHybrid } from './hybrid.js'
import { type Leg, type LegQuery, termLeg, vectorLeg } from './legs.js'
import { MatchedTexts } from './matched-texts.js'
import { findNearest, type RankedHit } from './nearest.js'
import { QueryVectors } from './query-vectors.js'
import type { Reader } from './reader.js'
import { rerankHits } from './rerank.js'
import type { RerankRequest } from './rerank-arguments.js'
import { checkSearch, fingerprintOf, type SearchRequest } from './search-arguments.js'
import { decodeSearchCursor, encodeSearchCursor, hashOf, type ScoredPlace, type SearchPlace } from './search-cursor.js'
import type { SearchTarget } from './search-target.js'
import { cannotBeFound } from './unscored.js'

type HybridTarget = Extract<SearchTarget, { readonly mode: 'hybrid' }>

/** Hits of a page, of which some come before its offset, and where the next one begins. */
interface Found<T extends object> {
  readonly hits: SearchHit<T>[]
  readonly next?: SearchPlace | undefined
}

/** Searches by query or vector; with neither, lists. */
export class Searcher<T extends object> {
  readonly #context: StoreContext
  readonly #reader: Reader<T>
  readonly #vectors: QueryVectors
  readonly #maker: HitMaker<T> | undefined

  constructor(context: StoreContext, reader: Reader<T>) {
    const { index } = context
    this.#context = context
    this.#reader = reader
    this.#vectors = new QueryVectors(context)
    this.#maker = index && { context, index, reader, texts: new MatchedTexts(index.points) }
  }

  async search(prefix: Namespace, options: SearchOptions<T> = {}): Promise<SearchPage<SearchHit<T>>> {
    const { index, filterable, reranking } = this.#context
    const request = checkSearch(prefix, options, filterable, index, reranking !== undefined)
    checkAborted(request.signal)
    if (index === undefined || this.#maker === undefined || request.target === undefined) return this.#list(request)

    const { cursor } = request
    const fingerprint = (): string => fingerprintOf(request, index.record.name)
    const place = cursor === undefined ? undefined : decodeSearchCursor(cursor, fingerprint(), request.prefix)
    await this.#waitForWrites(request)
    if (request.rerank !== undefined) return this.#reranked(this.#maker, request, request.target, request.rerank)
    const { hits, next } = await this.#page(this.#maker, request, request.target, place)
    return toPage(hits.slice(request.offset), next && (() => encodeSearchCursor(next, fingerprint())))
  }

  /** The best candidates in the order of the reranker. There is no page behind them. */
  async #reranked(
    maker: HitMaker<T>,
    request: SearchRequest,
    target: SearchTarget,
    { query, candidates, degrades }: RerankRequest,
  ): Promise<SearchPage<SearchHit<T>>> {
    const { limit, offset, minScore, signal } = request
    const best = { ...request, limit: candidates, offset: 0, minScore: undefined }
    const { hits } = await this.#page(maker, best, target, undefined)
    const ranked = await rerankHits(maker.context.reranking, { query, hits, degrades, signal })
    const passing = minScore === undefined ? ranked : ranked.filter(({ score = minScore }) => score >= minScore)
    return toPage(passing.slice(offset, offset + limit), undefined)
  }

  async #list(request: SearchRequest): Promise<SearchPage<SearchHit<T>>> {
    const { prefix, filter, limit, offset, cursor, signal } = request
    const place = decodeDocumentCursor(cursor, prefix) ?? { after: undefined, skip: offset }
    await this.#waitForWrites(request)
    const query = { ...place, limit, maxRead: Number.POSITIVE_INFINITY, selective: filter !== undefined }
    const { items, next } = await this.#reader.page(prefix, filter, query, signal)
    const hits = items.map((document) => ({ document }))
    return toPage(hits, next && (() => encodeDocumentCursor(next)))
  }

  /** Scored hits first; when there are no more, the documents that no query finds, if they are asked for. */
  async #page(
    maker: HitMaker<T>,
    request: SearchRequest,
    target: SearchTarget,
    place: SearchPlace | undefined,
  ): Promise<Found<T>> {
    const { limit, offset, appendsUnscored } = request
    const wanted = offset + limit
    const { index } = maker
    if (place !== undefined && 'unscored' in place)
      return this.#unscored(index, request, target, place.unscored, wanted, [])

    const { hits, next } =
      target.mode === 'hybrid'
        ? await this.#hybrid(maker, request, target, wanted, place)
        : await this.#nearest(maker, request, target, wanted, place)
    if (hits.length === wanted) return { hits, next: next ?? (appendsUnscored ? { unscored: undefined } : undefined) }
    if (!appendsUnscored) return { hits }
    const rest = await this.#unscored(index, request, target, undefined, wanted - hits.length, hits)
    return { hits: [...hits, ...rest.hits], next: rest.next }
  }

  /** By one leg. */
  async #nearest(
    maker: HitMaker<T>,
    { prefix, filter, minScore, signal }: SearchRequest,
    target: Exclude<SearchTarget, HybridTarget>,
    wanted: number,
    place: SearchPlace | undefined,
  ): Promise<Found<T>> {
    const before = place !== undefined && 'scored' in place ? place.scored : undefined
    const query = { prefix, filter, minScore }
    const leg =
      target.mode === 'keyword'
        ? this.#termLeg(maker.index, target.query, query, signal)
        : vectorLeg(maker.index, await this.#vectorOf(maker.index, target, signal), query, signal)
    const found = await findNearest(maker, { leg, filter, wanted, place: before, signal })
    const scored = found.hits.slice(0, wanted)
    const hits = scored.map(({ hit }) => hit)
    const hasMore = scored.length === wanted && (found.more || found.hits.length > wanted)
    return { hits, next: hasMore ? { scored: behind(scored, before) } : undefined }
  }

  /** By both legs, side by side. */
  async #hybrid(
    maker: HitMaker<T>,
    { prefix, filter, minScore, signal: asked }: SearchRequest,
    { query: text, vector: given, weights, degrades }: HybridTarget,
    wanted: number,
    place: SearchPlace | undefined,
  ): Promise<Found<T>> {
    const { index } = maker
    const query = { prefix, filter }
    const ending = new AbortController()
    const signal = asked === undefined ? ending.signal : AbortSignal.any([asked, ending.signal])
    const embed = async (): Promise<Leg | undefined> => {
      const vector =
        given ??
        (degrades
          ? await this.#vectors.tryVectorOf(index, text, signal)
          : await this.#vectors.vectorOf(index, text, signal))
      return vector && vectorLeg(index, vector, query, signal)
    }
    const found = await findHybrid(maker, {
      vector: embed(),
      keyword: this.#termLeg(index, text, query, signal),
      weights,
      filter,
      minScore,
      wanted,
      place: place !== undefined && 'fused' in place ? place.fused : undefined,
      signal,
      abort: (reason) => ending.abort(reason),
    })
    return { hits: [...found.hits], next: found.next && { fused: found.next } }
  }

  #vectorOf(
    index: IndexContext,
    target: Extract<SearchTarget, { readonly mode: 'vector' }>,
    signal: AbortSignal | undefined,
  ): MaybePromise<Float32Array> {
    return target.vector ?? this.#vectors.vectorOf(index, target.query, signal)
  }

  #termLeg(index: IndexContext, query: string, asked: LegQuery, signal: AbortSignal | undefined): Leg {
    return termLeg(index, index.keywords?.maker.makeQuery(query) ?? NO_TERMS, asked, signal)
  }

  /** Documents that no query finds, in order of namespace and key; none that is among the `scored` hits. */
  async #unscored(
    index: IndexContext,
    { prefix, filter, signal }: SearchRequest,
    { mode }: SearchTarget,
    place: Extract<SearchPlace, { readonly unscored: unknown }>['unscored'],
    limit: number,
    scored: readonly SearchHit<T>[],
  ): Promise<Found<T>> {
    const known = new Set(scored.map(({ document }) => refId(document)))
    const query = {
      after: place?.after,
      skip: place?.skip ?? 0,
      limit,
      maxRead: Number.POSITIVE_INFINITY,
      selective: true,
    }
    const { items, next } = await this.#reader.page(prefix, filter, query, signal, async (rows) => {
      const unfindable = await cannotBeFound(index, rows, mode, signal)
      return rows.map((row, i) => unfindable[i] === true && !known.has(refId(row)))
    })
    return { hits: items.map((document) => ({ document })), next: next === undefined ? undefined : { unscored: next } }
  }

  async #waitForWrites({ after, signal }: SearchRequest): Promise<void> {
    if (after.length === 0) return
    // Without a flush this would wait for ever.
    if (after.some(waitsForFlush)) {
      throw invalid('options.after', 'receipts of writes that are flushed, where they were made with sync: manual')
    }
    await raceAbort(Promise.all(after.map(({ indexed }) => indexed)), signal)
  }
}

/** Where the page behind these hits begins. */
function behind<T extends object>(hits: readonly RankedHit<T>[], before: ScoredPlace | undefined): ScoredPlace {
  const { score, rank } = hits.at(-1) as RankedHit<T>
  const same = hits.filter((each) => each.score === score).map(({ hit }) => hashOf(hit.document))
  return { score, rank, given: before?.score === score ? [...before.given, ...same] : same }
}

/**
 * An array that also has a cursor. Not enumerable, so that the array compares and prints like any other. Most searches
 * want no second page, and a cursor takes longer to make than to leave: it is made when it is read.
 */
function toPage<Hit>(hits: Hit[], makeCursor: (() => string) | undefined): SearchPage<Hit> {
  if (makeCursor === undefined) return hits
  let made: string | undefined
  return Object.defineProperty(hits, 'cursor', {
    get: () => {
      made ??= makeCursor()
      return made
    },
  })
}
