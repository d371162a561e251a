import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exactSearch } from '../../src/metrics/exact-search.js'
import { toRanking } from '../../src/metrics/ranking.js'

const vector = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 3, maxLength: 3 })

function cosine(a: readonly number[], b: readonly number[]): number {
  const length = Math.hypot(...a) * Math.hypot(...b)
  return length === 0 ? 0 : a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0) / length
}

test('finds what sorting all documents by their best vector finds, equal ones in the order of trec_eval', () => {
  const documents = fc.dictionary(fc.string({ maxLength: 2 }), fc.array(vector, { minLength: 1, maxLength: 2 }), {
    maxKeys: 30,
  })
  fc.assert(
    fc.property(documents, vector, fc.integer({ min: 1, max: 8 }), (given, query, limit) => {
      const search = exactSearch(
        new Map(Object.entries(given).map(([id, vectors]) => [id, vectors.map((each) => Float32Array.from(each))])),
      )
      const found = search.nearest(Float32Array.from(query), limit)
      // Rounded, as two ways to one number differ in its last digits.
      const round = (x: number) => Math.round(x * 1e9) / 1e9
      const scored = Object.entries(given).map(([id, vectors]) => ({
        id,
        score: round(Math.max(...vectors.map((each) => cosine(each, query)))),
      }))
      const scores = new Map(scored.map(({ id, score }) => [id, score]))
      const expected = toRanking(scored).slice(0, limit)
      expect(found.map((id) => scores.get(id))).toEqual(expected.map((id) => scores.get(id)))
    }),
  )
})

test('of documents with the very same vector, those with the greatest ids are found, whatever the order they came in', () => {
  const same = Float32Array.of(1, 2)
  const ids = ['b', 'd', 'a', 'c']
  expect(exactSearch(new Map(ids.map((id) => [id, [same]]))).nearest(same, 2)).toEqual(['d', 'c'])
})

test('a document without a vector is not found', () => {
  const search = exactSearch(
    new Map([
      ['a', []],
      ['b', [Float32Array.of(-1)]],
    ]),
  )
  expect(search.nearest(Float32Array.of(1), 10)).toEqual(['b'])
})
