import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shortNumbers } from '../src/short-numbers.js'

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
