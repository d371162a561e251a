/** How relevant documents are to one query, by id. A grade below 1 is not relevant, as is a document without one. */
export type Judgements = ReadonlyMap<string, number>

export interface QueryScores {
  readonly ndcgAt10: number
  readonly recallAt10: number
  readonly recallAt100: number
  readonly mrrAt10: number
}

/**
 * The scores of a ranking of distinct ids, best first. All 0 for a query without a relevant document, which trec_eval
 * lets count too.
 */
export function scoreQuery(ranking: readonly string[], judgements: Judgements): QueryScores {
  return {
    ndcgAt10: ndcg(ranking, judgements, 10),
    recallAt10: recall(ranking, judgements, 10),
    recallAt100: recall(ranking, judgements, 100),
    mrrAt10: reciprocalRank(ranking, judgements, 10),
  }
}

/**
 * Normalised discounted cumulative gain, as trec_eval's ndcg_cut: the gain is the grade itself, the discount
 * log2(rank + 1), and the ideal is made of all that is judged, found or not.
 */
export function ndcg(ranking: readonly string[], judgements: Judgements, depth: number): number {
  const ideal = [...judgements.values()].sort((a, b) => b - a)
  const found = ranking.slice(0, depth).map((id) => judgements.get(id) ?? 0)
  return ratio(gain(found), gain(ideal.slice(0, depth)))
}

const gain = (grades: readonly number[]): number =>
  grades.reduce((sum, grade, i) => (grade >= 1 ? sum + grade / Math.log2(i + 2) : sum), 0)

/** Found of all relevant documents, as trec_eval's recall. */
export function recall(ranking: readonly string[], judgements: Judgements, depth: number): number {
  const relevant = [...judgements.values()].filter((grade) => grade >= 1).length
  return ratio(ranking.slice(0, depth).filter((id) => isRelevant(judgements, id)).length, relevant)
}

/** 1 / rank of the first relevant document, 0 if it comes after `depth`; trec_eval's recip_rank of a run cut there. */
export function reciprocalRank(ranking: readonly string[], judgements: Judgements, depth: number): number {
  const first = ranking.slice(0, depth).findIndex((id) => isRelevant(judgements, id))
  return first === -1 ? 0 : 1 / (first + 1)
}

const isRelevant = (judgements: Judgements, id: string): boolean => (judgements.get(id) ?? 0) >= 1

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
