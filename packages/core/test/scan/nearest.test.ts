import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileKernel } from '../../scripts/build-kernel.ts'
import type { Metric } from '../../src/ports/vector-records.js'
import { createKernel, createPlainKernel } from '../../src/scan/kernel.js'
import { kernelBinary } from '../../src/scan/kernel-binary.js'
import { findNearest } from '../../src/scan/nearest.js'
import { PackedVectors } from '../../src/scan/packed-vectors.js'
import { exactScore } from '../../src/scan/score.js'

const metrics: readonly Metric[] = ['cosine', 'dot', 'euclidean']

interface Row {
  readonly document: number
  readonly vector: Float32Array
}

interface Match {
  readonly document: number
  readonly score: number
}

interface Question {
  readonly vector: Float32Array
  readonly documents: number
  readonly minScore: number
  readonly rows?: Uint32Array | undefined
  /** Documents that are passed over. */
  readonly hidden?: ReadonlySet<number>
}

/** Each document once by its best row, the best first; equal ones by number. */
function rank(metric: Metric, rows: Iterable<Row>, { vector, minScore }: Question): Match[] {
  const best = new Map<number, number>()
  for (const row of rows) {
    const score = exactScore(metric, vector, row.vector)
    if (score >= minScore && score > (best.get(row.document) ?? Number.NEGATIVE_INFINITY)) best.set(row.document, score)
  }
  return [...best]
    .map(([document, score]) => ({ document, score }))
    .sort((a, b) => b.score - a.score || a.document - b.document)
}

function compare(metric: Metric, all: readonly (Row | undefined)[], question: Question, kernel = createKernel()) {
  const packed = new PackedVectors(metric, question.vector.length, kernel)
  for (const [i, row] of all.entries()) if (row !== undefined) packed.set(i, row.vector)
  const isFound = (i: number): boolean => {
    const row = all[i]
    return row !== undefined && question.hidden?.has(row.document) !== true
  }
  let scored = 0
  const found = findNearest<Match>(packed, {
    ...question,
    documentOf: (i) => (isFound(i) ? all[i]?.document : undefined),
    score: (rows) => {
      scored += rows.length
      return rank(
        metric,
        rows.map((i) => all[i] as Row),
        question,
      )
    },
  })
  const every = Array.from(question.rows ?? all.keys()).filter(isFound)
  const expected = rank(
    metric,
    every.map((i) => all[i] as Row),
    question,
  )
  expect(found.slice(0, question.documents)).toEqual(expected.slice(0, question.documents))
  return scored
}

/** Numbers as vectors have them, and all that floats can be: ties, zeros, tiny, huge, and far apart in one vector. */
const ordinary = fc.float({ min: -1, max: 1, noNaN: true })
const number = fc.oneof(
  { weight: 4, arbitrary: ordinary },
  { weight: 4, arbitrary: fc.constantFrom(0, -0, 1, -1, 0.5, 2) },
  { weight: 1, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.constantFrom(1e-45, -1e-45, 1e-38, 1e-20, 1e-13, 1e15, 1e20, 3.4e38, -3.4e38) },
)

function vectorOf(dimensions: number): fc.Arbitrary<Float32Array> {
  const numbers = fc.oneof(
    fc.array(number, { minLength: dimensions, maxLength: dimensions }),
    fc.array(ordinary, { minLength: dimensions, maxLength: dimensions }),
    // All of one size, so that rounding to bytes loses nothing.
    fc.array(fc.constantFrom(-1, 0, 1), { minLength: dimensions, maxLength: dimensions }),
  )
  return fc.tuple(numbers, fc.constantFrom(1, 1, 1, 1e-30, 1e-14, 1e12, 1e30)).map(([each, size]) => {
    return Float32Array.from(each, (value) => Math.max(-3.4e38, Math.min(3.4e38, value * size)))
  })
}

