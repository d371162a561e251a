import { type DocumentPart, type Namespace, type ScoredHit, type Store, StoreError } from '@tandemstore/core'
import { invalid } from '@tandemstore/core/adapter'
import type { Filter } from '../../options.js'
import { openStore } from '../../source/open-store.js'
import type { Hit, Mode, SearchAnswer } from '../api-types.js'
import type { Studio } from '../studio.js'
import { type Endpoint, headOf } from './endpoint.js'
import { modesOf } from './search-modes.js'

interface Query {
  readonly prefix: Namespace
  readonly query: string
  readonly mode?: Mode | undefined
  readonly filter?: Filter | undefined
  readonly limit?: number | undefined
  readonly minScore?: number | undefined
}

/** The documents nearest to a query, in the space that is open or in another one. */
export const search: Endpoint = {
  takes: ['prefix', 'query', 'mode', 'filter', 'limit', 'minScore', 'space'],
  async run(studio, input, signal): Promise<SearchAnswer> {
    const query = {
      prefix: input.namespace('prefix'),
      query: input.text('query'),
      mode: input.optionalText('mode') as Mode | undefined,
      filter: input.filter('filter'),
      limit: input.optionalNumber('limit'),
      minScore: input.optionalNumber('minScore'),
    }
    const space = input.optionalText('space')
    if (space !== undefined) return searchOther(studio, space, query, signal)
    if (studio.noSearch !== undefined) throw new StoreError('NOT_SUPPORTED', studio.noSearch)
    return searchIn(studio.store, query, signal)
  },
}

/**
 * Searches the space of another model. It is opened for this search only: while a store is open on a space, writers
 * leave its old vectors to that store.
 */
async function searchOther(
  { place, flags }: Studio,
  space: string,
  query: Query,
  signal: AbortSignal,
): Promise<SearchAnswer> {
  const { configured: _, ...anyModel } = place
  await using opened = await openStore(anyModel, { flags: { ...flags, space }, index: 'model' })
  return await searchIn(opened.store, query, signal)
}

async function searchIn(store: Store, { prefix, mode, ...query }: Query, signal: AbortSignal): Promise<SearchAnswer> {
  const modes = modesOf(store)
  const chosen = mode ?? modes[0]
  if (chosen === undefined || !modes.includes(chosen)) throw invalid('mode', `one of ${modes.join(', ')}`)
  // A store that has one mode may not know the option.
  const options = modes.length === 1 ? query : { ...query, mode: chosen }
  const startedAt = performance.now()
  const hits = (await store.search(prefix, { ...options, signal })) as LegHit[]
  const latencyMs = performance.now() - startedAt
  const parts = await store.parts(
    hits.map(({ document: { namespace, key } }) => ({ namespace, key })),
    { signal },
  )
  return {
    hits: hits.map((hit, i) => toHit(hit, parts[i] ?? [], chosen)),
    mode: chosen,
    degraded: hits.some((hit) => hit.degraded !== undefined),
    latencyMs,
  }
}

type LegHit = ScoredHit & { readonly scores?: Hit['scores']; readonly degraded?: 'keyword' }

function toHit(hit: LegHit, parts: readonly DocumentPart[], mode: Mode): Hit {
  const { document, score, matched, stale } = hit
  const { field, part } = matched
  return {
    ...headOf(document),
    score,
    scores: hit.scores ?? { [mode]: score },
    field,
    part,
    text: parts.find((each) => each.field === field && each.part === part)?.text,
    stale: stale ?? false,
  }
}
