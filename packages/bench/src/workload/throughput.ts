import type { ThroughputPoint } from '../result.js'

const MAX_POINTS = 200

/** Counts what is done over a run, at few enough moments to draw. */
export interface Throughput {
  readonly done: number
  add(): void
  /** The points, with one for this moment at the end. */
  end(): { readonly durationMs: number; readonly points: readonly ThroughputPoint[] }
}

/** Begins at this moment. */
export function startThroughput(now: () => number = () => performance.now()): Throughput {
  const startedAt = now()
  let points: ThroughputPoint[] = [{ atMs: 0, documents: 0 }]
  let everyMs = 10
  let nextAt = everyMs
  let done = 0
  return {
    get done() {
      return done
    },
    add() {
      done += 1
      const atMs = now() - startedAt
      if (atMs < nextAt) return
      points.push({ atMs, documents: done })
      if (points.length > MAX_POINTS) {
        points = points.filter((_, i) => i % 2 === 0)
        everyMs *= 2
      }
      nextAt = atMs + everyMs
    },
    end() {
      const durationMs = now() - startedAt
      return { durationMs, points: [...points, { atMs: durationMs, documents: done }] }
    },
  }
}
