import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesFilter, parseFilter } from '../../src/document/filter.js'
import { parseFilterPath } from '../../src/document/filter-paths.js'
import { filterValues } from '../../src/document/filter-values.js'
import { escapeName, type Json, parsePath, reach } from '../../src/document/paths.js'

const value: Json = {
  title: 'Tea',
  notes: [{ text: 'one' }, { text: 'two', by: { name: 'Ada' } }, { text: 'three' }],
  de: { title: 'Tee', body: 'grün' },
  en: { title: 'Tea', body: 'green' },
  matrix: [
    [1, 2],
    [3, 4],
  ],
  'a*b': 'star',
  '*': 'only a star',
  '{x,y}': 'braces',
  'c,d': 'comma',
}

describe('a path', () => {
  it.each<[string, readonly Json[]]>([
    ['title', ['Tea']],
    ['notes[0].text', ['one']],
    ['notes[-1].text', ['three']],
    ['notes[-3].text', ['one']],
    ['notes[-4].text', []],
    ['notes[*].text', ['one', 'two', 'three']],
    ['notes.*.text', ['one', 'two', 'three']],
    ['notes.*.by.*', ['Ada']],
    ['matrix[*][-1]', [2, 4]],
    ['matrix.*.*', [1, 2, 3, 4]],
    ['*.title', ['Tee', 'Tea']],
    ['{de,en}.title', ['Tee', 'Tea']],
    ['{en,de}.{body,title}', ['green', 'Tea', 'grün', 'Tee']],
    ['{title,none}', ['Tea']],
    ['{title,title}', ['Tea']],
    ['a\\*b', ['star']],
    ['\\*', ['only a star']],
    ['\\{x,y\\}', ['braces']],
    ['\\{x\\,y\\}', ['braces']],
    ['c,d', ['comma']],
    ['{c\\,d,title}', ['comma', 'Tea']],
    ['title[0]', []],
    ['notes.text', []],
  ])('%s reaches what it says', (path, expected) => {
    expect(reach(value, parsePath(path, 'field'))).toEqual(expected)
  })

  it.each([
    ...['', '.', 'a.', '.a', 'a..b', 'a[', 'a[x]', 'a[--1]', '[0]', 'a[0]b', 'a]', 'a*', '*a', '**', 'a\\', 'a\\b'],
    ...['{', '{}', '{a', '{a,}', '{,a}', '{a.b,c}', '{a}b', 'b{a}', 'a}', '{*,a}', '{a,constructor}', '__proto__'],
  ])('that is none is refused: %s', (path) => {
    expect(() => parsePath(path, 'field')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })

  it('finds every name, whatever its letters, once they are escaped', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 8 }), (name) => {
        fc.pre(!['__proto__', 'prototype', 'constructor'].includes(name) && name !== '$' && !name.includes('\0'))
        expect(parsePath(escapeName(name), 'field')).toEqual([{ property: name }])
        expect(parseFilterPath(`a.${escapeName(name)}`, 'field')).toEqual([`a.${escapeName(name)}`])
      }),
    )
  })

  it('reaches no more values than there are, however many names it has twice', () => {
    let deep: Json = 'x'
    for (let i = 0; i < 90; i += 1) deep = { a: deep }
    expect(reach(deep, parsePath(Array.from({ length: 90 }, () => '{a,a}').join('.'), 'field'))).toEqual(['x'])
  })
})

describe('a path in a filter', () => {
  const passes = (filter: object): boolean => {
    const parsed = parseFilter(filter, {})
    return parsed === undefined || matchesFilter(parsed, filterValues(value, {}))
  }

  it('means any of the paths that braces stand for, and its negation none of them', () => {
    expect(passes({ '{de,en}.title': 'Tee' })).toBe(true)
    expect(passes({ '{de,en}.title': { $ne: 'Tee' } })).toBe(false)
    expect(passes({ '{de,en}.title': { $nin: ['Kaffee'] } })).toBe(true)
    expect(passes({ '{de,fr}.title': { $exists: true } })).toBe(true)
    expect(passes({ '{fr,it}.title': null })).toBe(true)
    expect(passes({ '{matrix,none}': { $gt: 3 } })).toBe(true)
    expect(passes({ '{matrix,none}': { $gt: 4 } })).toBe(false)
  })

  it.each(['*', 'a.*', 'a[0]', 'a[-1]', '$'])('is refused where an index could not tell: %s', (path) => {
    expect(() => parseFilter({ [path]: 1 }, {})).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })

  it('stands for a bounded number of paths', () => {
    const path = Array.from({ length: 30 }, () => '{a,b}').join('.')
    expect(() => parseFilter({ [path]: 1 }, {})).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})

describe('the values to filter by', () => {
  it('are by no path that a filter reads as another', () => {
    expect(filterValues({ approved: false, '': { approved: true }, a: { '': { b: 1 } } }, {})).toEqual({
      approved: { booleans: [false] },
    })
  })

  it('leave out what lies under a path that no filter can have', () => {
    const name = 'q'.repeat(1022)
    expect(filterValues({ [name]: { a: 1, ab: 2 }, ['q'.repeat(1025)]: 3 }, {})).toEqual({
      [`${name}.a`]: { numbers: [1] },
    })
    expect(parseFilterPath(`${name}.a`, 'field')).toEqual([`${name}.a`])
    expect(() => parseFilterPath(`${name}.ab`, 'field')).toThrow()
  })

  it('are found by the path that names them, whatever the names', () => {
    const name = fc
      .string({ minLength: 1, maxLength: 4 })
      .filter(
        (each) =>
          each !== '$' &&
          each !== '__proto__' &&
          each !== 'constructor' &&
          each !== 'prototype' &&
          !each.includes('\0'),
      )
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (path) => {
        const nested = path.reduceRight<Json>((inner, each) => ({ [each]: inner }), 'x')
        fc.pre(!path[0]?.startsWith('$'))
        const filter = parseFilter({ [path.map(escapeName).join('.')]: 'x' }, {})
        expect(matchesFilter(filter as NonNullable<typeof filter>, filterValues(nested, {}))).toBe(true)
      }),
    )
  })

  it('of a long list are compared with a long list in one pass over each', () => {
    // Compared each with each this would be ten billion comparisons.
    const list = Array.from({ length: 100_000 }, (_, i) => `text ${i}`)
    const others = Array.from({ length: 100_000 }, (_, i) => `other ${i}`)
    const filter = parseFilter({ list: { $in: others } }, {}) as NonNullable<ReturnType<typeof parseFilter>>
    expect(matchesFilter(filter, filterValues({ list }, {}))).toBe(false)
    expect(matchesFilter(filter, filterValues({ list: [...list, 'other 7'] }, {}))).toBe(true)
  })
})
