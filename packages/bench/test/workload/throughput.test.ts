import { expect, it } from 'vitest'
import { startThroughput } from '../../src/workload/throughput.js'

it('keeps at most some hundred points of a long run, in order, with both ends', () => {
  let now = 5000
  const throughput = startThroughput(() => now)
  for (let i = 0; i < 100_000; i += 1) {
    now += 1
    throughput.add()
  }
  now += 50
  const { durationMs, points } = throughput.end()
  expect(durationMs).toBe(100_050)
  expect(points.length).toBeGreaterThan(90)
  expect(points.length).toBeLessThanOrEqual(202)
  expect(points[0]).toEqual({ atMs: 0, documents: 0 })
  expect(points.at(-1)).toEqual({ atMs: 100_050, documents: 100_000 })
  // One document each millisecond: the curve is a line.
  for (const { atMs, documents } of points.slice(0, -1)) expect(documents).toBe(atMs)
})

it('has the beginning and the end of a run in which nothing was done', () => {
  let now = 0
  const throughput = startThroughput(() => now)
  now = 7
  expect(throughput.end()).toEqual({
    durationMs: 7,
    points: [
      { atMs: 0, documents: 0 },
      { atMs: 7, documents: 0 },
    ],
  })
})
