const BUCKETS = 4096
const WORDS = 3

/**
 * Compares two large sets of point ids in 48 kB: those added and those taken away, in any order, over buckets. A
 * bucket whose sums are all zero again held the same ids on both sides; by chance two different sets come out alike
 * once in 2^64.
 */
export class PointTally {
  /** Of each bucket: how many, and the sums of two hashes of the ids. */
  readonly #sums = new Uint32Array(BUCKETS * WORDS)

  add(id: string): void {
    this.#count(id, 1)
  }

  remove(id: string): void {
    this.#count(id, -1)
  }

  /** Whether as many and the same ids were added to the bucket of this one as were taken away. */
  isEven(id: string): boolean {
    const at = bucketOf(hash(id, FIRST_SEED))
    return this.#sums[at] === 0 && this.#sums[at + 1] === 0 && this.#sums[at + 2] === 0
  }

  get allEven(): boolean {
    return this.#sums.every((sum) => sum === 0)
  }

  #count(id: string, sign: 1 | -1): void {
    const first = hash(id, FIRST_SEED)
    const at = bucketOf(first)
    const sums = this.#sums
    sums[at] = (sums[at] as number) + sign
    sums[at + 1] = (sums[at + 1] as number) + sign * first
    sums[at + 2] = (sums[at + 2] as number) + sign * hash(id, SECOND_SEED)
  }
}

const FIRST_SEED = 0x811c9dc5
const SECOND_SEED = 0x9747b28c

function bucketOf(hashed: number): number {
  return (hashed >>> 20) * WORDS
}

/** FNV-1a over UTF-16 units, with a last mixing so that its high bits are as good as its low ones. */
function hash(text: string, seed: number): number {
  let value = seed
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d)
  return (value ^ (value >>> 13)) >>> 0
}
