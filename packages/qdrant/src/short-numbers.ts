/**
 * The numbers of a vector, each as a double of at most nine significant digits that is nearest to the same 32-bit number; nine tell any two
 * of those apart. As JSON they are half as long as the 32-bit numbers themselves would be, which both sides write and read much faster.
 */
export function shortNumbers(vector: Float32Array): number[] {
  const numbers = new Array<number>(vector.length)
  for (let i = 0; i < vector.length; i += 1) {
    const exact = vector[i] as number
    const size = Math.abs(exact)
    // Powers of ten that a double holds exactly, so that the quotient is the double nearest to the decimal.
    const scale =
      size >= 1 ? 0 : size >= 0.1 ? 1e9 : size >= 0.01 ? 1e10 : size >= 0.001 ? 1e11 : size >= 0.0001 ? 1e12 : 0
    numbers[i] = scale === 0 ? exact : Math.round(exact * scale) / scale
  }
  return numbers
}
