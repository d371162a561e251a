/** How much each leg says. Only their ratio matters. */
export interface FusionWeights {
  readonly vector: number
  readonly keyword: number
}

/** A document that at least one leg found. */
export interface Fused<V, K> {
  readonly id: string
  /** From 0 to 1. */
  readonly score: number
  readonly vector?: V
  readonly keyword?: K
}

interface Scored {
  readonly score: number
}

/** The share of a score, from 0 to 1, with 1 for the best of its leg. */
type Share = (score: number) => number

/** Chosen by experiment, as are the numbers below: decision 047. */
export const defaultWeights: FusionWeights = { vector: 0.35, keyword: 0.65 }

/** The vector leg's scores are compared with the best and the one at this rank, so that deeper lists change nothing. */
const SPREAD_RANK = 100

/** Vectors whose scores are all alike tell little: they are at least so far apart, as a part of the best score. */
const LEAST_SPREAD = 0.1

/** The share of the match at `SPREAD_RANK`. */
const LAST_SHARE = 0.05

/**
 * A keyword score below is not stretched to 1: it comes of words that are nearly everywhere, such as "the". A word that
 * one of three texts holds scores about as much.
 */
const LEAST_BEST = 1

/** A keyword score as a share, from 0 to 1, of the best of its leg. */
export function keywordShare(score: number, best: number): number {
  return Math.min(1, Math.max(0, score / Math.max(LEAST_BEST, best)))
}

/**
 * One ranking, best first, of what two searches found, by the document's id. Each leg is best first and has a document
 * once. A document that one leg has not found has the share 0 in it; a leg that found none has no weight.
 *
 * A vector score's share falls linearly from the best to the match of rank 100, whatever the metric: cosines of one
 * model lie between 0.1 and 0.6, those of another between 0.7 and 0.9. A keyword score's share is that of the best.
 */
export function fuse<V extends Scored, K extends Scored>(
  vector: ReadonlyMap<string, V>,
  keyword: ReadonlyMap<string, K>,
  weights: FusionWeights = defaultWeights,
): Fused<V, K>[] {
  const vectorWeight = vector.size === 0 ? 0 : weights.vector
  const keywordWeight = keyword.size === 0 ? 0 : weights.keyword
  const sum = vectorWeight + keywordWeight
  const near = vectorShare(vector)
  const [bestWorded] = keyword.values()
  const worded: Share = (score) => keywordShare(score, bestWorded?.score ?? 0)
  const fused = Array.from(new Set([...vector.keys(), ...keyword.keys()]), (id): Fused<V, K> => {
    const v = vector.get(id)
    const k = keyword.get(id)
    const weighed = (v ? vectorWeight * near(v.score) : 0) + (k ? keywordWeight * worded(k.score) : 0)
    return { id, score: sum === 0 ? 0 : Math.min(1, weighed / sum), ...(v && { vector: v }), ...(k && { keyword: k }) }
  })
  return fused.sort((a, b) => b.score - a.score)
}

function vectorShare(matches: ReadonlyMap<string, Scored>): Share {
  let best = 0
  let last = 0
  let rank = 0
  for (const { score } of matches.values()) {
    rank += 1
    if (rank === 1) best = score
    last = score
    if (rank === SPREAD_RANK) break
  }
  const spread = Math.max(best - last, LEAST_SPREAD * Math.abs(best))
  return (score) => {
    if (score >= best) return 1
    const distance = (best - score) / spread
    // Behind the last one it goes on falling, and never below 0.
    return distance <= 1 ? 1 - (1 - LAST_SHARE) * distance : LAST_SHARE / distance
  }
}
