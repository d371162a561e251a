import { finish, type Steps } from '../resilience/steps.js'

/**
 * Where a text may be cut, best first: after paragraphs, lines, sentences, words. None looks ahead past what it
 * matches, so that a search through a text is linear in its length.
 */
const boundaries: readonly RegExp[] = [/\n\s*\n/g, /\n/g, /(?<=[.!?…])\s+|[。！？]+\s*/g, /\s+/g]

/** How many characters are counted first of a text that may be far too long, for each token that fits. */
const FIRST_LOOK = 8

/** A part of a text; `undefined` between parts is a pause, when some tokens have been counted. */
export type Parts = Generator<string | undefined, void, undefined>

/**
 * Cuts a text into parts of at most `maxTokens`, at the best boundary there is, else between code points. Joined, the
 * parts are the text. `countTokens` has to grow with the text, as an exact counter and an upper estimate do. Each
 * step counts a few times `maxTokens` at most.
 *
 * @param blockEnds where blocks end, the last at the end of the text. A block that fits is not cut.
 */
export function* partsOf(
  text: string,
  maxTokens: number,
  countTokens: (text: string) => number,
  blockEnds?: readonly number[],
): Parts {
  const cutter = new Cutter(text, maxTokens, countTokens)
  if (yield* cutter.fits(0, text.length)) yield text
  else yield* cutter.parts(blockEnds)
}

/** All parts of a text at once. */
export function chunkText(
  text: string,
  maxTokens: number,
  countTokens: (text: string) => number,
  blockEnds?: readonly number[],
): string[] {
  return [...partsOf(text, maxTokens, countTokens, blockEnds)].filter((part) => part !== undefined)
}

/** Whether a text has at most `maxTokens`. */
export function fits(text: string, maxTokens: number, countTokens: (text: string) => number): Steps<boolean> {
  return new Cutter(text, maxTokens, countTokens).fits(0, text.length)
}

/** The first part that is not blank; no more of the text is looked at. */
export function* firstPart(text: string, maxTokens: number, countTokens: (text: string) => number): Steps<string> {
  for (const part of partsOf(text, maxTokens, countTokens)) {
    if (part === undefined) yield
    else if (part.trim() !== '') return part
  }
  return ''
}

/** Where a sentence or a line ends. */
const sentenceEnds = /\n\s*|(?<=[.!?…])\s+|[。！？]+\s*/g

/** As many of the first sentences as fit together; empty where not even the first does. */
export function firstSentences(text: string, maxTokens: number, countTokens: (text: string) => number): string {
  const ends: number[] = []
  for (const { index, 0: found } of text.matchAll(sentenceEnds)) ends.push(index + found.length)
  if (ends.at(-1) !== text.length) ends.push(text.length)
  const upTo = (sentences: number): string => text.slice(0, ends[sentences - 1])
  const fitting = finish(mostThatFit(1, ends.length, (some) => fits(upTo(some), maxTokens, countTokens)))
  const first = upTo(fitting)
  return fitting > 1 || countTokens(first) <= maxTokens ? first : ''
}

/** `firstPart` at once. */
export function truncateText(text: string, maxTokens: number, countTokens: (text: string) => number): string {
  return finish(firstPart(text, maxTokens, countTokens))
}

class Cutter {
  readonly #text: string
  readonly #maxTokens: number
  readonly #countTokens: (text: string) => number

  constructor(text: string, maxTokens: number, countTokens: (text: string) => number) {
    this.#text = text
    this.#maxTokens = maxTokens
    this.#countTokens = countTokens
  }

