import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filterValues } from '../../src/document/filter-values.js'
import { checkValue, MAX_VALUE_BYTES, parseValue } from '../../src/document/value.js'

const ref = { namespace: ['a'], key: 'k' }
const names = fc.oneof(
  fc.constantFrom('', '__proto__', 'toString', 'toJSON', '0', 'a.b', '\\', '*'),
  // Once an object had the name `\\`, JSON.parse of V8 13.6 takes the name `"` behind the same names for it.
  fc.string({ maxLength: 5 }).filter((name) => name !== '"'),
)
const { value: json } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(-0, 0, 1.5, true, null, '', '\u2028', '🙂'),
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
}))

describe('a value', () => {
  it('is checked, filtered and stored as one and the same, whatever it is', () => {
    fc.assert(
      fc.property(json, (inner) => {
        const { value, json: stored } = checkValue({ inner }, ref)
        expect(JSON.stringify(value)).toBe(stored)
        // Not toEqual, which calls what is named toString.
        expect(isDeepStrictEqual(parseValue(stored), value)).toBe(true)
        expect(isDeepStrictEqual(filterValues(parseValue(stored), {}), filterValues(value, {}))).toBe(true)
        // Equal to what was given, where 0 is -0.
        expect(JSON.stringify({ inner })).toBe(stored)
      }),
      { numRuns: 1000 },
    )
  })

  it('is the same with many names, one of which is __proto__, each read once', () => {
    let reads = 0
    const many: Record<string, unknown> = Object.fromEntries([
      ...Array.from({ length: 3000 }, (_, i) => [`p${i}`, i]),
      ['__proto__', { approved: true }],
    ])
    Object.defineProperty(many, 'moody', { enumerable: true, get: () => ++reads })
    const { value, json: stored } = checkValue(many, ref)
    expect(reads).toBe(1)
    expect(JSON.stringify(value)).toBe(stored)
    expect(Object.keys(parseValue(stored))).toEqual(Object.keys(many))
    expect((value as Record<string, unknown>).approved).toBeUndefined()
    expect(filterValues(value, {})).toEqual(filterValues(parseValue(stored), {}))
    expect(() => checkValue({ ...many, [Symbol('s')]: 1 }, ref)).toThrow('names that are text')
  })

  it('is a copy: what the caller changes later changes nothing', () => {
    const given = { list: [1], inner: { a: 1 } }
    const { value } = checkValue(given, ref)
    given.list.push(2)
    given.inner.a = 2
    expect(value).toEqual({ list: [1], inner: { a: 1 } })
  })

  it('has each property read once, so that none can change after it was checked', () => {
    let reads = 0
    const moody = {
      get text() {
        reads += 1
        return reads === 1 ? 'good' : 'bad\0'
      },
    }
    expect(checkValue(moody, ref)).toEqual({ value: { text: 'good' }, json: '{"text":"good"}' })
    const proxy = new Proxy({ a: 1 }, { get: (_, name) => (name === 'a' ? ++reads : undefined) })
    const { value, json: stored } = checkValue({ proxy }, ref)
    expect(parseValue(stored)).toEqual(value)
  })

  const withToJson = <T extends object>(value: T): T => Object.assign(value, { toJSON: () => ['other\0'] })
  it.each([
    ['toJSON on an array', { list: withToJson([1]) }, 'value.list', 'toJSON'],
    ['toJSON that is inherited', { a: Object.create(withToJson(Object.create(null))) }, 'value.a', 'toJSON'],
    ['toJSON of its own', { a: withToJson({}) }, 'value.a', 'toJSON'],
    ['a symbol as a name', { a: { [Symbol('s')]: 1 } }, 'value.a', 'Symbol(s)'],
    ['a class instance', { list: [new Map()] }, 'value.list[0]', 'Map'],
    ['a date', { at: new Date() }, 'value.at', 'toISOString'],
    ['a hole', { list: new Array(3) }, 'value.list[0]', 'undefined'],
  ])('with %s is refused', (_, value, field, word) => {
    expect(() => checkValue(value, ref)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', field, message: expect.stringContaining(word) }),
    )
  })

  it('may have a text named toJSON', () => {
    expect(checkValue({ toJSON: 'text' }, ref).json).toBe('{"toJSON":"text"}')
  })

  it('ends at the limit of bytes, also where a few objects would make billions', () => {
    let value: object = { text: 'x' }
    for (let i = 0; i < 60; i += 1) value = { a: value, b: value }
    const tooLarge = expect.objectContaining({ code: 'INVALID_ARGUMENT', field: 'value' })
    expect(() => checkValue(value, ref)).toThrow(tooLarge)
    expect(() => checkValue({ list: new Array(2 ** 31).fill(0, 0, MAX_VALUE_BYTES) }, ref)).toThrow(tooLarge)
    expect(checkValue({ a: 'x'.repeat(MAX_VALUE_BYTES - 8) }, ref).json).toHaveLength(MAX_VALUE_BYTES)
    expect(() => checkValue({ a: 'x'.repeat(MAX_VALUE_BYTES - 7) }, ref)).toThrow(tooLarge)
    expect(() => checkValue({ a: 'ä'.repeat(MAX_VALUE_BYTES / 2) }, ref)).toThrow(tooLarge)
  })
})
