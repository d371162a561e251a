import { PointPlaces } from '../point-places.js'
import { type AskedWord, byRarity, factorOf } from './asked-words.js'
import { type BestPoints, bestPoints, findBest, type ScoredPoints, type Wanted } from './best-points.js'
import { PostingLists } from './posting-lists.js'
import { BYTES_PER_WORD, readWords } from './word-bytes.js'
import { highBits, lowBits } from './word-hash.js'
import { WordTable } from './word-table.js'

export interface WordPoint {
  readonly id: number
  /** Absent: none. */
  readonly words?: Uint8Array | undefined
}

/** What a word of a point takes here, with the table and blocks that are not full: measured. Bytes. */
const BYTES_PER_POSTING = 12
const BYTES_PER_ROW = 13
/** Rows of removed points, at least so many and this part of all, are worth clearing the lists of them. */
const MIN_REMOVED = 1000
const REMOVED_PART = 1 / 4
/** Postings and slots of one step of that: a few milliseconds. */
const STEP_POSTINGS = 50_000
const STEP_SLOTS = 50_000

/** So many of all scores are set to 0 faster all at once than one by one. */
const MANY_PART = 1 / 16
/** More than what rounding can have taken from a sum, relative to it. */
const ROUNDING = 1 + 1e-9

/** What a row is. */
const GONE = 0
const HELD = 1
const ASKED_FOR = 2

/**
 * An inverted index of the words of a space: of each word, which rows hold it. A point that is removed stays in the
 * lists for a while, as a row that is gone; such rows are not used again before the lists have been cleared of them.
 */
export class WordIndex {
  readonly places = new PointPlaces()
  readonly #lists = new PostingLists()
  readonly #table = new WordTable(this.#lists)
  #state = new Uint8Array(1024)
  /** By row, of the last query. 0 in all rows that it has not found. */
  #scores = new Float64Array(1024)
  #found = new Uint32Array(1024)
  #foundCount = 0
  /** Rows that are gone, and may still be in lists. */
  #removed: number[] = []
  /** Those of which the lists are being cleared, up to a slot of the table. */
  #clearing: { readonly rows: readonly number[]; slot: number } | undefined

  get bytes(): number {
    const own = this.#state.byteLength + this.#scores.byteLength + this.#found.byteLength
    return own + this.places.bytes + this.#lists.bytes + this.#table.bytes
  }

  /** About what so many points take whose words are so many bytes in the file. */
  bytesFor(points: number, wordBytes: number): number {
    const own = points * BYTES_PER_ROW + PointPlaces.bytesFor(points)
    return own + (wordBytes / BYTES_PER_WORD) * BYTES_PER_POSTING
  }

