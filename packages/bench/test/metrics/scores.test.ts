import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mean } from '../../src/metrics/estimates.js'
import { toRanking } from '../../src/metrics/ranking.js'
import { ndcg, type QueryScores, scoreQuery } from '../../src/metrics/scores.js'

type ById = Record<string, number>
const reference = JSON.parse(await readFile(new URL('./trec-eval.json', import.meta.url), 'utf8')) as {
  judgements: Record<string, ById>
  run: Record<string, ById>
  scores: Record<string, QueryScores>
}
const metrics = ['ndcgAt10', 'recallAt10', 'recallAt100', 'mrrAt10'] as const

/** As BEIR and the documentation of trec_eval have them. */
function judged(grades: ById): Map<string, number> {
  return new Map(Object.entries(grades))
}

describe('what trec_eval says of the same run', () => {
  const own = new Map(
    Object.entries(reference.judgements).map(([query, grades]) => {
      const hits = Object.entries(reference.run[query] ?? {}).map(([id, score]) => ({ id, score }))
      return [query, scoreQuery(toRanking(hits), judged(grades))] as const
    }),
  )

  test.each([...own])('%s', (query, scores) => {
    for (const metric of metrics) expect(scores[metric]).toBeCloseTo(reference.scores[query]?.[metric] ?? -1, 4)
  })

  test.each(metrics)(
    'the mean of %s, over every query that is judged, with and without a relevant document',
    (metric) => {
      expect(mean([...own.values()].map((each) => each[metric]))).toBeCloseTo(reference.scores.all?.[metric] ?? -1, 4)
    },
  )
})

describe('by hand', () => {
  test('of equal scores the greater id comes first, in the order of bytes', () => {
    const hits = ['a', 'b', 'B', '10', '9', '\u{1f600}', '\uff5e'].map((id) => ({ id, score: 1 }))
    expect(toRanking([...hits, { id: '0', score: 2 }])).toEqual(['0', '\u{1f600}', '\uff5e', 'b', 'a', 'B', '9', '10'])
  })

  test('a graded document counts by its grade, what is not judged counts nothing, what is not found lowers the score', () => {
    const judgements = judged({ a: 1, b: 2, gone: 1 })
    const scores = scoreQuery(['c', 'b', 'a'], judgements)
    expect(scores.ndcgAt10).toBeCloseTo((2 / Math.log2(3) + 1 / 2) / (2 + 1 / Math.log2(3) + 1 / 2), 12)
    expect(scores).toMatchObject({ recallAt10: 2 / 3, recallAt100: 2 / 3, mrrAt10: 1 / 2 })
  })

  test('a relevant document on rank 11 is found by Recall@100 alone', () => {
    const ranking = [...Array(10).keys()].map((i) => `other ${i}`)
    expect(scoreQuery([...ranking, 'a'], judged({ a: 1 }))).toEqual({
      ndcgAt10: 0,
      recallAt10: 0,
      recallAt100: 1,
      mrrAt10: 0,
    })
  })

  test('grades below 1 are no gain and no loss', () => {
    expect(scoreQuery(['bad', 'none', 'a'], judged({ bad: -2, none: 0, a: 1 })).ndcgAt10).toBeCloseTo(0.5, 12)
  })
})

/** Few enough for a ranking to meet what is judged, and more than a hundred. */
const id = fc.nat({ max: 160 }).map(String)
const ids = fc.uniqueArray(id, { maxLength: 150 })
const judgements = fc
  .dictionary(id, fc.integer({ min: -1, max: 3 }), { minKeys: 1, maxKeys: 100 })
  .map((grades) => new Map(Object.entries(grades)))

describe('whatever is judged and found', () => {
  test('every score lies between 0 and 1', () => {
    fc.assert(
      fc.property(ids, judgements, (ranking, grades) => {
        const scores = scoreQuery(ranking, grades)
        for (const metric of metrics) {
          expect(scores[metric]).toBeGreaterThanOrEqual(0)
          expect(scores[metric]).toBeLessThanOrEqual(1 + 1e-12)
        }
        expect(scores.recallAt10).toBeLessThanOrEqual(scores.recallAt100)
      }),
    )
  })

  test('the ideal ranking scores 1', () => {
    fc.assert(
      fc.property(judgements, (grades) => {
        const relevant = [...grades].filter(([, grade]) => grade >= 1)
        fc.pre(relevant.length > 0)
        const ideal = toRanking(relevant.map(([id, score]) => ({ id, score })))
        expect(ndcg(ideal, grades, 10)).toBeCloseTo(1, 12)
        expect(scoreQuery(ideal, grades).mrrAt10).toBe(1)
      }),
    )
  })

  test('moving a document that is worth more ahead of its neighbour never lowers a score', () => {
    fc.assert(
      fc.property(ids, judgements, fc.nat(), (ranking, grades, at) => {
        fc.pre(ranking.length >= 2)
        const i = at % (ranking.length - 1)
        const [first = '', second = ''] = ranking.slice(i, i + 2)
        // A grade below 1 is worth as much as none.
        fc.pre(Math.max(0, grades.get(second) ?? 0) > Math.max(0, grades.get(first) ?? 0))
        const better = ranking.toSpliced(i, 2, second, first)
        for (const metric of metrics) {
          expect(scoreQuery(better, grades)[metric]).toBeGreaterThanOrEqual(scoreQuery(ranking, grades)[metric] - 1e-12)
        }
      }),
    )
  })

  test('the order in which hits come does not matter', () => {
    const hits = fc.uniqueArray(fc.record({ id: fc.string(), score: fc.integer({ min: 0, max: 3 }) }), {
      selector: ({ id }) => id,
    })
    fc.assert(
      fc.property(hits, (given) => {
        expect(toRanking(given.toReversed())).toEqual(toRanking(given))
      }),
    )
  })
})
