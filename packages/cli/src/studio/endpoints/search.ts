import {
  type Namespace,
  type ScoredHit,
  type ScoredSearchOptions,
  type SearchMode,
  type Store,
  StoreError,
} from '@tandemstore/core'
import { openStore } from '../../source/open-store.js'
import type { Hit, SearchAnswer } from '../api-types.js'
import type { Studio } from '../studio.js'
import { type Endpoint, headOf } from './endpoint.js'

type Query = Pick<ScoredSearchOptions, 'mode' | 'filter' | 'limit' | 'minScore'> & { readonly query: string }

/** The documents nearest to a query, in the space that is open or in another one. */
export const search: Endpoint = {
  takes: ['prefix', 'query', 'mode', 'filter', 'limit', 'minScore', 'space'],
  async run(studio, input, signal): Promise<SearchAnswer> {
    const prefix = input.namespace('prefix')
    const query: Query = {
      query: input.text('query'),
      mode: input.optionalText('mode') as SearchMode | undefined,
      filter: input.filter('filter'),
      limit: input.optionalNumber('limit'),
      minScore: input.optionalNumber('minScore'),
    }
    const space = input.optionalText('space')
    if (space !== undefined) return searchOther(studio, space, { prefix, query }, signal)
    const { store, modes, noSearch } = studio
    const mode = query.mode ?? modes[0]
    // The store tells of modes that it does not have at all.
    if (noSearch !== undefined && (mode === undefined || !modes.includes(mode)))
      throw new StoreError('NOT_SUPPORTED', noSearch)
    return searchIn(store, prefix, { ...query, mode }, signal)
  },
}

/**
 * Searches the space of another model. It is opened for this search only: while a store is open on a space, writers
 * leave its old vectors to that store.
 */
async function searchOther(
  { place, flags }: Studio,
  space: string,
  { prefix, query }: { readonly prefix: Namespace; readonly query: Query },
  signal: AbortSignal,
): Promise<SearchAnswer> {
  const { configured: _, ...anyModel } = place
  await using opened = await openStore(anyModel, { flags: { ...flags, space }, index: 'model' })
  return await searchIn(opened.store, prefix, query, signal)
}

async function searchIn(store: Store, prefix: Namespace, query: Query, signal: AbortSignal): Promise<SearchAnswer> {
  const startedAt = performance.now()
  const hits = await store.search(prefix, { ...query, signal })
  const latencyMs = performance.now() - startedAt
  return {
    hits: hits.map(toHit),
    mode: query.mode ?? (store.capabilities.modes[0] as SearchMode),
    degraded: hits.some((hit) => hit.degraded !== undefined),
    latencyMs,
  }
}

function toHit({ document, score, scores, matched: { field, part, text }, stale }: ScoredHit): Hit {
  return { ...headOf(document), score, scores, field, part, text, ...(stale === undefined ? {} : { stale }) }
}
