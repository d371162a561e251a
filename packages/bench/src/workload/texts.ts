import type { Corpus } from '../corpus/corpus.js'
import { type Random, seededRandom } from '../random.js'
import { commonWords, topics } from './vocabulary.js'

/** What a benchmark stores and searches for. The same number gives the same text. */
export interface BenchTexts {
  readonly name: string
  /** How many documents there are. */
  readonly count: number
  /** How many queries there are; beyond, they begin again. */
  readonly queryCount: number
  document(number: number): string
  query(number: number): string
}

/** Texts of 40 to 320 words, 120 on average, each about one subject. No two are alike. */
export function syntheticTexts(seed: number): BenchTexts {
  return {
    name: 'synthetic',
    count: Number.POSITIVE_INFINITY,
    queryCount: Number.POSITIVE_INFINITY,
    document(number) {
      const random = seededRandom(seed, `document ${number}`)
      // The square makes short texts more frequent than long ones, as they are.
      const words = 40 + Math.floor(random.fraction() ** 2.5 * 281)
      return `Note ${number + 1}. ${sentences(random, words)}`
    },
    query(number) {
      const random = seededRandom(seed, `query ${number}`)
      const topic = pick(random, topics)
      return `${sentence(random, topic, 4 + random.integer(5))}?`
    },
  }
}

/**
 * The documents and queries of a corpus, in its order, each query once; from the beginning again where there are
 * fewer than asked for.
 */
export function corpusTexts({ name, documents, queries }: Corpus): BenchTexts {
  const distinct = [...new Set(queries.map(({ text }) => text))]
  return {
    name,
    count: documents.length,
    queryCount: distinct.length,
    document: (number) => documents[number % documents.length]?.text ?? '',
    query: (number) => distinct[number % distinct.length] ?? '',
  }
}

/**
 * How many searches can be made in each of some runs that share a cache, so that no query is found in it: at most as
 * many as wanted, at least one. Warns where it is fewer.
 */
export function searchesWithin(
  { name, queryCount }: BenchTexts,
  wanted: number,
  runs: number,
  warnings: string[],
): number {
  const most = Math.max(1, Math.floor(queryCount / runs))
  if (wanted <= most) return wanted
  const shared = runs === 1 ? '' : ` for ${runs} runs with one cache`
  warnings.push(`${name} has ${queryCount} queries${shared}: ${most} searches are made instead of ${wanted}`)
  return most
}

function sentences(random: Random, words: number): string {
  const topic = pick(random, topics)
  const made: string[] = []
  for (let left = words; left > 0; ) {
    const length = Math.min(left, 6 + random.integer(14))
    made.push(`${sentence(random, topic, length)}.`)
    left -= length
  }
  return made.join(' ')
}

function sentence(random: Random, topic: readonly string[], words: number): string {
  const chosen = Array.from({ length: words }, () =>
    // Every third word or so is of the subject; among the others the first are frequent, as in any language.
    random.fraction() < 0.35
      ? pick(random, topic)
      : (commonWords[Math.floor(random.fraction() ** 2 * commonWords.length)] as string),
  )
  const line = chosen.join(' ')
  return line.charAt(0).toUpperCase() + line.slice(1)
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.integer(items.length)] as T
}
