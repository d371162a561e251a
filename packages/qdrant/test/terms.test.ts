import fc from 'fast-check'
import { expect, test } from 'vitest'
import { termHash, toSparse } from '../src/terms.js'

test('hashes are 32-bit numbers, the same for the same term', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 64, unit: 'binary' }), (term) => {
      const hash = termHash(term)
      expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true)
      expect(termHash(`${term}`)).toBe(hash)
    }),
  )
})

test.each([
  ['numbers', (i: number) => String(i)],
  ['identifiers', (i: number) => `err_${i.toString(36)}`],
  ['pairs of ideographs', (i: number) => String.fromCharCode(0x4e00 + (i % 1000), 0x4e00 + Math.floor(i / 1000))],
])('terms meet as seldom as 32 bits allow: %s', (_, termOf) => {
  const terms = 500_000
  const met = terms - new Set(Array.from({ length: terms }, (_, i) => termHash(termOf(i)))).size
  // Of so many random numbers, 29 meet another, give or take 5.
  expect(met).toBeLessThan(60)
})

test('weights keep single precision, and are added where terms meet', () => {
  const weights = [0.1, 1.5, 2.000001, 1e-6, 123.456]
  const terms = weights.map((_, i) => `t${i}`)
  const { indices, values } = toSparse({ terms, weights })
  expect(indices).toEqual(terms.map(termHash))
  expect(values.map(Math.fround)).toEqual(weights.map(Math.fround))
  const [one, other] = meeting()
  expect(toSparse({ terms: [one, 'between', other], weights: [1, 2, 4] })).toEqual({
    indices: [termHash(one), termHash('between')],
    values: [5, 2],
  })
})

/** Two terms of one hash. */
function meeting(): [string, string] {
  const seen = new Map<number, string>()
  for (let i = 0; ; i += 1) {
    const term = `w${i}`
    const other = seen.get(termHash(term))
    if (other !== undefined) return [other, term]
    seen.set(termHash(term), term)
  }
}
