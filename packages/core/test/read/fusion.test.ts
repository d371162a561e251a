import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fuse } from '../../src/read/fusion.js'

type Leg = ReadonlyMap<string, { score: number }>

const leg = (scores: Record<string, number>): Leg =>
  new Map(
    Object.entries(scores)
      .sort(([, a], [, b]) => b - a)
      .map(([id, score]) => [id, { score }]),
  )
const ids = (fused: readonly { id: string }[]) => fused.map(({ id }) => id)

const anyLeg = (score: fc.Arbitrary<number>, maxLength = 150) =>
  fc
    .uniqueArray(fc.tuple(fc.nat(300).map(String), score), { selector: ([id]) => id, maxLength })
    .map((pairs) => leg(Object.fromEntries(pairs)))
const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const vectors = fc.oneof(
  anyLeg(finite(-1, 1)),
  anyLeg(finite(-1e6, 0)),
  anyLeg(finite(-1e3, 1e3)),
  anyLeg(fc.constant(0)),
)
const keywords = anyLeg(finite(1e-9, 200))

describe('fuse', () => {
  it('ranks what both legs have at the top first, and gives their matches', () => {
    const vector = leg({ a: 0.8, b: 0.5, c: 0.2 })
    const keyword = leg({ a: 9, c: 3, d: 2 })
    const fused = fuse(vector, keyword)
    expect(fused[0]).toEqual({ id: 'a', score: 1, vector: vector.get('a'), keyword: keyword.get('a') })
    expect(fused.find(({ id }) => id === 'b')).not.toHaveProperty('keyword')
    expect(fused.find(({ id }) => id === 'd')).not.toHaveProperty('vector')
    expect(ids(fused).sort()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('gives the score that it says', () => {
    // b: half way from the best vector to the last one, and a third of the best words.
    const [, second] = fuse(leg({ a: 0.8, b: 0.5, c: 0.2 }), leg({ a: 9, b: 3 }), { vector: 1, keyword: 3 })
    expect(second?.id).toBe('b')
    expect(second?.score).toBeCloseTo((1 * (1 - 0.95 / 2) + 3 / 3) / 4, 10)
  })

  it('puts the one text with a rare word before all that are near by meaning', () => {
    const near = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}`, 0.6 - i / 100]))
    const keyword = leg({ ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}`, 0.02])), 39: 6 })
    expect(ids(fuse(leg(near), keyword))[0]).toBe('39')
    const { 39: _, ...others } = near
    expect(ids(fuse(leg(others), keyword))[0]).toBe('39')
  })

  it('does not let a word that is everywhere decide', () => {
    expect(ids(fuse(leg({ near: 0.7, far: 0.1 }), leg({ far: 0.03, near: 0.01 })))[0]).toBe('near')
  })

  it('keeps the order of vectors where no word is found, and of words where no vector is, with scores up to 1', () => {
    fc.assert(
      fc.property(vectors, keywords, (vector, keyword) => {
        expect(ids(fuse(vector, new Map()))).toEqual([...vector.keys()])
        expect(ids(fuse(new Map(), keyword))).toEqual([...keyword.keys()])
        if (vector.size > 0) expect(fuse(vector, new Map())[0]?.score).toBe(1)
      }),
    )
    expect(fuse(new Map(), new Map())).toEqual([])
  })

  it('gives each document once, best first, with a score from 0 to 1', () => {
    fc.assert(
      fc.property(vectors, keywords, finite(0, 10), finite(0, 10), (vector, keyword, v, k) => {
        const fused = fuse(vector, keyword, { vector: v, keyword: k })
        expect(ids(fused).sort()).toEqual([...new Set([...vector.keys(), ...keyword.keys()])].sort())
        for (const [i, { id, score, ...matches }] of fused.entries()) {
          expect(score).toBeGreaterThanOrEqual(0)
          expect(score).toBeLessThanOrEqual(fused[i - 1]?.score ?? 1)
          expect(matches.vector).toBe(vector.get(id))
          expect(matches.keyword).toBe(keyword.get(id))
        }
      }),
    )
  })

  it('never ranks a document below one that both legs score lower', () => {
    fc.assert(
      fc.property(vectors, keywords, (vector, keyword) => {
        const at = new Map(fuse(vector, keyword).map(({ id, score }) => [id, score]))
        const both = [...vector.keys()].filter((id) => keyword.has(id))
        const scoreOf = (of: Leg, id: string) => of.get(id)?.score as number
        for (const a of both) {
          for (const b of both) {
            if (scoreOf(vector, a) < scoreOf(vector, b) || scoreOf(keyword, a) < scoreOf(keyword, b)) continue
            expect(at.get(a)).toBeGreaterThanOrEqual(at.get(b) as number)
          }
        }
      }),
      { numRuns: 50 },
    )
  })

  it('scores the same whatever lies behind the first hundred, but for what a leg had not found yet', () => {
    const deep = (score: fc.Arbitrary<number>) =>
      fc
        .uniqueArray(fc.nat(2000).map(String), { minLength: 101, maxLength: 300 })
        .chain((names) =>
          fc
            .array(score, { minLength: names.length, maxLength: names.length })
            .map((scores) => leg(Object.fromEntries(names.map((name, i) => [name, scores[i] as number])))),
        )
    fc.assert(
      fc.property(deep(finite(-1, 1)), deep(finite(1e-3, 20)), (vector, keyword) => {
        const cut = (whole: Leg) => new Map([...whole].slice(0, 100))
        const shallow = fuse(cut(vector), cut(keyword))
        const scores = new Map(fuse(vector, keyword).map(({ id, score }) => [id, score]))
        for (const { id, score, vector: v, keyword: k } of shallow) {
          if ((v || !vector.has(id)) && (k || !keyword.has(id))) expect(scores.get(id)).toBe(score)
          // What the vector leg finds late adds 0.05 of its weight at most.
          else if (k) expect((scores.get(id) as number) - score).toBeLessThanOrEqual(0.35 * 0.05 + 1e-12)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('does not mind where the scores of a model lie', () => {
    const legs = fc.tuple(
      anyLeg(
        fc.integer({ min: 50, max: 1000 }).map((n) => n / 1000),
        40,
      ),
      keywords,
    )
    fc.assert(
      fc.property(legs, ([vector, keyword]) => {
        fc.pre(vector.size > 1)
        const scores = [...vector.values()].map(({ score }) => score)
        fc.pre(Math.max(...scores) - Math.min(...scores) >= 0.5)
        // As of a model whose cosines all lie high, and as squared distances.
        for (const to of [(s: number) => 0.7 + 0.3 * s, (s: number) => 2 * s - 2]) {
          const moved = new Map([...vector].map(([id, { score }]) => [id, { score: to(score) }]))
          const expected = new Map(fuse(vector, keyword).map(({ id, score }) => [id, score]))
          for (const { id, score } of fuse(moved, keyword)) expect(score).toBeCloseTo(expected.get(id) as number, 9)
        }
      }),
    )
  })
})
