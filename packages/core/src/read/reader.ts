import { checkBoolean, checkInteger, checkOptions } from '../api/arguments.js'
import type { Document, GetOptions } from '../api/documents.js'
import type { ListOptions, NamespacesOptions, Page } from '../api/queries.js'
import { matchesFilter, parseFilter } from '../document/filter.js'
import { checkPrefix, toRef } from '../document/namespace.js'
import { filterValues } from '../document/paths.js'
import { liveRow, toDocument } from '../document/row.js'
import { parseValue } from '../document/value.js'
import { invalid } from '../errors.js'
import type { StoreContext } from '../open/context.js'
import type { DocumentRef, Namespace } from '../ports/common.js'
import type { DocumentRow } from '../ports/kv-records.js'
import type { Filter } from '../ports/vector-records.js'
import { decodeDocumentCursor, decodeNamespaceCursor, encodeCursor } from './cursor.js'
import { refreshTtl } from './refresh-ttl.js'

export const MAX_LIMIT = 1000
/** Rows read for one page at the most (a filter may pass few of them); the cursor goes on from there. */
const MAX_SCANNED = 5000

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
    checkOptions(options, ['filter', 'limit', 'cursor', 'signal'])
    checkPrefix(prefix)
    const { limit = 100, signal } = options
    checkInteger(limit, 'options.limit', 1, MAX_LIMIT)
    const filter = parseFilter(options.filter, this.#context.filterable)
    let after = decodeDocumentCursor(options.cursor, prefix)
    const items: Document<T>[] = []
    for (let scanned = 0; ; ) {
      const page = await this.#context.kv.list({ prefix, after, limit: limit - items.length }, { signal })
      const now = Date.now()
      for (const row of page.rows) {
        if (liveRow(row, now) !== undefined && this.passes(row, filter)) items.push(this.#toDocument(row))
      }
      scanned += page.rows.length
      after = page.next
      if (after === undefined) return { items }
      if (items.length >= limit || scanned >= MAX_SCANNED)
        return { items, cursor: encodeCursor([after.namespace, after.key]) }
    }
  }

  async namespaces(options: NamespacesOptions = {}): Promise<Page<Namespace>> {
    checkOptions(options, ['prefix', 'suffix', 'maxDepth', 'limit', 'cursor', 'signal'])
    const { prefix = [], suffix = [], maxDepth, limit = 100, signal } = options
    checkPrefix(prefix, 'options.prefix')
    checkPrefix(suffix, 'options.suffix')
    if (maxDepth !== undefined) checkInteger(maxDepth, 'options.maxDepth', 1, 16)
    checkInteger(limit, 'options.limit', 1, MAX_LIMIT)
    let after = decodeNamespaceCursor(options.cursor, prefix)
    // A suffix is of the whole namespace, so that cutting has to wait until it has been looked at.
    const depthInDatabase = suffix.length === 0 ? maxDepth : undefined
    const items: Namespace[] = []
    for (let scanned = 0; ; ) {
      const query = { prefix, after, limit: limit - items.length, now: Date.now(), maxDepth: depthInDatabase }
      const page = await this.#context.kv.namespaces(query, { signal })
      for (const namespace of page.namespaces) {
        if (!endsWith(namespace, suffix)) continue
        const cut = namespace.slice(0, maxDepth)
        const last = items.at(-1)
        if (last === undefined || cut.length !== last.length || cut.some((label, i) => label !== last[i]))
          items.push(cut)
      }
      scanned += page.namespaces.length
      after = page.next
      if (after === undefined) return { items }
      if (items.length >= limit || scanned >= MAX_SCANNED) return { items, cursor: encodeCursor([after]) }
    }
  }

  /** Whether a row satisfies a filter. */
  passes(row: DocumentRow, filter: Filter | undefined): boolean {
    return filter === undefined || matchesFilter(filter, filterValues(parseValue(row.value), this.#context.filterable))
  }

  async #read(refs: readonly DocumentRef[], options: GetOptions): Promise<(Document<T> | undefined)[]> {
    checkBoolean(options.refreshTtl, 'options.refreshTtl')
    const { kv, counters, refreshTtlOnRead } = this.#context
    const rows = await kv.get(refs, { signal: options.signal })
    counters.read += refs.length
    const now = Date.now()
    const live = rows.map((row) => liveRow(row, now))
    if (options.refreshTtl ?? refreshTtlOnRead) await refreshTtl(this.#context, live, now)
    return live.map((row) => (row === undefined ? undefined : this.#toDocument(row)))
  }

  #toDocument(row: DocumentRow): Document<T> {
    this.#context.clock.witness(row.version)
    return toDocument<T>(row)
  }
}

function endsWith(namespace: Namespace, suffix: Namespace): boolean {
  const from = namespace.length - suffix.length
  return from >= 0 && suffix.every((label, i) => label === namespace[from + i])
}
