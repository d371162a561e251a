import type { Metric } from '@tandemstore/core/adapter'

/**
 * The largest of a vector of integers: whatever that is divided by, an engine has it as a small integer, which is
 * written fastest.
 */
const LARGEST = 2 ** 30

/**
 * A vector as numbers that are quick to write and read as JSON, where its 32-bit numbers as doubles would have up to 24
 * characters each.
 */
export function toNumbers(vector: Float32Array, metric: Metric): number[] {
  // For the cosine only the direction counts, and Qdrant stores vectors of length 1.
  return metric === 'cosine' ? toIntegers(vector) : shortNumbers(vector)
}

/**
 * The same direction in integers, exact to a billionth of the largest number: finer than the 32-bit numbers that Qdrant
 * makes of them.
 */
export function toIntegers(vector: Float32Array): number[] {
  let largest = 0
  for (let i = 0; i < vector.length; i += 1) largest = Math.max(largest, Math.abs(vector[i] as number))
  const scale = largest === 0 ? 0 : LARGEST / largest
  const integers = new Array<number>(vector.length)
  // `| 0`: no negative zero, and the engine keeps small integers.
  for (let i = 0; i < vector.length; i += 1) integers[i] = Math.round((vector[i] as number) * scale) | 0
  return integers
}

/**
 * The numbers of a vector, each as a double of at most nine significant digits that is nearest to the same 32-bit
 * number; nine tell any two of those apart. As JSON they are half as long as the 32-bit numbers themselves would be,
 * which both sides write and read much faster.
 */
export function shortNumbers(vector: Float32Array): number[] {
  const numbers = new Array<number>(vector.length)
  for (let i = 0; i < vector.length; i += 1) {
    const exact = vector[i] as number
    const size = Math.abs(exact)
    const scale = scaleOf(size)
    numbers[i] = scale === 0 ? exact : Math.round(exact * scale) / scale
  }
  return numbers
}

/** A power of ten that a double holds exactly, so that the quotient is the double nearest to the decimal. */
function scaleOf(size: number): number {
  if (size >= 10) return 0
  if (size >= 1) return 1e8
  if (size >= 0.1) return 1e9
  if (size >= 0.01) return 1e10
  if (size >= 0.001) return 1e11
  return size >= 0.0001 ? 1e12 : 0
}
