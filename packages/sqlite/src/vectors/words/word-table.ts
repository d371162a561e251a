import { NO_BLOCK, type PostingLists, type PostingsVisitor } from './posting-lists.js'

const MIN_SLOTS = 4096
/** At most so much of the table is used. */
const MAX_LOAD = 2 / 3

/** The list of each word: a hash table with linear probing. */
export class WordTable {
  readonly #lists: PostingLists
  #low = new Uint32Array(MIN_SLOTS)
  #high = new Uint16Array(MIN_SLOTS)
  /** Postings of the list. 0 in a slot that has not been used, or whose list was emptied. */
  #count = new Uint32Array(MIN_SLOTS)
  /** Its newest block. */
  #newest = new Uint32Array(MIN_SLOTS)
  /** The highest weight that the list has ever had since it was empty. */
  #highest = new Float32Array(MIN_SLOTS)
  /** Slots of that block that are in use, with the one for the link; 0 in a slot of the table never used. */
  #used = new Uint16Array(MIN_SLOTS)
  #words = 0

  constructor(lists: PostingLists) {
    this.#lists = lists
  }

  get bytes(): number {
    return this.#low.length * (4 + 2 + 4 + 4 + 4 + 2)
  }

  get slots(): number {
    return this.#low.length
  }

  /** Adds a posting. Says whether words have moved to other slots. */
  add(low: number, high: number, row: number, weight: number): boolean {
    const moved = this.#words >= MAX_LOAD * this.slots
    if (moved) this.#grow()
    const slot = this.find(low, high)
    if (this.#used[slot] === 0) {
      this.#low[slot] = low
      this.#high[slot] = high
      this.#words += 1
    }
    this.#append(slot, row, weight)
    return moved
  }

  /** The slot of a word, or the one where it would be. */
  find(low: number, high: number): number {
    const mask = this.slots - 1
    let slot = low & mask
    while (this.#used[slot] !== 0 && (this.#low[slot] !== low || this.#high[slot] !== high)) slot = (slot + 1) & mask
    return slot
  }

  countAt(slot: number): number {
    return this.#count[slot] as number
  }

  /** No posting of a slot has a higher weight. */
  highestAt(slot: number): number {
    return this.#highest[slot] as number
  }

  visit(slot: number, visitor: PostingsVisitor): void {
    if (this.#count[slot] !== 0) this.#lists.visit(this.#newest[slot] as number, this.#used[slot] as number, visitor)
  }

  /** Drops the postings of a word for whose rows `keeps` does not hold. */
  filter(slot: number, keeps: (row: number) => boolean): void {
    const keptRows: number[] = []
    const keptWeights: number[] = []
    this.visit(slot, (rows, weights, from, to) => {
      for (let at = from; at < to; at += 1) {
        const row = rows[at] as number
        if (!keeps(row)) continue
        keptRows.push(row)
        keptWeights.push(weights[at] as number)
      }
    })
    if (keptRows.length === this.#count[slot]) return
    this.#lists.release(this.#newest[slot] as number)
    this.#count[slot] = 0
    this.#newest[slot] = NO_BLOCK
    this.#highest[slot] = 0
    keptRows.forEach((row, i) => {
      this.#append(slot, row, keptWeights[i] as number)
    })
  }

  #append(slot: number, row: number, weight: number): void {
    let block = this.#newest[slot] as number
    let used = this.#used[slot] as number
    if (block === NO_BLOCK || used === this.#lists.sizeOf(block)) {
      block = this.#lists.extend(block)
      this.#newest[slot] = block
      used = 1
    }
    this.#lists.set(block, used, row, weight)
    this.#used[slot] = used + 1
    this.#count[slot] = (this.#count[slot] as number) + 1
    if (weight > (this.#highest[slot] as number)) this.#highest[slot] = weight
  }

  /** Makes room, without the words that no row holds any more. */
  #grow(): void {
    const [low, high, count] = [this.#low, this.#high, this.#count]
    const [newest, highest, used] = [this.#newest, this.#highest, this.#used]
    let held = 0
    for (const each of count) if (each > 0) held += 1
    const slots = held * 2 >= MAX_LOAD * count.length ? count.length * 2 : count.length
    this.#low = new Uint32Array(slots)
    this.#high = new Uint16Array(slots)
    this.#count = new Uint32Array(slots)
    this.#newest = new Uint32Array(slots)
    this.#highest = new Float32Array(slots)
    this.#used = new Uint16Array(slots)
    this.#words = held
    for (let from = 0; from < count.length; from += 1) {
      if (count[from] === 0) continue
      const to = this.find(low[from] as number, high[from] as number)
      this.#low[to] = low[from] as number
      this.#high[to] = high[from] as number
      this.#count[to] = count[from] as number
      this.#newest[to] = newest[from] as number
      this.#highest[to] = highest[from] as number
      this.#used[to] = used[from] as number
    }
  }
}
