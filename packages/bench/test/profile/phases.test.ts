import { expect, it } from 'vitest'
import { medianOf, toPhaseTimes, toTimeline } from '../../src/profile/phases.js'
import type { RecordedSpan } from '../../src/profile/recorder.js'
import { formatTimeline } from '../../src/profile/timeline-text.js'

const span = (name: string, startMs: number, endMs: number, parent: string | undefined = 'root'): RecordedSpan => ({
  id: `${name} ${startMs}`,
  parent,
  trace: 'trace',
  name,
  startMs: 1000 + startMs,
  endMs: 1000 + endMs,
})
const root = { ...span('tandem.search', 0, 100, undefined), id: 'root' }

it('names what spans cover and what is between them', () => {
  const spans = [
    span('tandem.kvRead', 81, 89, 'tandem.hydrate 80'), // within hydrating, and no phase beside it
    span('tandem.hydrate', 80, 90),
    span('tandem.embed', 20, 60),
    span('bench.cache', 10, 12),
    span('tandem.indexQuery', 60, 80),
    span('something.else', 1, 99),
    span('tandem.kvWrite', 95, 120), // goes on after it
    span('tandem.kvWrite', 101, 102), // another's
  ]
  expect(toTimeline(root, spans)).toEqual({
    operation: 'search',
    durationMs: 100,
    phases: [
      { phase: 'validate', startMs: 0, endMs: 10 },
      { phase: 'cache', startMs: 10, endMs: 12 },
      { phase: 'embed wait', startMs: 12, endMs: 20 },
      { phase: 'embed', startMs: 20, endMs: 60 },
      { phase: 'index query', startMs: 60, endMs: 80 },
      { phase: 'hydrate', startMs: 80, endMs: 90 },
      { phase: 'other', startMs: 90, endMs: 95 },
      { phase: 'KV write', startMs: 95, endMs: 100 },
    ],
  })
})

it('leaves no gap where spans overlap', () => {
  const { phases } = toTimeline(root, [span('tandem.kvWrite', 0, 50), span('tandem.kvRead', 10, 20)])
  expect(phases).toEqual([
    { phase: 'KV write', startMs: 0, endMs: 50 },
    { phase: 'KV read', startMs: 10, endMs: 20 },
    { phase: 'other', startMs: 50, endMs: 100 },
  ])
})

it('adds up what a phase takes in each operation; one without it spent no time on it', () => {
  const timelines = [
    toTimeline(root, [span('tandem.kvWrite', 0, 10), span('tandem.embed', 10, 80), span('tandem.kvWrite', 80, 100)]),
    toTimeline({ ...root, endMs: 1050 }, [span('tandem.kvWrite', 0, 50)]),
  ]
  const times = toPhaseTimes(timelines)
  expect(times.map(({ phase, share }) => [phase, share])).toEqual([
    ['KV write', 80 / 150],
    ['embed', 70 / 150],
  ])
  expect(times[0]?.latency).toMatchObject({ count: 2, mean: 40, p50: 30, max: 50 })
  expect(times[1]?.latency).toMatchObject({ count: 2, mean: 35, p50: 0, max: 70 })
  expect(toPhaseTimes([])).toEqual([])
})

it('shows the operation of median length', () => {
  const timelines = [30, 10, 20, 40].map((ms) => toTimeline({ ...root, endMs: 1000 + ms }, []))
  expect(medianOf(timelines)?.durationMs).toBe(20)
  expect(medianOf([])).toBeUndefined()
})

it('draws a timeline of text, in which no part is invisible', () => {
  const timeline = toTimeline(root, [span('tandem.embed', 50, 99.9)])
  const lines = formatTimeline(timeline).split('\n')
  expect(lines).toEqual([
    `validate  ${'█'.repeat(24).padEnd(48)}  50.00 ms`,
    `embed     ${' '.repeat(24)}${'█'.repeat(24)}  49.90 ms`,
    `other     ${' '.repeat(47)}█  0.10 ms`,
  ])
})
