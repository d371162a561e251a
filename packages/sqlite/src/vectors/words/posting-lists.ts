/** Postings of one page. A block lies in one page. */
const PAGE_SLOTS = 65_536
const PAGE_SHIFT = 16
const PAGE_MASK = PAGE_SLOTS - 1
const BYTES_PER_SLOT = 8
/** Sizes of blocks: the first of a list is the smallest, and each that follows is larger. */
const MIN_BLOCK = 4
const MAX_BLOCK = 1024
/** No block begins there. */
export const NO_BLOCK = 0

interface Page {
  readonly rows: Uint32Array
  readonly weights: Float32Array
}

/** Some postings as they lie in memory: those from `from` up to `to` (exclusive). */
export type PostingsVisitor = (rows: Uint32Array, weights: Float32Array, from: number, to: number) => void

/**
 * Lists of postings (a row and a weight), each a chain of blocks, the last first. The first slot of a block links to
 * the block before it, with its size in the place of the weight. Nothing is ever copied when a list grows.
 */
export class PostingLists {
  readonly #pages: Page[] = []
  /** The first slot that has never been used. */
  #next = MIN_BLOCK
  /** Blocks that were given back, by size. */
  readonly #free = new Map<number, number[]>()

  get bytes(): number {
    return this.#pages.length * PAGE_SLOTS * BYTES_PER_SLOT
  }

  /** A larger block in front of `before`, the newest of a list until now. */
  extend(before: number): number {
    const size = before === NO_BLOCK ? MIN_BLOCK : Math.min(2 * this.sizeOf(before), MAX_BLOCK)
    const block = this.#free.get(size)?.pop() ?? this.#take(size)
    const { rows, weights } = this.#pageOf(block)
    rows[block & PAGE_MASK] = before
    weights[block & PAGE_MASK] = size
    return block
  }

  /** Slots of a block, with the one for the link. */
  sizeOf(block: number): number {
    return this.#pageOf(block).weights[block & PAGE_MASK] as number
  }

  set(block: number, slot: number, row: number, weight: number): void {
    const { rows, weights } = this.#pageOf(block)
    rows[(block & PAGE_MASK) + slot] = row
    weights[(block & PAGE_MASK) + slot] = weight
  }

  /** Visits a list: all blocks are full but the newest, of which `used` slots are. */
  visit(newest: number, used: number, visitor: PostingsVisitor): void {
    for (let block = newest, end = used; block !== NO_BLOCK; ) {
      const { rows, weights } = this.#pageOf(block)
      const from = block & PAGE_MASK
      visitor(rows, weights, from + 1, from + end)
      block = rows[from] as number
      end = block === NO_BLOCK ? 0 : this.sizeOf(block)
    }
  }

  /** Gives back the blocks of a list. */
  release(newest: number): void {
    for (let block = newest; block !== NO_BLOCK; ) {
      const { rows, weights } = this.#pageOf(block)
      const size = weights[block & PAGE_MASK] as number
      const free = this.#free.get(size)
      if (free === undefined) this.#free.set(size, [block])
      else free.push(block)
      block = rows[block & PAGE_MASK] as number
    }
  }

  #take(size: number): number {
    const left = PAGE_SLOTS - (this.#next & PAGE_MASK)
    if (this.#next >>> PAGE_SHIFT < this.#pages.length && left < size) this.#next += left
    if (this.#next >>> PAGE_SHIFT >= this.#pages.length) {
      this.#pages.push({ rows: new Uint32Array(PAGE_SLOTS), weights: new Float32Array(PAGE_SLOTS) })
    }
    const block = this.#next
    this.#next += size
    return block
  }

  #pageOf(block: number): Page {
    return this.#pages[block >>> PAGE_SHIFT] as Page
  }
}
