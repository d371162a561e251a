import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatNamespace, parseNamespace } from '../../src/namespace-path.js'

test('every namespace can be written as an argument and read back', () => {
  const label = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('/', '[', '["a"]', '..', 'a/', ' '))
  fc.assert(
    fc.property(fc.array(label, { maxLength: 5 }), (labels) => {
      expect(parseNamespace(formatNamespace(labels))).toEqual(labels)
    }),
  )
})

test('a slash at the end is passed over, / is everything, other JSON is refused', () => {
  expect(parseNamespace('users/42/')).toEqual(['users', '42'])
  expect([parseNamespace(''), parseNamespace('/'), parseNamespace('[]')]).toEqual([[], [], []])
  for (const text of ['["a"', '[1]', '[["a"]]']) expect(() => parseNamespace(text)).toThrow('labels such as users/42')
})