  reserve(points: number): void {
    this.places.reserve(points)
    if (points > this.#state.length) this.#resize(points)
  }

  add({ id, words: bytes }: WordPoint): void {
    if (bytes === undefined || bytes.length === 0) return
    const row = this.places.add(id)
    if (row >= this.#state.length) this.#resize(Math.ceil(row * 1.25))
    this.#state[row] = HELD
    const { count, low, high, weights } = readWords(bytes)
    for (let i = 0; i < count; i += 1) {
      const moved = this.#table.add(low[i] as number, high[i] as number, row, weights[i] as number)
      if (moved && this.#clearing !== undefined) this.#clearing.slot = 0
    }
  }

  replace(document: number, points: readonly WordPoint[]): void {
    for (const row of this.places.remove(document)) {
      this.#state[row] = GONE
      this.#removed.push(row)
    }
    for (const point of points) this.add(point)
  }

  get needsWork(): boolean {
    if (this.#clearing !== undefined) return true
    return this.#removed.length > Math.max(MIN_REMOVED, REMOVED_PART * this.places.points)
  }

  /** Clears some lists of rows that are gone. */
  work(): void {
    if (this.#clearing === undefined) {
      this.#clearing = { rows: this.#removed, slot: 0 }
      this.#removed = []
    }
    const end = Math.min(this.#clearing.slot + STEP_SLOTS, this.#table.slots)
    for (let postings = 0; this.#clearing.slot < end && postings < STEP_POSTINGS; this.#clearing.slot += 1) {
      postings += this.#table.countAt(this.#clearing.slot)
      this.#table.filter(this.#clearing.slot, (row) => this.#state[row] !== GONE)
    }
    if (this.#clearing.slot < this.#table.slots) return
    this.places.free(this.#clearing.rows)
    this.#clearing = undefined
  }

  /**
   * The best points, of some rows or of all. The rarest words come first: as soon as enough documents have more from
   * those than all others can give, a document that has none of them cannot be among the best any more, and only those
   * found are scored on (the idea of MaxScore; Turtle and Flood, "Query Evaluation: Strategies and Optimizations",
   * 1995).
   */
  best(asked: readonly AskedWord[], among: Uint32Array | undefined, wanted: Wanted): BestPoints {
    this.#forgetScores()
    const words = byRarity(asked.map((word) => this.#lookUp(word)))
    let rest = words.reduce((total, { most }) => total + most, 0)
    let closed = false
    for (const row of among ?? []) this.#state[row] = ASKED_FOR
    for (const { slot, factor, most } of words) {
      // Where more is found than still to come, closing would save little.
      if (!closed && this.#foundCount < this.#table.countAt(slot)) {
        closed = findBest(this.#scored, wanted).limit > rest * ROUNDING
      }
      if (closed) this.#addToFound(slot, factor)
      else this.#addScores(slot, factor, among === undefined ? HELD : ASKED_FOR)
      rest -= most
    }
    for (const row of among ?? []) this.#state[row] = HELD
    return bestPoints(this.#scored, wanted)
  }

  #forgetScores(): void {
    const [scores, found, count] = [this.#scores, this.#found, this.#foundCount]
    if (count > MANY_PART * scores.length) scores.fill(0)
    else for (let i = 0; i < count; i += 1) scores[found[i] as number] = 0
    this.#foundCount = 0
  }

  get #scored(): ScoredPoints {
    const [found, scores, count] = [this.#found, this.#scores, this.#foundCount]
    return { found, count, scores, pointAt: (row) => this.places.pointAt(row) as number }
  }

  /** Where a word is, what weights are multiplied with, and the most that a point can get by it. */
  #lookUp(word: AskedWord): { readonly slot: number; readonly factor: number; readonly most: number } {
    const slot = this.#table.find(lowBits(word.hash), highBits(word.hash))
    const factor = factorOf(word, this.places.points, this.#holders(slot))
    return { slot, factor, most: factor * this.#table.highestAt(slot) }
  }

  /** How many points hold the word of a slot. */
  #holders(slot: number): number {
    if (this.#removed.length === 0 && this.#clearing === undefined) return this.#table.countAt(slot)
    const state = this.#state
    let holders = 0
    this.#table.visit(slot, (rows, _weights, from, to) => {
      for (let at = from; at < to; at += 1) if (state[rows[at] as number] !== GONE) holders += 1
    })
    return holders
  }

  /** Adds to the score of every row that is in a list. */
  #addScores(slot: number, factor: number, least: number): void {
    const [state, scores, found] = [this.#state, this.#scores, this.#found]
    let count = this.#foundCount
    this.#table.visit(slot, (rows, weights, from, to) => {
      for (let at = from; at < to; at += 1) {
        const row = rows[at] as number
        if ((state[row] as number) < least) continue
        const score = scores[row] as number
        if (score === 0) {
          found[count] = row
          count += 1
        }
        scores[row] = score + factor * (weights[at] as number)
      }
    })
    this.#foundCount = count
  }

  /** Likewise, of rows that have been found only. */
  #addToFound(slot: number, factor: number): void {
    const scores = this.#scores
    this.#table.visit(slot, (rows, weights, from, to) => {
      for (let at = from; at < to; at += 1) {
        const row = rows[at] as number
        const score = scores[row] as number
        if (score !== 0) scores[row] = score + factor * (weights[at] as number)
      }
    })
  }

  #resize(rows: number): void {
    const state = new Uint8Array(rows)
    state.set(this.#state)
    this.#state = state
    const scores = new Float64Array(rows)
    scores.set(this.#scores)
    this.#scores = scores
    const found = new Uint32Array(rows)
    found.set(this.#found)
    this.#found = found
  }
}
