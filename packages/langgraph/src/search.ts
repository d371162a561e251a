import type { SearchItem } from '@langchain/langgraph-checkpoint'
import type { Document, SearchHit, Store } from '@tandemstore/core'
import { type CompiledFilter, compileFilter } from './filter.js'
import { toItem } from './item.js'
import type { Search } from './operations.js'
import type { Settings } from './options.js'
import { repairText } from './value.js'

/** Documents listed at a time where it is not known how many of them are wanted. */
const PAGE = 200
/** As many as a Tandem store gives at a time. */
const MAX_PAGE = 1000
/** Documents that the index lets through and the filter does not, before a search by query ends. */
const MAX_REFUSED = 10_000

type Found = Pick<SearchHit, 'document'> & { readonly score?: number }

/** Searches by query, or lists where there is none or the store has no vectors. */
export async function search(store: Store, settings: Settings, operation: Search): Promise<SearchItem[]> {
  const { namespacePrefix, limit = 10, offset = 0, query } = operation
  const filter = compileFilter(operation.filter, settings.dates)
  if (limit === 0) return []
  const wanted = offset + limit
  const text = typeof query === 'string' ? repairText(query) : ''
  // InMemoryStore without an index lists as well.
  const isRanked = text.trim() !== '' && store.capabilities.searchable
  const found = isRanked
    ? await rank(store, settings, namespacePrefix, text, filter, wanted)
    : await list(store, namespacePrefix, filter, wanted)
  const page = found.slice(offset)
  await refreshTtl(store, operation.refreshTTL ?? settings.refreshOnRead, page)
  return page.map(({ document, score }) => ({
    ...toItem(document),
    ...(score === undefined ? {} : { score }),
  }))
}

/** The first `wanted` by similarity. */
async function rank(
  store: Store,
  settings: Settings,
  prefix: readonly string[],
  query: string,
  { narrowed, matches }: CompiledFilter,
  wanted: number,
): Promise<Found[]> {
  const unscored = settings.appendUnindexed ? ('append' as const) : ('omit' as const)
  const request = { query, unscored, ...(narrowed === undefined ? {} : { filter: narrowed }) }
  const found: Found[] = []
  let cursor: string | undefined
  let refused = 0
  do {
    // Where some were refused, more will be.
    const limit = refused === 0 ? Math.min(wanted - found.length, MAX_PAGE) : MAX_PAGE
    const page = await store.search(prefix, { ...request, limit, ...(cursor === undefined ? {} : { cursor }) })
    const passing = page.filter(({ document }) => matches(document.value))
    found.push(...passing)
    refused += page.length - passing.length
    cursor = page.cursor
  } while (cursor !== undefined && found.length < wanted && refused <= MAX_REFUSED)
  return found.slice(0, wanted)
}

/** The first `wanted` in the order of namespace and key. */
async function list(store: Store, prefix: readonly string[], filter: CompiledFilter, wanted: number): Promise<Found[]> {
  const found: Found[] = []
  let cursor: string | undefined
  do {
    const limit = filter.isEmpty ? Math.min(wanted - found.length, MAX_PAGE) : PAGE
    const page = await store.list(prefix, { limit, ...(cursor === undefined ? {} : { cursor }) })
    for (const document of page.items) if (filter.matches(document.value)) found.push({ document })
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
