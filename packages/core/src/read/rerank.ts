import type { SearchHit } from '../api/queries.js'
import { StoreError } from '../errors.js'
import { fieldText } from '../passages/hit-text.js'
import type { Reranking } from '../reranking/reranking.js'

/** A hit, and what the reranker makes of it. */
export type RerankedHit<Hit> = Hit & { readonly score: number; readonly scores: { readonly rerank: number } }

export interface RerankHits<Hit> {
  readonly query: string
  /** Best first. */
  readonly hits: readonly Hit[]
  /** Whether the hits keep their order when the reranker fails. */
  readonly degrades: boolean
  readonly signal: AbortSignal | undefined
}

/**
 * Puts hits in the order of the reranker, by the text that matched, else by what the document has at the field that
 * did. `score` and `scores.rerank` are then the reranker's; hits that it scores alike keep their order. When it fails
 * the hits come back as they are, unless `degrades` is false.
 */
export async function rerankHits<T extends object, Hit extends SearchHit<T>>(
  reranking: Reranking,
  { query, hits, degrades, signal }: RerankHits<Hit>,
): Promise<readonly Hit[] | readonly RerankedHit<Hit>[]> {
  if (hits.length === 0) return hits
  let given: readonly number[]
  try {
    given = await reranking.scores(query, hits.map(textOf), signal)
  } catch (error) {
    if (!degrades || (StoreError.isInstance(error) && (error.code === 'ABORTED' || error.code === 'CLOSED')))
      throw error
    return hits
  }
  return hits
    .map((hit, i) => {
      const score = given[i] as number
      return { ...hit, score, scores: { ...scoresOf(hit), rerank: score } }
    })
    .sort((a, b) => b.score - a.score)
}

function scoresOf(hit: object): object {
  return (hit as { scores?: object }).scores ?? {}
}

function textOf({ document, matched }: SearchHit<object>): string {
  const { field, text } = (matched ?? {}) as { field?: string; text?: string }
  const known = text ?? fieldText(document.value, field)
  return known.trim() === '' ? fieldText(document.value) : known
}
