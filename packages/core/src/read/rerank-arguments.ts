import { checkInteger, checkOptions } from '../api/arguments.js'
import type { SearchOptions } from '../api/queries.js'
import { invalid, StoreError } from '../errors.js'
import { MAX_LIMIT } from './reader.js'

/** How many hits are reranked unless the search says so. */
const CANDIDATES = 50

/** What is reranked. */
export interface RerankRequest {
  readonly query: string
  /** Hits of the search, the best. */
  readonly candidates: number
  /** Whether the hits keep their order when the reranker fails. */
  readonly degrades: boolean
}

/** What to rerank; `undefined` where nothing is. `wanted`: hits that the page reaches to. */
export function checkRerank<T extends object>(
  { rerank, query, cursor, unscored, degrade }: SearchOptions<T>,
  wanted: number,
  hasReranker: boolean,
): RerankRequest | undefined {
  if (rerank === undefined || rerank === false) return undefined
  if (rerank !== true) checkOptions(rerank, ['candidates'], 'options.rerank')
  const { candidates = Math.max(CANDIDATES, wanted) } = rerank === true ? {} : rerank
  checkInteger(candidates, 'options.rerank.candidates', 1, MAX_LIMIT)
  if (!hasReranker) throw new StoreError('NOT_SUPPORTED', 'This store has no reranker')
  if (typeof query !== 'string') throw invalid('options.rerank', 'a query beside it')
  if (candidates < wanted) throw invalid('options.rerank.candidates', `at least offset and limit together, ${wanted}`)
  if (cursor !== undefined)
    throw invalid('options.cursor', 'no cursor beside rerank: go on by offset, among more candidates')
  if (unscored === 'append') throw invalid('options.unscored', 'omit beside rerank')
  return { query, candidates, degrades: degrade ?? true }
}
