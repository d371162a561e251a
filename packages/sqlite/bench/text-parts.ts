import type { PutManyDocument } from '@tandemstore/core'
import type { TermWeights } from '@tandemstore/core/adapter'

const VOCABULARY = 100_000
/** How fast words become rarer; that of English is about 1 (Zipf, 1949). */
const EXPONENT = 1.1
const SYLLABLES = 'ba ce di fo gu ka le mi no pu ra se ti vo xu ya we zi jo hu sta bre cli dro fru gla kne'.split(' ')

/** By rank: the part of all words that are at most so rare. */
const cumulated = new Float64Array(VOCABULARY)
let sum = 0
for (let rank = 0; rank < VOCABULARY; rank += 1) {
  sum += (rank + 1) ** -EXPONENT
  cumulated[rank] = sum
}

/** The word of a rank: frequent ones are short. */
export function wordAt(rank: number): string {
  let word = ''
  for (let left = rank + 1; left > 0; left = Math.floor(left / SYLLABLES.length)) {
    word += SYLLABLES[left % SYLLABLES.length] as string
  }
  return word
}

/** A generator of numbers in [0, 1), the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function drawRank(random: () => number): number {
  const wanted = random() * sum
  let [low, high] = [0, VOCABULARY - 1]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((cumulated[middle] as number) < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** A document, and terms of its text for those who measure an index alone. */
export interface TextDocument {
  readonly document: PutManyDocument
  readonly terms: TermWeights
}

/** A document whose JSON has about so many bytes, of words as frequent as in real texts, with an identifier. */
export function makeTextDocument(number: number, bytes: number): TextDocument {
  const random = randomFrom(number + 1)
  const words = [identifierOf(number)]
  for (let length = 80; length < bytes; length += (words.at(-1)?.length ?? 0) + 1) words.push(wordAt(drawRank(random)))
  return {
    document: {
      namespace: ['users', `u${number % 100}`],
      key: `document-${number}`,
      value: { title: `Number ${number}`, text: words.join(' '), year: 2000 + (number % 25) },
    },
    terms: weigh(words),
  }
}

export function identifierOf(number: number): string {
  return `err_${number * 7919}`
}

/** As a question has: words, of which some are frequent. */
export function makeQuestion(number: number): string[] {
  const random = randomFrom(-number - 1)
  const words = new Set<string>()
  const count = 2 + (Math.abs(number) % 3)
  while (words.size < count) words.add(wordAt(drawRank(random)))
  return [...words]
}

/** The weights of BM25 with its usual constants. */
function weigh(words: readonly string[]): TermWeights {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  const length = 0.25 + (0.75 * words.length) / 150
  return {
    terms: [...counts.keys()],
    weights: [...counts.values()].map((count) => (2.2 * count) / (count + 1.2 * length)),
  }
}
