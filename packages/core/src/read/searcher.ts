import { checkInteger, checkOptions } from '../api/arguments.js'
import type { Receipt } from '../api/documents.js'
import type { SearchHit, SearchOptions } from '../api/queries.js'
import { parseFilter } from '../document/filter.js'
import { checkPrefix, refId } from '../document/namespace.js'
import { liveRow, toDocument } from '../document/row.js'
import { invalid, StoreError } from '../errors.js'
import type { IndexContext, StoreContext } from '../open/context.js'
import type { Waiter } from '../outbox/entry.js'
import type { DocumentRef, Namespace } from '../ports/common.js'
import type { DocumentRow } from '../ports/kv-records.js'
import type { VectorMatch } from '../ports/vector-index.js'
import type { Filter } from '../ports/vector-records.js'
import { checkAborted, raceAbort } from '../resilience/abort.js'
import { waitsForFlush } from '../write/receipt.js'
import { MAX_LIMIT, type Reader } from './reader.js'

const searchOptions = ['query', 'vector', 'filter', 'limit', 'offset', 'minScore', 'after', 'signal']

/** Query to documents: embed, let the index filter while it searches, read the documents, drop what is gone, ask for more. */
export class Searcher<T extends object> {
  readonly #context: StoreContext
  readonly #reader: Reader<T>

  constructor(context: StoreContext, reader: Reader<T>) {
    this.#context = context
    this.#reader = reader
  }

  async search(prefix: Namespace, options: SearchOptions<T> = {}): Promise<SearchHit<T>[]> {
    checkOptions(options, searchOptions)
    checkPrefix(prefix)
    const { query, vector, limit = 10, offset = 0, minScore, signal } = options
    checkInteger(limit, 'options.limit', 1, MAX_LIMIT)
    checkInteger(offset, 'options.offset', 0, MAX_LIMIT - 1)
    if (offset + limit > MAX_LIMIT) throw invalid('options.offset', `at most ${MAX_LIMIT} together with the limit`)
    if (minScore !== undefined && !Number.isFinite(minScore)) throw invalid('options.minScore', 'a finite number')
    if (query !== undefined && vector !== undefined) throw invalid('options.vector', 'no query beside it')
    const filter = parseFilter(options.filter, this.#context.filterable)
    const receipts = receiptsOf(options.after)
    checkAborted(signal)
    if (query === undefined && vector === undefined) {
      if (minScore !== undefined) throw invalid('options.minScore', 'a query or a vector beside it')
      await this.#waitFor(receipts, signal)
      return this.#listed(prefix, options, limit, offset)
    }
    const { index } = this.#context
    if (index === undefined)
      throw new StoreError(
        'NOT_SUPPORTED',
        'This store has no vectors and embedder, so that it cannot search by query or vector',
      )
    const checked = vector === undefined ? checkQuery(query) : checkVector(vector, index.dimensions)
    await this.#waitFor(receipts, signal)
    const target = typeof checked === 'string' ? await this.#embed(index, checked, signal) : checked
    const found = await this.#find(
      index,
      { vector: target, prefix: [...prefix], filter, minScore },
      offset + limit,
      signal,
    )
    return found.slice(offset)
  }

