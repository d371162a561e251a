/** A word of a query: its number and how often it is asked for. */
export interface AskedWord {
  readonly hash: number
  readonly weight: number
}

/** So that a weight in a point, of single precision, times this is never 0. */
const MIN_FACTOR = 2 ** -900

/**
 * What the weight of a word in a point is multiplied with, where `holders` of `points` hold the word: its weight in the
 * query times the inverse document frequency of BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework",
 * 2009), with 1 added to the argument of the logarithm so that it is above 0.
 */
export function factorOf({ weight }: AskedWord, points: number, holders: number): number {
  return Math.max(weight * Math.log(1 + (points - holders + 0.5) / (holders + 0.5)), MIN_FACTOR)
}

/**
 * The words of a query in the order in which their scores are added, which is the same wherever that is done, so that
 * sums are equal to the bit: the rarest first.
 */
export function byRarity<Word extends { readonly factor: number }>(words: readonly Word[]): Word[] {
  return [...words].sort((a, b) => b.factor - a.factor)
}