const situation = fc.integer({ min: 1, max: 40 }).chain((dimensions) => {
  const vector = vectorOf(dimensions)
  return fc
    .record({
      metric: fc.constantFrom(...metrics),
      // Few different vectors, so that many are equal.
      pool: fc.array(vector, { minLength: 1, maxLength: 30 }),
      picks: fc.array(
        fc.option(fc.record({ vector: fc.nat(29), document: fc.nat(60), nudge: fc.boolean() }), { freq: 10 }),
        { maxLength: 200 },
      ),
      asked: fc.oneof(vector, fc.nat(29)),
      documents: fc.integer({ min: 1, max: 20 }),
      score: fc.option(fc.nat(199), { nil: undefined }),
      narrow: fc.option(fc.array(fc.nat(199), { maxLength: 50 }), { nil: undefined }),
      hidden: fc.array(fc.nat(60), { maxLength: 5 }),
      plain: fc.boolean(),
    })
    .map(({ metric, pool, picks, asked, documents, score, narrow, hidden, plain }) => {
      const rows = picks.map((pick): Row | undefined => {
        if (pick === null) return undefined
        const chosen = (pool[pick.vector % pool.length] as Float32Array).slice()
        // A difference in the last bit of one number.
        if (pick.nudge) chosen[0] = (chosen[0] as number) * (1 + 2 ** -23)
        return { document: pick.document, vector: chosen }
      })
      const question = typeof asked === 'number' ? (pool[asked % pool.length] as Float32Array) : asked
      const met = score === undefined ? undefined : rows[score]
      return {
        metric,
        rows,
        kernel: plain ? createPlainKernel() : createKernel(),
        question: {
          vector: question,
          documents,
          minScore: met === undefined ? Number.NEGATIVE_INFINITY : exactScore(metric, question, met.vector),
          rows: narrow && Uint32Array.from(new Set(narrow.filter((i) => rows[i] !== undefined))),
          hidden: new Set(hidden),
        },
      }
    })
})

describe('the nearest documents', () => {
  test('are those of a full scan in doubles, in order and to the bit, whatever the vectors', () => {
    fc.assert(
      fc.property(situation, ({ metric, rows, question, kernel }) => {
        compare(metric, rows, question, kernel)
      }),
      { numRuns: 3000 },
    )
  }, 60_000)

  test('are found by scoring few of many', () => {
    const random = fc.sample(fc.array(ordinary, { minLength: 384, maxLength: 384 }), { numRuns: 60, seed: 1 })
    const centres = random.map((each) => Float32Array.from(each))
    let state = 1
    const noise = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31
      return state / 2 ** 31 - 0.5
    }
    const near = (i: number): Float32Array => (centres[i % 60] as Float32Array).map((each) => each + noise())
    const rows = Array.from({ length: 6000 }, (_, i): Row => ({ document: i, vector: near(i) }))
    for (const metric of metrics) {
      for (const kernel of [createKernel(), createPlainKernel()]) {
        const question = { vector: near(7), documents: 11, minScore: Number.NEGATIVE_INFINITY }
        expect(compare(metric, rows, question, kernel)).toBeLessThan(150)
      }
    }
  })

  test('that are all equal are all looked at, and ordered', () => {
    const rows = Array.from({ length: 500 }, (_, i): Row => ({ document: 499 - i, vector: Float32Array.of(0.3, 0.4) }))
    for (const metric of metrics) {
      compare(metric, rows, { vector: Float32Array.of(0.4, 0.3), documents: 10, minScore: Number.NEGATIVE_INFINITY })
    }
  })

  test('of a document with more rows than are wanted leave room for the others', () => {
    const crowd = Array.from({ length: 1000 }, (_, i): Row => ({ document: 0, vector: Float32Array.of(1, i / 1e6) }))
    const others = [1, 2, 3].map((document): Row => ({ document, vector: Float32Array.of(document, 1) }))
    for (const metric of metrics) {
      const question = { vector: Float32Array.of(1, 0), documents: 4, minScore: Number.NEGATIVE_INFINITY }
      compare(metric, [...crowd, ...others], question)
    }
  })
})

test('rows are replaced, cleared, and used again', () => {
  for (const kernel of [createKernel(), createPlainKernel()]) {
    const packed = new PackedVectors('dot', 3, kernel)
    const rows: (Row | undefined)[] = []
    const set = (i: number, row: Row | undefined): void => {
      rows[i] = row
      if (row === undefined) packed.clear(i)
      else packed.set(i, row.vector)
    }
    const best = (): number[] => {
      const question = { vector: Float32Array.of(1, 0, 0), documents: 3, minScore: Number.NEGATIVE_INFINITY }
      const found = findNearest<Match>(packed, {
        ...question,
        documentOf: (i) => rows[i]?.document,
        score: (some) =>
          rank(
            'dot',
            some.map((i) => rows[i] as Row),
            question,
          ),
      })
      return found.slice(0, 3).map(({ document }) => document)
    }
    // Row 40,000 lies in another chunk than row 0; those between are empty.
    for (const i of [0, 5, 64, 40_000]) set(i, { document: i, vector: Float32Array.of(i, 1, 0) })
    expect(best()).toEqual([40_000, 64, 5])
    set(40_000, undefined)
    set(64, { document: 1, vector: Float32Array.of(-1, 0, 0) })
    expect(best()).toEqual([5, 0, 1])
    set(40_000, { document: 2, vector: Float32Array.of(9, 0, 0) })
    expect(best()).toEqual([2, 5, 0])
  }
})

test('the compiled kernel is that of its source', async () => {
  expect(kernelBinary).toBe(await compileKernel())
})