  /** The store's own end withdraws it, too: nothing that is under way may hold up `close`. */
  async #embed(index: IndexContext, query: string, signal: AbortSignal | undefined): Promise<Float32Array> {
    const ends = signal === undefined ? this.#context.signal : AbortSignal.any([signal, this.#context.signal])
    return index.pipeline.embed(index.points.fitQuery(query), 'query', { signal: ends })
  }

  async #find(
    index: IndexContext,
    query: {
      readonly vector: Float32Array
      readonly prefix: Namespace
      readonly filter: Filter | undefined
      readonly minScore: number | undefined
    },
    wanted: number,
    signal: AbortSignal | undefined,
  ): Promise<SearchHit<T>[]> {
    const { kv, counters } = this.#context
    const hits: SearchHit<T>[] = []
    const seen: DocumentRef[] = []
    const gone: VectorMatch[] = []
    for (;;) {
      const limit = Math.min(wanted - hits.length, index.adapter.limits.maxQueryLimit)
      const { matches, more } = await index.space.query({ ...query, limit, now: Date.now(), exclude: seen }, { signal })
      const rows = await counters.phases.hydrate.measure(() => kv.get(matches, { signal }))
      const now = Date.now()
      matches.forEach((match, i) => {
        const row = liveRow(rows[i], now)
        if (row === undefined) {
          if (rows[i] === undefined) gone.push(match)
          return
        }
        const hit = this.#hit(match, row, query.filter)
        if (hit !== undefined) hits.push(hit)
      })
      if (!more || hits.length >= wanted || matches.length === 0) break
      for (const { namespace, key } of matches) seen.push({ namespace, key })
      if (seen.length >= index.adapter.limits.maxQueryLimit) break
    }
    this.#mend(index, gone)
    return hits
  }

  /** A match as a hit; none if the document has changed, or was not compared with the filter, and does not pass it. */
  #hit(match: VectorMatch, row: DocumentRow, filter: Filter | undefined): SearchHit<T> | undefined {
    this.#context.clock.witness(row.version)
    const { score, field, part } = match
    const hit = { document: toDocument<T>(row), score, matched: { field, part } }
    const isStale = row.version !== match.version
    if ((isStale || match.unchecked === true) && !this.#reader.passes(row, filter)) return undefined
    return isStale ? { ...hit, stale: true } : hit
  }

  /** Points of documents that are gone are deleted, up to the version that was seen. */
  #mend(index: IndexContext, gone: readonly VectorMatch[]): void {
    const left = gone.filter((match) => !index.indexer.isBusy(refId(match)))
    if (left.length === 0) return
    this.#context.events.emit('orphansFound', { documents: left.length })
    const entries = left.map(({ namespace, key, version }) =>
      this.#context.outbox.accept({
        ref: { namespace, key },
        version,
        intents: [],
        spaces: [index.record.name],
        searched: index.record.name,
        origin: 'repair',
        isConfirmed: true,
        waiter: unheard,
      }),
    )
    index.indexer.project(entries.map((entry) => ({ entry, mayHavePoints: true })))
  }

  async #listed(prefix: Namespace, options: SearchOptions<T>, limit: number, offset: number): Promise<SearchHit<T>[]> {
    const hits: SearchHit<T>[] = []
    let cursor: string | undefined
    do {
      const page = await this.#reader.list(prefix, {
        filter: options.filter,
        limit: offset + limit - hits.length,
        cursor,
        signal: options.signal,
      })
      for (const document of page.items) hits.push({ document })
      cursor = page.cursor
    } while (cursor !== undefined && hits.length < offset + limit)
    return hits.slice(offset)
  }

  async #waitFor(receipts: readonly Receipt[], signal: AbortSignal | undefined): Promise<void> {
    if (receipts.length === 0) return
    // Without a flush this would wait for ever.
    if (receipts.some(waitsForFlush)) {
      throw invalid('options.after', 'receipts of writes that are flushed, where they were made with sync: manual')
    }
    await raceAbort(Promise.all(receipts.map(({ indexed }) => indexed)), signal)
  }
}

/** A repair that fails is made by the next search that meets the points. */
const unheard: Waiter = { isAwaited: false, reportsFailure: true, settled: () => {} }

function receiptsOf(after: SearchOptions['after']): readonly Receipt[] {
  if (after === undefined) return []
  const receipts = Array.isArray(after) ? after : [after]
  for (const receipt of receipts) {
    if (!(receipt?.indexed instanceof Promise))
      throw invalid('options.after', 'a receipt of put or delete, or a list of them')
  }
  return receipts
}

function checkQuery(query: unknown): string {
  if (typeof query !== 'string' || query.trim() === '') throw invalid('options.query', 'a text that is not empty')
  if (!query.isWellFormed() || query.includes('\0')) throw invalid('options.query', 'well-formed Unicode without NUL')
  return query
}

function checkVector(vector: Float32Array | readonly number[], dimensions: number): Float32Array {
  const isList = vector instanceof Float32Array || Array.isArray(vector)
  if (!isList || vector.length !== dimensions)
    throw invalid('options.vector', `${dimensions} numbers${isList ? `, not ${vector.length}` : ''}`)
  const floats = new Float32Array(vector)
  for (const each of floats) if (!Number.isFinite(each)) throw invalid('options.vector', 'finite numbers')
  return floats
}
