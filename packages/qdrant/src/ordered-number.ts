/** A double as two unsigned 32-bit integers, which compare in turn as the doubles do. */
export interface OrderedNumber {
  readonly high: number
  readonly low: number
}

const view = new DataView(new ArrayBuffer(8))

/**
 * Qdrant's JSON parser may be off by the last bit of a fraction, so that a number stored is not the number asked for;
 * integers of 32 bits come through. The bits of an IEEE 754 double order as the numbers do once the sign bit is
 * flipped, or all bits where it is set.
 */
export function toOrdered(value: number): OrderedNumber {
  // -0 equals 0.
  view.setFloat64(0, value === 0 ? 0 : value)
  const high = view.getUint32(0)
  const low = view.getUint32(4)
  return high >>> 31 === 0 ? { high: (high | 0x80000000) >>> 0, low } : { high: ~high >>> 0, low: ~low >>> 0 }
}
