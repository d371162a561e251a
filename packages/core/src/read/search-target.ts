import { checkBoolean, checkOneOf, checkOptions } from '../api/arguments.js'
import type { SearchMode, SearchOptions, SearchWeights } from '../api/queries.js'
import { invalid, StoreError } from '../errors.js'
import { defaultWeights, type FusionWeights } from './fusion.js'

/** What a search looks for, and how. */
export type SearchTarget =
  | { readonly mode: 'vector'; readonly query: string; readonly vector?: undefined }
  | { readonly mode: 'vector'; readonly query?: undefined; readonly vector: Float32Array }
  | { readonly mode: 'keyword'; readonly query: string; readonly vector?: undefined }
  | {
      readonly mode: 'hybrid'
      readonly query: string
      /** The query's, where the caller has it. */
      readonly vector: Float32Array | undefined
      readonly weights: FusionWeights
      /** Whether it answers by words alone when the query cannot be embedded. */
      readonly degrades: boolean
    }

/** What an index can be asked. */
export interface SearchAbilities {
  /** Length of the vectors; absent where there are none. */
  readonly dimensions: number | undefined
  /** Present where there are words. */
  readonly keywords: object | undefined
}

const modes = ['hybrid', 'vector', 'keyword'] as const

/** The modes in which an index can be searched. */
export function searchModes(index: SearchAbilities | undefined): readonly SearchMode[] {
  const { dimensions, keywords } = index ?? {}
  if (keywords === undefined) return dimensions === undefined ? [] : ['vector']
  return dimensions === undefined ? ['keyword'] : modes
}

/** What to search for; `undefined` where there is neither query nor vector. */
export function checkTarget<T extends object>(
  { query, vector, mode, weights, degrade }: SearchOptions<T>,
  index: SearchAbilities | undefined,
): SearchTarget | undefined {
  checkOneOf(mode, 'options.mode', modes)
  checkBoolean(degrade, 'options.degrade')
  const chosenWeights = checkWeights(weights)
  if (query === undefined && vector === undefined) {
    if (mode !== undefined) throw invalid('options.mode', 'a query or a vector beside it')
    if (weights !== undefined) throw invalid('options.weights', 'a query beside it')
    return undefined
  }
  const text = query === undefined ? undefined : checkQuery(query)
  const chosen = mode ?? defaultMode(text, index)
  checkMode(chosen, index)
  if (weights !== undefined && chosen !== 'hybrid') throw invalid('options.weights', 'a hybrid search')
  if (vector !== undefined && index?.dimensions === undefined)
    throw invalid('options.vector', 'no vector: this store has no embedder, and searches by words alone')
  const floats = vector === undefined ? undefined : checkVector(vector, index?.dimensions ?? 0)
  if (chosen === 'vector') {
    if (floats === undefined) return { mode: chosen, query: text as string }
    if (text !== undefined) throw invalid('options.vector', 'no query beside it, unless the search is hybrid')
    return { mode: chosen, vector: floats }
  }
  if (text === undefined) throw invalid('options.query', `a query, as the mode is ${chosen}`)
  if (chosen === 'hybrid')
    return { mode: chosen, query: text, vector: floats, weights: chosenWeights, degrades: degrade ?? true }
  if (floats !== undefined) throw invalid('options.vector', 'no vector, as the mode is keyword')
  return { mode: chosen, query: text }
}

function defaultMode(query: string | undefined, index: SearchAbilities | undefined): SearchMode {
  const [best = 'vector'] = searchModes(index)
  return query === undefined ? 'vector' : best
}

function checkMode(mode: SearchMode, index: SearchAbilities | undefined): void {
  if (searchModes(index).includes(mode)) return
  const lacks =
    index === undefined
      ? 'no vectors (a VectorIndex), so it cannot search by query or vector'
      : index.keywords === undefined
        ? `no index.keywords, so it cannot search in mode ${mode}`
        : `no embedder, so it cannot search in mode ${mode}`
  throw new StoreError('NOT_SUPPORTED', `This store has ${lacks}`)
}

function checkWeights(weights: SearchWeights | undefined): FusionWeights {
  if (weights === undefined) return defaultWeights
  checkOptions(weights, ['vector', 'keyword'], 'options.weights')
  const { vector = defaultWeights.vector, keyword = defaultWeights.keyword } = weights
  for (const [leg, weight] of Object.entries({ vector, keyword })) {
    if (!(Number.isFinite(weight) && weight > 0))
      throw invalid(`options.weights.${leg}`, 'a number above 0 (mode: keyword or vector leaves a leg out)')
  }
  return { vector, keyword }
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
