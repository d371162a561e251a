import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileFilter, valueKey } from '../src/filter.js'
import { toOrdered } from '../src/ordered-number.js'
import { pathName, scalarName } from '../src/payload.js'

const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const NOTHING = { has_id: [] }

describe('numbers', () => {
  test('order as their two halves do', () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        const [x, y] = [toOrdered(a), toOrdered(b)]
        const order = Math.sign(x.high - y.high || x.low - y.low)
        expect(order).toBe(a === b ? 0 : a < b ? -1 : 1)
        for (const half of [x.high, x.low]) expect(Number.isInteger(half) && half >= 0 && half < 2 ** 32).toBe(true)
      }),
    )
  })

  test('0 and -0 are one', () => {
    expect(toOrdered(-0)).toEqual(toOrdered(0))
    expect(scalarName(-0)).toBe(scalarName(0))
  })
})

describe('names', () => {
  test('two scalars have one name only if they are the same', () => {
    const scalar = fc.oneof(fc.string(), finite, fc.boolean(), fc.constantFrom('n1', 's', 'btrue', 'h'))
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        expect(scalarName(a) === scalarName(b)).toBe(a === b)
      }),
    )
    expect(scalarName('1')).not.toBe(scalarName(1))
    expect(scalarName('true')).not.toBe(scalarName(true))
  })

  test('a short text that looks like the name of a long one is another', () => {
    const long = 'x'.repeat(1000)
    expect(scalarName(long).length).toBeLessThan(50)
    expect(scalarName(scalarName(long))).not.toBe(scalarName(long))
    expect(scalarName(scalarName(long).slice(1))).not.toBe(scalarName(long))
    expect(scalarName(`${long}a`)).not.toBe(scalarName(`${long}b`))
  })

  test('a path becomes letters and digits, whatever is in it', () => {
    for (const path of ['a', 'a.b', 'a\\.b', '"a"', 'a[0]', '__proto__', 'values', 'micros', '日本', ''])
      expect(valueKey(path, 'is')).toMatch(/^values\.p[0-9a-f]{32}\.is$/)
    expect(pathName('a.b')).not.toBe(pathName('a\\.b'))
  })
})

describe('conditions', () => {
  test('what can never hold, and what always holds, are said so: Qdrant takes an empty list for no condition', () => {
    expect(compileFilter({ op: 'or', filters: [] })).toEqual(NOTHING)
    expect(compileFilter({ op: 'in', path: 'x', values: [] })).toEqual(NOTHING)
    expect(compileFilter({ op: 'and', filters: [] })).toEqual({ must_not: [NOTHING] })
    expect(compileFilter({ op: 'not', filter: { op: 'and', filters: [] } })).toEqual({
      must_not: [{ must_not: [NOTHING] }],
    })
  })

  test('values of any type are one match', () => {
    expect(compileFilter({ op: 'in', path: 'x', values: ['1', 1, true, 1] })).toEqual({
      key: valueKey('x', 'is'),
      match: { any: ['s1', 'n1', 'btrue'] },
    })
  })

  test('a range looks at the greatest or the least value, first by its high half', () => {
    const { high, low } = toOrdered(0.1)
    expect(compileFilter({ op: 'range', path: 'x', on: 'numbers', compare: 'lte', value: 0.1 })).toEqual({
      should: [
        { key: valueKey('x', 'numbers.min'), range: { lt: high } },
        {
          must: [
            { key: valueKey('x', 'numbers.min'), range: { gte: high, lte: high } },
            { key: valueKey('x', 'numbers.minLow'), range: { lte: low } },
          ],
        },
      ],
    })
  })
})
