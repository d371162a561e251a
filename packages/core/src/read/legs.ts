import type { HitScores } from '../api/queries.js'
import { StoreError } from '../errors.js'
import type { IndexContext } from '../open/context.js'
import type { DocumentRef, Namespace } from '../ports/common.js'
import type { QueryResult, VectorMatch } from '../ports/vector-index.js'
import type { Filter, TermWeights } from '../ports/vector-records.js'
import { keywordShare } from './fusion.js'

/** What both legs of a search ask. */
export interface LegQuery {
  readonly prefix: Namespace
  readonly filter: Filter | undefined
  /** Hits with a lower score are not found. */
  readonly minScore?: number | undefined
}

/** One way to find documents in the index, best first. */
export interface Leg {
  /** The best documents but those that are excluded. */
  ask(limit: number, exclude: readonly DocumentRef[]): Promise<QueryResult>
  /** The score of a hit, from the match's, once the best match is known. */
  scoreOf(match: VectorMatch): number
  scoresOf(match: VectorMatch): HitScores
}

/** By meaning: documents near a vector. */
export function vectorLeg(
  { space }: IndexContext,
  vector: Float32Array,
  query: LegQuery,
  signal: AbortSignal | undefined,
): Leg {
  return {
    ask: (limit, exclude) => space.query({ ...query, vector, limit, now: Date.now(), exclude }, { signal }),
    scoreOf: ({ score }) => score,
    scoresOf: ({ score }) => ({ vector: score }),
  }
}

/** By words: documents that hold a term of the query. Scores are shares of the best match's, as in a hybrid search. */
export function termLeg(
  { space, adapter }: IndexContext,
  terms: TermWeights,
  { minScore = 0, ...query }: LegQuery,
  signal: AbortSignal | undefined,
): Leg {
  let best: number | undefined
  const share = ({ score }: VectorMatch): number => keywordShare(score, best ?? score)
  return {
    ask: async (limit, exclude) => {
      // Without a word there is nothing that a document could hold.
      if (terms.terms.length === 0) return { matches: [], more: false }
      if (space.queryTerms === undefined)
        throw new StoreError('INDEX_FAILED', `${adapter.name} keeps terms and has no queryTerms`)
      const found = await space.queryTerms({ ...query, terms, limit, now: Date.now(), exclude }, { signal })
      best ??= found.matches[0]?.score
      const matches = found.matches.filter((match) => share(match) >= minScore)
      return { matches, more: found.more && matches.length === found.matches.length }
    },
    scoreOf: share,
    scoresOf: ({ score }) => ({ keyword: score }),
  }
}
