import { expect, it } from 'vitest'
import { corpusTexts, searchesWithin, syntheticTexts } from '../../src/workload/texts.js'

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

it('takes the texts of a corpus in its order, each query once, and queries from the beginning again', () => {
  const query = (id: string, text: string) => ({ id, text, judgements: new Map([['a', 1]]) })
  const texts = corpusTexts({
    name: 'mine',
    kind: 'judged',
    documents: [
      { id: 'a', text: 'one' },
      { id: 'b', text: 'two' },
    ],
    queries: [query('p', 'which?'), query('q', 'which?'), query('r', 'who?')],
    warnings: [],
  })
  expect(texts).toMatchObject({ name: 'mine', count: 2, queryCount: 2 })
  expect([texts.document(1), ...first(3, texts.query)]).toEqual(['two', 'which?', 'who?', 'which?'])
})

it('makes no more searches than there are queries that no cache holds, and says so', () => {
  const warnings: string[] = []
  const texts = { ...syntheticTexts(1), name: 'mine', queryCount: 50 }
  expect(searchesWithin(texts, 50, 1, warnings)).toBe(50)
  expect(searchesWithin(syntheticTexts(1), 1e6, 2, warnings)).toBe(1e6)
  expect(warnings).toEqual([])
  expect(searchesWithin(texts, 200, 1, warnings)).toBe(50)
  expect(searchesWithin(texts, 200, 2, warnings)).toBe(25)
  expect(warnings).toEqual([
    'mine has 50 queries: 50 searches are made instead of 200',
    'mine has 50 queries for 2 runs with one cache: 25 searches are made instead of 200',
  ])
})
