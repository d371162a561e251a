import { hash } from 'node:crypto'
import { checkInteger, checkOneOf, checkOptions } from '../api/arguments.js'
import type { Receipt } from '../api/documents.js'
import type { SearchOptions } from '../api/queries.js'
import { parseFilter } from '../document/filter.js'
import { checkPrefix } from '../document/namespace.js'
import { invalid } from '../errors.js'
import type { Namespace } from '../ports/common.js'
import type { Filter, Filterable } from '../ports/vector-records.js'
import { checkCursorAlone } from './cursor.js'
import { MAX_LIMIT } from './reader.js'
import { checkRerank, type RerankRequest } from './rerank-arguments.js'
import { checkTarget, type SearchAbilities, type SearchTarget } from './search-target.js'

const searchOptions = [
  'query', 'vector', 'mode', 'weights', 'rerank', 'degrade', 'filter', 'limit', 'offset', 'minScore', 'after', 'cursor', 'unscored',
  'signal',
] // biome-ignore format: a list

/** The options of a search, checked, with every default filled in. */
export interface SearchRequest {
  readonly prefix: Namespace
  /** What to search for; absent: the documents are listed. */
  readonly target?: SearchTarget
  /** Absent: the hits keep their order. */
  readonly rerank?: RerankRequest
  readonly filter: Filter | undefined
  readonly limit: number
  readonly offset: number
  readonly minScore: number | undefined
  readonly after: readonly Receipt[]
  readonly cursor: string | undefined
  readonly appendsUnscored: boolean
  readonly signal: AbortSignal | undefined
}

/** `index`: absent in a store that has none, which can only list. */
export function checkSearch<T extends object>(
  prefix: unknown,
  options: SearchOptions<T>,
  filterable: Filterable,
  index: SearchAbilities | undefined,
  hasReranker: boolean,
): SearchRequest {
  checkOptions(options, searchOptions)
  checkPrefix(prefix)
  const { query, vector, limit = 10, offset = 0, minScore, cursor, unscored, signal } = options
  checkInteger(limit, 'options.limit', 1, MAX_LIMIT)
  checkInteger(offset, 'options.offset', 0, MAX_LIMIT - 1)
  if (offset + limit > MAX_LIMIT)
    throw invalid('options.offset', `at most ${MAX_LIMIT} together with the limit (a cursor goes on behind that)`)
  checkCursorAlone(cursor, offset)
  if (minScore !== undefined && !Number.isFinite(minScore)) throw invalid('options.minScore', 'a finite number')
  checkOneOf(unscored, 'options.unscored', ['omit', 'append'])
  const request = {
    prefix: [...prefix],
    filter: parseFilter(options.filter, filterable),
    limit,
    offset,
    minScore,
    after: checkReceipts(options.after),
    cursor,
    appendsUnscored: unscored === 'append',
    signal,
  }
  const target = checkTarget(options, index)
  const rerank = checkRerank(options, offset + limit, hasReranker)
  if (target !== undefined) return { ...request, target, ...(rerank === undefined ? {} : { rerank }) }
  if (minScore !== undefined && query === undefined && vector === undefined)
    throw invalid('options.minScore', 'a query or a vector beside it')
  return request
}

/**
 * A hash of what has to be the same for every page of one search, so that a cursor fits no other search.
 *
 * @param space where the scores come from
 */
export function fingerprintOf(request: SearchRequest, space: string): string {
  const { prefix, filter, minScore, target, appendsUnscored } = request
  const searched = target && { ...target, vector: target.vector && [...target.vector], degrades: undefined }
  const all = JSON.stringify([space, prefix, filter, minScore, searched, appendsUnscored])
  return hash('sha256', all, 'base64url').slice(0, 11)
}

function checkReceipts(after: SearchOptions['after']): readonly Receipt[] {
  if (after === undefined) return []
  const receipts = Array.isArray(after) ? after : [after]
  for (const receipt of receipts) {
    if (!(receipt?.indexed instanceof Promise))
      throw invalid('options.after', 'a receipt of put or delete, or a list of them')
  }
  return receipts
}
