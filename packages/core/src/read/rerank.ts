import type { SearchHit } from '../api/queries.js'
import { StoreError } from '../errors.js'
import { fieldText } from '../passages/hit-text.js'
import type { Reranking } from '../reranking/reranking.js'

export interface RerankHits<T extends object> {
  readonly query: string
  /** Best first. */
  readonly hits: readonly SearchHit<T>[]
  /** Whether the hits keep their order when the reranker fails. */
  readonly degrades: boolean
  readonly signal: AbortSignal | undefined
}

/**
 * Puts hits in the order of the reranker, by the text that matched, else by what the document has at the field that
 * did. `score` and `scores.rerank` are then the reranker's; hits that it scores alike keep their order. When it fails
 * the hits come back as they are, unless `degrades` is false.
 */
export async function rerankHits<T extends object>(
  reranking: Reranking | undefined,
  { query, hits, degrades, signal }: RerankHits<T>,
): Promise<readonly SearchHit<T>[]> {
  if (hits.length === 0 || reranking === undefined) return hits
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
      return { ...hit, score, scores: { ...hit.scores, rerank: score } }
    })
    .sort((a, b) => b.score - a.score)
}

function textOf({ document, matched }: SearchHit<object>): string {
  const text = matched?.text ?? fieldText(document.value, matched?.field)
  return text.trim() === '' ? fieldText(document.value) : text
}
