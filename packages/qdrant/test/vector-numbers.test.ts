import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shortNumbers, toIntegers } from '../src/vector-numbers.js'

const digits = (number: number): number => String(Math.abs(number)).replace(/^[0.]+|\.|e.*$/g, '').length

test('is the same 32-bit number', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const [short] = shortNumbers(Float32Array.of(number))
      expect(Object.is(Math.fround(short as number), number)).toBe(true)
    }),
    { numRuns: 10_000 },
  )
})

test('has at most nine digits where vectors of length 1 have their numbers', () => {
  fc.assert(
    fc.property(fc.float({ min: Math.fround(1.1e-4), max: Math.fround(0.9999), noNaN: true }), (number) => {
      const [short] = shortNumbers(Float32Array.of(number))
      expect(digits(short as number)).toBeLessThanOrEqual(9)
      expect(Math.fround(short as number)).toBe(number)
    }),
    { numRuns: 10_000 },
  )
})

const vectors = fc
  .float32Array({
    noNaN: true,
    noDefaultInfinity: true,
    minLength: 1,
    maxLength: 64,
    min: Math.fround(-1e18),
    max: Math.fround(1e18),
  })
  .filter((vector) => vector.some((number) => Math.abs(number) > 1e-18))

test('integers keep the direction', () => {
  fc.assert(
    fc.property(vectors, (vector) => {
      const integers = toIntegers(vector)
      expect(integers.every((number) => Number.isInteger(number) && Math.abs(number) <= 2 ** 30)).toBe(true)
      const largest = Math.max(...vector.map(Math.abs))
      for (const [i, number] of vector.entries())
        expect(Math.abs((integers[i] as number) / 2 ** 30 - number / largest)).toBeLessThan(1e-9)
    }),
  )
})

test('a vector without a direction stays one', () => {
  expect(toIntegers(new Float32Array(3))).toEqual([0, 0, 0])
})
