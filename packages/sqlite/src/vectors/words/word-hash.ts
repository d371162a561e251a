/*
 * The file and the copies in memory hold no term, but a number of 48 bits for each. That two terms have the same
 * number is as good as impossible: where a space has a million different terms, a query of a term that is not among
 * them meets one of them once in 280 million times.
 */

const HIGH = 2 ** 32

/** The number of a term: its high 16 bits times 2^32 plus its low 32. */
export function hashWord(word: string): number {
  let low = 0x9e3779b9
  let high = 0x7f4a7c15
  for (let i = 0; i < word.length; i += 1) {
    const unit = word.charCodeAt(i)
    low = Math.imul(low ^ unit, 0x85ebca6b)
    low = (low << 13) | (low >>> 19)
    high = Math.imul(high ^ unit, 0xc2b2ae35)
    high = (high << 17) | (high >>> 15)
  }
  low = mix(low ^ word.length)
  high = mix(high + low)
  return (high & 0xffff) * HIGH + (low >>> 0)
}

export function lowBits(hash: number): number {
  return hash >>> 0
}

export function highBits(hash: number): number {
  return Math.floor(hash / HIGH)
}

/** Makes every bit depend on all others: the last step of MurmurHash3 (Appleby, 2011). */
function mix(word: number): number {
  let mixed = word
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
