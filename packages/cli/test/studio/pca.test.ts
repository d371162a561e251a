import fc from 'fast-check'
import { expect, test } from 'vitest'
import { principalComponents } from '../../src/studio/page/pca.js'

/** Rows whose variance lies along two axes, the first the longer one, with little of it elsewhere. */
const planted = fc.record({
  dimensions: fc.integer({ min: 3, max: 40 }),
  points: fc.array(fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true })), {
    minLength: 8,
    maxLength: 60,
  }),
})

test('distances in the plane are those of rows that lie in a plane', () => {
  fc.assert(
    fc.property(planted, ({ dimensions, points }) => {
      // Two directions at right angles, of length 1, and a place far from the origin.
      const [a, b] = [axis(dimensions, 0), axis(dimensions, 1)]
      const rows = points.flatMap(([x, y]) => Array.from({ length: dimensions }, (_, d) => 5 + 3 * x * a(d) + y * b(d)))
      const { coordinates, shares } = principalComponents(Float32Array.from(rows), dimensions)
      const place = (i: number) => [...coordinates.subarray(2 * i, 2 * i + 2)] as [number, number]
      const [firstX, firstY] = points[0] as [number, number]
      const [fromX, fromY] = place(0)
      for (const [j, [x, y]] of points.entries()) {
        const [toX, toY] = place(j)
        expect(Math.hypot(toX - fromX, toY - fromY)).toBeCloseTo(Math.hypot(3 * (x - firstX), y - firstY), 3)
      }
      expect(shares[0]).toBeGreaterThanOrEqual(shares[1] - 1e-6)
    }),
  )
})

test('the first direction is that of the most variance', () => {
  const rows = Float32Array.from(
    { length: 300 },
    (_, i) => [10 * Math.sin(i), 0.1 * Math.cos(i * 7), 0][i % 3] as number,
  )
  const { shares } = principalComponents(rows, 3)
  expect(shares[0]).toBeGreaterThan(0.99)
})

test('no rows, one row and equal rows have a place', () => {
  expect(principalComponents(new Float32Array(0), 0).coordinates).toHaveLength(0)
  for (const rows of [
    [1, 2, 3],
    [1, 2, 3, 1, 2, 3],
  ]) {
    const { coordinates, shares } = principalComponents(Float32Array.from(rows), 3)
    expect([...coordinates, ...shares].every((value) => value === 0)).toBe(true)
  }
})

/** Of unit length, other for another number, at right angles to it. */
function axis(dimensions: number, which: 0 | 1): (d: number) => number {
  const half = Math.floor(dimensions / 2)
  const [from, to] = which === 0 ? [0, half] : [half, dimensions]
  return (d) => (d >= from && d < to ? 1 / Math.sqrt(to - from) : 0)
}
