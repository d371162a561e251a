import { checkBoolean, checkInteger, checkOptions } from '../api/arguments.js'
import type { Document, GetOptions } from '../api/documents.js'
import type { CountOptions, ListOptions, Page } from '../api/queries.js'
import { matchesFilter, parseFilter } from '../document/filter.js'
import { filterValues } from '../document/filter-values.js'
import { checkPrefix, toRef } from '../document/namespace.js'
import { liveRow, readValue, storedValue, toDocument } from '../document/row.js'
import { invalid } from '../errors.js'
import type { StoreContext } from '../open/context.js'
import type { DocumentRef, Namespace } from '../ports/common.js'
import type { DocumentRow } from '../ports/kv-records.js'
import type { Filter } from '../ports/vector-records.js'
import { Turns } from '../resilience/steps.js'
import { checkCursorAlone, decodeDocumentCursor, encodeDocumentCursor } from './cursor.js'
import { type PageQuery, type PageResult, readPage } from './page.js'
import { refreshTtl } from './refresh-ttl.js'
import { rowPages } from './row-pages.js'

export const MAX_LIMIT = 1000
/** Rows read for one page of a list; a filter may pass few of them, and the cursor goes on from there. */
export const MAX_READ = 5000

/** Reads documents from the KV. */
export class Reader<T extends object> {
  readonly #context: StoreContext

  constructor(context: StoreContext) {
    this.#context = context
  }

  async get(namespace: Namespace, key: string, options: GetOptions = {}): Promise<Document<T> | undefined> {
    checkOptions(options, ['refreshTtl', 'signal'])
    const [document] = await this.#read([toRef(namespace, key)], options)
    return document
  }

  async getMany(refs: readonly DocumentRef[], options: GetOptions = {}): Promise<(Document<T> | undefined)[]> {
    checkOptions(options, ['refreshTtl', 'signal'])
    if (!Array.isArray(refs)) throw invalid('refs', 'an array of namespace and key')
    return this.#read(
      refs.map((ref, i) => toRef(ref?.namespace, ref?.key, `refs[${i}].`)),
      options,
    )
  }

  async list(prefix: Namespace, options: ListOptions<T> = {}): Promise<Page<Document<T>>> {
    checkOptions(options, ['filter', 'limit', 'offset', 'cursor', 'signal'])
    checkPrefix(prefix)
    const { limit = 100, offset = 0, cursor, signal } = options
    checkInteger(limit, 'options.limit', 1, MAX_LIMIT)
    checkInteger(offset, 'options.offset', 0, Number.MAX_SAFE_INTEGER)
    checkCursorAlone(cursor, offset)
    const filter = parseFilter(options.filter, this.#context.filterable)
    const place = decodeDocumentCursor(cursor, prefix) ?? { after: undefined, skip: offset }
    const query = { ...place, limit, maxRead: MAX_READ, selective: filter !== undefined }
    const { items, next } = await this.page([...prefix], filter, query, signal)
    return next === undefined ? { items } : { items, cursor: encodeDocumentCursor(next) }
  }

  /** How many documents there are, as `list` gives them: every value is read. */
  async count(prefix: Namespace, options: CountOptions<T> = {}): Promise<number> {
    checkOptions(options, ['filter', 'signal'])
    checkPrefix(prefix)
    const filter = parseFilter(options.filter, this.#context.filterable)
    let count = 0
    for await (const rows of rowPages(this.#context.kv, [...prefix], options.signal)) {
      const documents = await this.#pick(rows, filter)
      count += documents.filter((each) => each !== undefined).length
    }
    return count
  }

  /**
   * One page of the documents under a prefix that pass a filter, in order. With `choose`, only those that it takes.
   */
  page(
    prefix: Namespace,
    filter: Filter | undefined,
    query: PageQuery<DocumentRef>,
    signal: AbortSignal | undefined,
    choose?: (rows: readonly DocumentRow[]) => Promise<readonly boolean[]>,
  ): Promise<PageResult<DocumentRef, Document<T>>> {
    return readPage<DocumentRow, DocumentRef, Document<T>>(
      {
        read: async (after, limit) => {
          const { rows, next } = await this.#context.kv.list({ prefix, after, limit }, { signal })
          return { entries: rows, next }
        },
        placeOf: ({ namespace, key }) => ({ namespace, key }),
        pick: async (rows) => {
          const documents = await this.#pick(rows, filter)
          if (choose === undefined) return documents
          const passing = rows.filter((_, i) => documents[i] !== undefined)
          const chosen = await choose(passing)
          const left = new Set(passing.filter((_, i) => chosen[i]))
          return documents.map((document, i) => (left.has(rows[i] as DocumentRow) ? document : undefined))
        },
      },
      query,
    )
  }

  /** The document of a row; `undefined` if it does not pass the filter, or is damaged, which is told. */
  toPassing(row: DocumentRow, filter: Filter | undefined): Document<T> | undefined {
    const { clock, events, filterable } = this.#context
    clock.witness(row.version)
    const value = readValue(row)
    if (value === undefined) {
      events.emit('damaged', { namespace: row.namespace, key: row.key })
      return undefined
    }
    if (filter !== undefined && !matchesFilter(filter, filterValues(value, filterable))) return undefined
    return toDocument<T>(row, value)
  }

  /** The documents of those rows that live and pass the filter. */
  async #pick(rows: readonly DocumentRow[], filter: Filter | undefined): Promise<(Document<T> | undefined)[]> {
    const now = Date.now()
    const turns = new Turns()
    const documents: (Document<T> | undefined)[] = []
    for (const row of rows) {
      if (turns.isOver) await turns.next()
      documents.push(liveRow(row, now) === undefined ? undefined : this.toPassing(row, filter))
    }
    return documents
  }

  async #read(refs: readonly DocumentRef[], options: GetOptions): Promise<(Document<T> | undefined)[]> {
    checkBoolean(options.refreshTtl, 'options.refreshTtl')
    const { clock, kv, counters, refreshTtlOnRead } = this.#context
    const rows = await kv.get(refs, { signal: options.signal })
    counters.read += refs.length
    const now = Date.now()
    const live = rows.map((row) => liveRow(row, now))
    if (options.refreshTtl ?? refreshTtlOnRead) await refreshTtl(this.#context, live, now)
    return live.map((row) => {
      if (row === undefined) return undefined
      clock.witness(row.version)
      return toDocument<T>(row, storedValue(row))
    })
  }
}
