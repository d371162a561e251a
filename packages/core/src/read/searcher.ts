import type { SearchHit, SearchOptions, SearchPage } from '../api/queries.js'
import { refId } from '../document/namespace.js'
import { invalid } from '../errors.js'
import type { IndexContext, StoreContext } from '../open/context.js'
import type { Namespace } from '../ports/common.js'
import { checkAborted, raceAbort } from '../resilience/abort.js'
import { waitsForFlush } from '../write/receipt.js'
import { decodeDocumentCursor, encodeDocumentCursor } from './cursor.js'
import { findNearest, type RankedHit } from './nearest.js'
import type { Reader } from './reader.js'
import { checkSearch, fingerprintOf, type SearchRequest } from './search-arguments.js'
import { decodeSearchCursor, encodeSearchCursor, hashOf, type ScoredPlace, type SearchPlace } from './search-cursor.js'
import { haveNoPoints } from './unscored.js'

/** Searches by query or vector; with neither, lists. */
export class Searcher<T extends object> {
  readonly #context: StoreContext
  readonly #reader: Reader<T>

  constructor(context: StoreContext, reader: Reader<T>) {
    this.#context = context
    this.#reader = reader
  }

  async search(prefix: Namespace, options: SearchOptions<T> = {}): Promise<SearchPage<SearchHit<T>>> {
    const { index, filterable } = this.#context
    const request = checkSearch(prefix, options, filterable, index)
    checkAborted(request.signal)
    if (index === undefined || request.target === undefined) return this.#list(request)

    const { cursor } = request
    const fingerprint = (): string => fingerprintOf(request, index.record.name)
    const place = cursor === undefined ? undefined : decodeSearchCursor(cursor, fingerprint(), request.prefix)
    await this.#waitForWrites(request)
    const { hits, next } = await this.#page(index, request, request.target, place)
    return toPage(hits, next === undefined ? undefined : encodeSearchCursor(next, fingerprint()))
  }

  async #list(request: SearchRequest): Promise<SearchPage<SearchHit<T>>> {
    const { prefix, filter, limit, offset, cursor, signal } = request
    const place = decodeDocumentCursor(cursor, prefix) ?? { after: undefined, skip: offset }
    await this.#waitForWrites(request)
    const query = { ...place, limit, maxRead: Number.POSITIVE_INFINITY, selective: filter !== undefined }
    const { items, next } = await this.#reader.page(prefix, filter, query, signal)
    const hits = items.map((document) => ({ document }))
    return toPage(hits, next === undefined ? undefined : encodeDocumentCursor(next))
  }

  /** Scored hits first; when there are no more, the documents without points, if they are asked for. */
  async #page(
    index: IndexContext,
    request: SearchRequest,
    target: string | Float32Array,
    place: SearchPlace | undefined,
  ): Promise<{ readonly hits: SearchHit<T>[]; readonly next?: SearchPlace | undefined }> {
    const { limit, offset, appendsUnscored } = request
    const wanted = offset + limit
    if (place !== undefined && 'unscored' in place) return this.#unscored(index, request, place.unscored, wanted, [])

    const before = place?.scored
    const vector = typeof target === 'string' ? await this.#embed(index, target, request.signal) : target
    const { prefix, filter, minScore, signal } = request
    const query = { vector, prefix, filter, minScore }
    const found = await findNearest(this.#context, index, this.#reader, query, { wanted, place: before, signal })
    const scored = found.hits.slice(0, wanted)
    const hits = scored.map(({ hit }) => hit)
    if (scored.length === wanted) {
      const hasMore = found.more || found.hits.length > wanted
      const next = hasMore ? { scored: behind(scored, before) } : appendsUnscored ? { unscored: undefined } : undefined
      return { hits: hits.slice(offset), next }
    }
    if (!appendsUnscored) return { hits: hits.slice(offset) }
    const rest = await this.#unscored(index, request, undefined, wanted - hits.length, hits)
    return { hits: [...hits, ...rest.hits].slice(offset), next: rest.next }
  }

  /** Documents without points, in order of namespace and key; none that is among the `scored` hits. */
  async #unscored(
    index: IndexContext,
    { prefix, filter, signal }: SearchRequest,
    place: Extract<SearchPlace, { readonly unscored: unknown }>['unscored'],
    limit: number,
    scored: readonly SearchHit<T>[],
  ): Promise<{ readonly hits: SearchHit<T>[]; readonly next?: SearchPlace | undefined }> {
    const known = new Set(scored.map(({ document }) => refId(document)))
    const query = {
      after: place?.after,
      skip: place?.skip ?? 0,
      limit,
      maxRead: Number.POSITIVE_INFINITY,
      selective: true,
    }
    const { items, next } = await this.#reader.page(prefix, filter, query, signal, async (rows) => {
      const pointless = await haveNoPoints(index, rows, signal)
      return rows.map((row, i) => pointless[i] === true && !known.has(refId(row)))
    })
    return { hits: items.map((document) => ({ document })), next: next === undefined ? undefined : { unscored: next } }
  }

  /** Closing the store withdraws it, too: nothing that is under way may hold up `close`. */
  async #embed(index: IndexContext, query: string, signal: AbortSignal | undefined): Promise<Float32Array> {
    const ends = signal === undefined ? this.#context.signal : AbortSignal.any([signal, this.#context.signal])
    return index.pipeline.embed(await index.points.fitQuery(query), 'query', { signal: ends })
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

/** An array that also has a cursor. Not enumerable, so that the array compares and prints like any other. */
function toPage<Hit>(hits: Hit[], cursor: string | undefined): SearchPage<Hit> {
  return cursor === undefined ? hits : Object.defineProperty(hits, 'cursor', { value: cursor })
}
