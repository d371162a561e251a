import type { TermWeights } from '../ports/vector-records.js'
import { finish, type Steps } from '../resilience/steps.js'
import { chunkBlocks } from './chunks.js'
import { type Language, loadStem, type Stem } from './language.js'
import { type Split, split } from './split.js'
import { occurrenceWeight } from './weights.js'

/** Part of what made a point's terms: another number where the same text has other terms or weights. */
export const TERMS_VERSION = 1

/** Chunks of text whose terms are remembered. */
const REMEMBERED = 20_000

/** UTF-16 units of a chunk that is remembered. */
const MEMORABLE = 64

/**
 * What the parts of an identifier weigh together in a query that asks for it. One of its words is rarely meant by
 * itself.
 */
const PARTS_WEIGHT = 1

/** Turns texts and queries into terms. The same text always has the same terms and weights. */
export class TermMaker {
  readonly #stem: Stem | undefined
  readonly #known = new Map<string, Split>()

  constructor(stem?: Stem | undefined) {
    this.#stem = stem
  }

  /** With the stems of a language, or with words as they are. */
  static async for(language: Language | undefined): Promise<TermMaker> {
    return new TermMaker(await loadStem(language))
  }

  /** The terms of a point's text, at once. */
  make(text: string): TermWeights {
    return finish(this.steps(text))
  }

  /** `make` in steps, each of which takes about a millisecond. */
  *steps(text: string): Steps<TermWeights> {
    const occurrences = new Map<string, number>()
    let length = 0
    let isFirst = true
    for (const chunks of chunkBlocks(text)) {
      if (!isFirst) yield
      isFirst = false
      for (const chunk of chunks) {
        const { words, wholes, characters } = this.#split(chunk)
        length += words.length
        for (const term of words) add(occurrences, term, 1)
        for (const term of wholes) add(occurrences, term, 1)
        for (const term of characters) add(occurrences, term, 1)
      }
    }
    const terms: string[] = []
    const weights: number[] = []
    for (const [term, count] of occurrences) {
      terms.push(term)
      weights.push(occurrenceWeight(count, length))
    }
    return { terms, weights }
  }

  /** The terms that a query asks for; none where it has no word. */
  makeQuery(query: string): TermWeights {
    const asked = new Map<string, number>()
    for (const chunks of chunkBlocks(query)) {
      for (const chunk of chunks) {
        const { words, wholes } = this.#split(chunk)
        for (const term of wholes) add(asked, term, 1)
        for (const term of words) add(asked, term, wholes.length === 0 ? 1 : PARTS_WEIGHT / words.length)
      }
    }
    return { terms: [...asked.keys()], weights: [...asked.values()] }
  }

  #split(chunk: string): Split {
    let known = this.#known.get(chunk)
    if (known === undefined) {
      known = split(chunk, this.#stem)
      if (chunk.length > MEMORABLE) return known
      if (this.#known.size === REMEMBERED) this.#known.clear()
      this.#known.set(chunk, known)
    }
    return known
  }
}

function add(counts: Map<string, number>, term: string, count: number): void {
  counts.set(term, (counts.get(term) ?? 0) + count)
}
