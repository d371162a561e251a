import type { SearchItem } from '@langchain/langgraph-checkpoint'
import type { Document, SearchHit, Store } from '@tandemstore/core'
import { refId, StoreError } from '@tandemstore/core/adapter'
import { type CompiledFilter, compileFilter } from './filter.js'
import { toItem } from './item.js'
import type { Search } from './operations.js'
import type { Settings } from './options.js'
import { repairText } from './value.js'

/** How many documents a Tandem store ranks for one search. */
const MAX_RANKED = 1000
/** Documents read at a time where it is not known how many of them are wanted. */
const PAGE = 200
/** And where it is: as many as a Tandem store gives. */
const MAX_PAGE = 1000

type Found = Pick<SearchHit, 'document'> & { readonly score?: number }

/** Searches by query, or lists where there is none. */
export async function search(store: Store, settings: Settings, operation: Search): Promise<SearchItem[]> {
  const { namespacePrefix, limit = 10, offset = 0, query } = operation
  const filter = compileFilter(operation.filter, settings.dates)
  if (limit === 0) return []
  const wanted = offset + limit
  const text = typeof query === 'string' ? repairText(query) : ''
  const found = text.trim() === '' ? undefined : await rank(store, settings, namespacePrefix, text, filter, wanted)
  const page = (found ?? (await list(store, namespacePrefix, filter, wanted))).slice(offset)
  await refreshTtl(store, operation.refreshTTL ?? settings.refreshOnRead, page)
  return page.map(({ document, score }) => ({
    ...toItem(document),
    ...(score === undefined ? {} : { score }),
  }))
}

/** The first `wanted` by similarity; `undefined` where the store has no vectors. */
async function rank(
  store: Store,
  settings: Settings,
  prefix: readonly string[],
  query: string,
  filter: CompiledFilter,
  wanted: number,
): Promise<Found[] | undefined> {
  const { narrowed } = filter
  for (let limit = Math.min(wanted, MAX_RANKED); ; limit = Math.min(limit * 4, MAX_RANKED)) {
    let ranked: readonly Found[]
    try {
      ranked = await store.search(prefix, { query, limit, ...(narrowed === undefined ? {} : { filter: narrowed }) })
    } catch (error) {
      // InMemoryStore without an index does so as well.
      if (StoreError.isInstance(error) && error.code === 'NOT_SUPPORTED') return undefined
      throw error
    }
    const found = ranked.filter(({ document }) => filter.matches(document.value))
    const isAll = ranked.length < limit
    if (found.length >= wanted) return found.slice(0, wanted)
    if (isAll && settings.appendUnindexed) {
      const scored = new Set(ranked.map(({ document }) => refId(document)))
      return [...found, ...(await list(store, prefix, filter, wanted - found.length, scored))]
    }
    if (isAll || limit === MAX_RANKED) return found
  }
}

/** The first `wanted` in the order of namespace and key, without those in `except`. */
async function list(
  store: Store,
  prefix: readonly string[],
  filter: CompiledFilter,
  wanted: number,
  except: ReadonlySet<string> = new Set(),
): Promise<Found[]> {
  const found: Found[] = []
  let cursor: string | undefined
  do {
    const areAllWanted = filter.isEmpty && except.size === 0
    const limit = areAllWanted ? Math.min(wanted - found.length, MAX_PAGE) : PAGE
    const page = await store.list(prefix, { limit, ...(cursor === undefined ? {} : { cursor }) })
    for (const document of page.items) {
      if (filter.matches(document.value) && !except.has(refId(document))) found.push({ document })
    }
    cursor = page.cursor
  } while (cursor !== undefined && found.length < wanted)
  return found.slice(0, wanted)
}

async function refreshTtl(store: Store, wanted: boolean, found: readonly Found[]): Promise<void> {
  if (!wanted) return
  const mortal = found.filter(({ document }) => document.expiresAt !== undefined)
  if (mortal.length > 0) await store.getMany(mortal.map(refOf), { refreshTtl: true })
}

function refOf({ document: { namespace, key } }: Found): Pick<Document, 'namespace' | 'key'> {
  return { namespace, key }
}
