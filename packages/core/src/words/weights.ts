/**
 * BM25's k1: how soon more occurrences of a term in a text stop to count. With b and the average length chosen
 * together, see decision 046.
 */
const K1 = 1.2

/** BM25's b: how much a longer text needs more occurrences, from 0 to 1. */
const B = 0.75

/**
 * Words of an average text. Fixed, so that a point's weights depend on its text alone and mean the same in every index.
 */
const AVERAGE_LENGTH = 128

/**
 * BM25's factor of occurrence and length, without its idf (Robertson and Zaragoza, "The Probabilistic Relevance
 * Framework: BM25 and Beyond", 2009). From 0 to k1 + 1.
 */
export function occurrenceWeight(occurrences: number, length: number): number {
  return (occurrences * (K1 + 1)) / (occurrences + K1 * (1 - B + (B * length) / AVERAGE_LENGTH))
}
