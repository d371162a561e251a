import type { SearchMode } from '@tandemstore/core'
import type { ComparedEmbedder, ComparedMode, ComparedSearch, Quality } from '../result.js'

/** What a way to search is called in tables. */
export const modeNames: { readonly [Mode in SearchMode | ComparedMode]: string } = {
  vector: 'vector',
  keyword: 'keyword',
  hybrid: 'hybrid',
  reranked: 'hybrid + rerank',
}

const others: readonly ComparedMode[] = ['keyword', 'hybrid', 'reranked']

export interface ScoredSearch {
  readonly mode: SearchMode | ComparedMode
  readonly quality: Quality
  /** Against search by vector. Absent for that itself. */
  readonly significance?: ComparedSearch['significance']
}

/** Every way in which an embedder's store was searched: by vector first. */
export function searchesOf({ exact, modes = {} }: Pick<ComparedEmbedder, 'exact' | 'modes'>): ScoredSearch[] {
  const scored = others.flatMap((mode): ScoredSearch[] => {
    const quality = modes[mode]
    return quality === undefined ? [] : [{ mode, quality, significance: quality.significance }]
  })
  return [{ mode: 'vector', quality: exact }, ...scored]
}
