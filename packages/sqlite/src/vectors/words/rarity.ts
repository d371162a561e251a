/** A word of a query: its number and how often it is asked for. */
export interface AskedWord {
  readonly hash: number
  readonly weight: number
}

/**
 * The inverse document frequency of a word that `holders` of `points` hold (BM25; Robertson and Zaragoza, "The
 * Probabilistic Relevance Framework", 2009; with 1 added so that it is above 0).
 */
export function rarity(points: number, holders: number): number {
  return Math.log(1 + (points - holders + 0.5) / (holders + 0.5))
}
