import { expect, it } from 'vitest'
import { corpusTexts, syntheticTexts } from '../../src/workload/texts.js'

const wordsOf = (text: string): number => text.split(/\s+/).length
const first = (count: number, make: (number: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => make(i))

it('makes the same texts of a seed, and others of another', () => {
  const [one, same, other] = [syntheticTexts(1), syntheticTexts(1), syntheticTexts(2)]
  expect(first(20, one.document)).toEqual(first(20, same.document))
  expect(first(20, one.query)).toEqual(first(20, same.query))
  expect(one.document(0)).not.toBe(other.document(0))
})

it('makes documents of the length of paragraphs and queries of some words, no two alike', () => {
  const documents = first(2000, syntheticTexts(42).document)
  expect(new Set(documents).size).toBe(2000)
  const lengths = documents.map(wordsOf)
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(40)
  expect(Math.max(...lengths)).toBeLessThanOrEqual(325)
  const mean = lengths.reduce((sum, each) => sum + each, 0) / lengths.length
  expect(mean).toBeGreaterThan(110)
  expect(mean).toBeLessThan(135)
  const queries = first(500, syntheticTexts(42).query)
  expect(new Set(queries).size).toBe(500)
  for (const query of queries) expect(wordsOf(query)).toBeLessThanOrEqual(8)
})

it('takes the texts of a corpus in its order, and queries from the beginning again', () => {
  const texts = corpusTexts({
    name: 'mine',
    kind: 'judged',
    documents: [
      { id: 'a', text: 'one' },
      { id: 'b', text: 'two' },
    ],
    queries: [{ id: 'q', text: 'which?', judgements: new Map([['a', 1]]) }],
    warnings: [],
  })
  expect(texts).toMatchObject({ name: 'mine', count: 2 })
  expect([texts.document(1), texts.query(0), texts.query(5)]).toEqual(['two', 'which?', 'which?'])
})
