import { tokenizer } from '@tandemstore/embed-local/make'
import { isText } from './vocabulary.ts'

/** In `a / (a + p)`, where p is how likely a token is: what is rarer than this counts nearly in full. */
const smoothing = 0.001
/** BERT's vocabulary is in the order of frequency from here on; before it are the special tokens. */
const firstRanked = 999

/**
 * Where the fit begins: each token as the teacher embeds it alone, weighted by how rare it is (smooth inverse frequency; its place in the vocabulary stands for its
 * frequency, by Zipf's law), and each added word as the sum of its pieces.
 */
export function startRows(
  tokens: readonly string[],
  vectors: Float32Array,
  words: readonly string[],
  dimensions: number,
): Float32Array {
  const vocabulary = tokens.filter(isText)
  const rows = new Float32Array((vocabulary.length + words.length) * dimensions)
  const harmonic = Math.log(tokens.length) + 0.577
  let row = 0
  tokens.forEach((token, number) => {
    if (!isText(token)) return
    const rank = Math.max(1, number - firstRanked + 1)
    const weight = smoothing / (smoothing + 1 / (rank * harmonic))
    for (let i = 0; i < dimensions; i++) rows[row * dimensions + i] = vectors[number * dimensions + i] * weight
    row++
  })
  const { encode } = tokenizer(vocabulary)
  for (const word of words) {
    for (const piece of encode(word)) {
      for (let i = 0; i < dimensions && piece >= 0; i++) rows[row * dimensions + i] += rows[piece * dimensions + i]
    }
    row++
  }
  return rows
}