  /** Of what is far too long only the beginning is counted. */
  *fits(from: number, to: number): Steps<boolean> {
    for (let look = Math.max(1024, FIRST_LOOK * this.#maxTokens); look < to - from; look *= 4) {
      yield
      if (this.#countTokens(this.#text.slice(from, this.#between(from + look))) > this.#maxTokens) return false
    }
    if (to - from > 1024) yield
    return this.#countTokens(this.#text.slice(from, to)) <= this.#maxTokens
  }

  /** Joins neighbouring pieces while they fit together. */
  *parts(blockEnds?: readonly number[]): Parts {
    const pieces = blockEnds === undefined ? this.#split(0, this.#text.length, 0) : this.#blocks(blockEnds)
    let ends: number[] = []
    let next = 0
    let from = 0
    let usual = 1
    for (;;) {
      // Searching takes more pieces than it needs, and the next part begins with them.
      for (let isEnd = false; !isEnd && ends.length < next + 2 * usual + 1; ) {
        const piece = pieces.next()
        if (piece.done) isEnd = true
        else if (piece.value === undefined) yield
        else ends.push(piece.value)
      }
      if (ends.length === next) return
      const some = yield* mostThatFit(usual, ends.length - next, (count) =>
        this.fits(from, ends[next + count - 1] as number),
      )
      // All that are at hand fit: there may be more.
      if (next + some === ends.length && ends.at(-1) !== this.#text.length) {
        usual = 2 * some
        continue
      }
      const to = ends[next + some - 1] as number
      yield this.#text.slice(from, to)
      from = to
      next += some
      usual = some
      if (next > 1000) {
        ends = ends.slice(next)
        next = 0
      }
    }
  }

  /** Where pieces that each fit end, as large as the best boundary from `level` on gives them. */
  *#pieces(from: number, to: number, level: number): Generator<number | undefined, void, undefined> {
    if (yield* this.fits(from, to)) yield to
    else yield* this.#split(from, to, level)
  }

  *#blocks(ends: readonly number[]): Generator<number | undefined, void, undefined> {
    let start = 0
    for (const end of ends) {
      yield* this.#pieces(start, end, 0)
      start = end
    }
  }

  *#split(from: number, to: number, level: number): Generator<number | undefined, void, undefined> {
    const boundary = boundaries[level]
    if (boundary === undefined) {
      yield* this.#runs(from, to)
      return
    }
    const text = this.#text.slice(from, to)
    let start = from
    for (const { index, 0: found } of text.matchAll(boundary)) {
      const end = from + index + found.length
      if (end === to) break
      yield* this.#pieces(start, end, level + 1)
      start = end
    }
    if (start === from) yield* this.#split(from, to, level + 1)
    else yield* this.#pieces(start, to, level + 1)
  }

  /**
   * Where the longest runs of code points that fit end; a single one that does not is left whole, for the embedder to
   * judge.
   */
  *#runs(from: number, to: number): Generator<number | undefined, void, undefined> {
    let usual = 1
    for (let start = from; start < to; ) {
      const begin = start
      usual = yield* mostThatFit(usual, to - begin, (units) => this.fits(begin, begin + units))
      const cut = this.#between(begin + usual)
      // A code point of two units is not cut.
      start = cut > begin ? cut : Math.min(to, begin + 2)
      yield start
    }
  }

  /** The place itself, or before it where it is between the halves of a surrogate pair. */
  #between(at: number): number {
    return at < this.#text.length && /[\uDC00-\uDFFF]/.test(this.#text[at] ?? '') ? at - 1 : at
  }
}

/**
 * The most, from 1 to `all`, that fit; 1 even if it does not. It looks around a guess: counting the tokens of what is
 * far too long is slow.
 */
export function* mostThatFit(guess: number, all: number, doFit: (some: number) => Steps<boolean>): Steps<number> {
  let fitting = 1
  let tooMany = all + 1
  let some = Math.min(guess, all)
  for (let step = 1; tooMany - fitting > 1; step *= 2) {
    if (some > 1 && !(yield* doFit(some))) {
      tooMany = some
      if (fitting > 1) break
      some = Math.max(1, some - step)
    } else {
      fitting = some
      if (tooMany <= all) break
      some = Math.min(all, some + step)
    }
  }
  while (tooMany - fitting > 1) {
    const middle = (fitting + tooMany) >> 1
    if (yield* doFit(middle)) fitting = middle
    else tooMany = middle
  }
  return fitting
}
