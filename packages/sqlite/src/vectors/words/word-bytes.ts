import type { TermWeights } from '@tandemstore/core/adapter'
import { hashWord, highBits, lowBits } from './word-hash.js'

/*
 * The words of a point, one after the other in memory: the low 32 bits of the number of each, then the weights in
 * single precision, then the high 16 bits. Like vectors they are stored in the byte order of the machine.
 */

export const BYTES_PER_WORD = 10
const ALIGNMENT = 4
/** What single precision can tell from 0 and from infinity. */
const MIN_WEIGHT = 2 ** -126
const MAX_WEIGHT = 2 ** 127

export interface Words {
  readonly count: number
  readonly low: Uint32Array
  readonly weights: Float32Array
  readonly high: Uint16Array
}

/** Where the words of a point are in the bytes of its batch. */
export interface WordPlace {
  readonly from: number
  readonly bytes: number
}

/** The words of the points of one batch, each where `Words` can be read in place. */
export class WordWriter {
  readonly bytes: Uint8Array<ArrayBuffer>
  #next = 0

  /** `points` say how many words there will be. */
  constructor(points: Iterable<TermWeights | undefined>) {
    let total = 0
    for (const point of points) total += align((point?.terms.length ?? 0) * BYTES_PER_WORD)
    this.bytes = new Uint8Array(total)
  }

  add({ terms, weights }: TermWeights): WordPlace {
    const from = this.#next
    const bytes = terms.length * BYTES_PER_WORD
    const words = readWords(this.bytes.subarray(from, from + bytes))
    for (let i = 0; i < terms.length; i += 1) {
      const hash = hashWord(terms[i] as string)
      words.low[i] = lowBits(hash)
      words.high[i] = highBits(hash)
      words.weights[i] = Math.min(Math.max(weights[i] as number, MIN_WEIGHT), MAX_WEIGHT)
    }
    this.#next += align(bytes)
    return { from, bytes }
  }
}

/** A view of stored words. */
export function readWords(bytes: Uint8Array): Words {
  const { buffer, byteOffset } = bytes.byteOffset % ALIGNMENT === 0 ? bytes : bytes.slice()
  // Of damaged bytes, what can be read.
  const count = Math.floor(bytes.byteLength / BYTES_PER_WORD)
  return {
    count,
    low: new Uint32Array(buffer, byteOffset, count),
    weights: new Float32Array(buffer, byteOffset + count * 4, count),
    high: new Uint16Array(buffer, byteOffset + count * 8, count),
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}
