import type { Timeline } from '../result.js'

const WIDTH = 48

/** A timeline for a terminal: a line for each part, in order. */
export function formatTimeline({ durationMs, phases }: Timeline): string {
  const widest = Math.max(0, ...phases.map(({ phase }) => phase.length))
  const place = (ms: number): number => (durationMs === 0 ? 0 : Math.round((ms / durationMs) * WIDTH))
  return phases
    .map(({ phase, startMs, endMs }) => {
      const start = Math.min(place(startMs), WIDTH - 1)
      const bar = '█'.repeat(Math.max(1, place(endMs) - start))
      const line = `${' '.repeat(start)}${bar}`.padEnd(WIDTH)
      return `${phase.padEnd(widest)}  ${line}  ${(endMs - startMs).toFixed(2)} ms`
    })
    .join('\n')
}
