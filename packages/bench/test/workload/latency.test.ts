import { expect, it } from 'vitest'
import { createLatencyRecorder, summarizeLatencies } from '../../src/latency.js'
import { seededRandom } from '../../src/random.js'

it('gives percentiles of the nearest rank, whatever the order', () => {
  const durations = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1)
  expect(summarizeLatencies(durations)).toMatchObject({ count: 100, mean: 50.5, p50: 50, p95: 95, p99: 99, max: 100 })
  expect(summarizeLatencies([7])).toEqual({ count: 1, mean: 7, p50: 7, p95: 7, p99: 7, max: 7, sample: [7] })
  expect(summarizeLatencies([3, 1])).toMatchObject({ p50: 1, p95: 3, sample: [1, 3] })
  expect(summarizeLatencies([])).toEqual({ count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0, sample: [] })
})

it('thins the sample evenly, with both ends', () => {
  const { sample } = summarizeLatencies(Array.from({ length: 10_001 }, (_, i) => i))
  expect(sample).toHaveLength(200)
  expect(sample[0]).toBe(0)
  expect(sample.at(-1)).toBe(10_000)
  const steps = sample.slice(1).map((value, i) => value - (sample[i] ?? 0))
  expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(1)
})

it('keeps count, mean and maximum of any number, and percentiles of a fair draw', () => {
  const recorder = createLatencyRecorder(seededRandom(1, 'test'), 1000)
  for (let i = 1; i <= 50_000; i += 1) recorder.record(i)
  const { count, mean, max, p50, p95 } = recorder.summary()
  expect({ count, mean, max }).toEqual({ count: 50_000, mean: 25_000.5, max: 50_000 })
  // Four standard deviations of a quantile of 1,000 draws.
  expect(Math.abs(p50 - 25_000)).toBeLessThan(4 * 50_000 * Math.sqrt(0.25 / 1000))
  expect(Math.abs(p95 - 47_500)).toBeLessThan(4 * 50_000 * Math.sqrt((0.95 * 0.05) / 1000))
})
