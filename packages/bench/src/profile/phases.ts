import { summarizeLatencies } from '../latency.js'
import type { PhaseTime, Timeline } from '../result.js'
import { CACHE_SPAN } from './observed-cache.js'
import type { RecordedSpan } from './recorder.js'

type Part = Timeline['phases'][number]

const phaseOfSpan: Readonly<Record<string, string>> = {
  [CACHE_SPAN]: 'cache',
  'tandem.embed': 'embed',
  'tandem.kvWrite': 'KV write',
  'tandem.kvRead': 'KV read',
  'tandem.indexWrite': 'index write',
  'tandem.indexQuery': 'index query',
  'tandem.hydrate': 'hydrate',
}

/** Parts of an operation that have no span of their own: between those that have. */
const VALIDATE = 'validate'
const WAIT = 'embed wait'
const OTHER = 'other'

/**
 * Cuts one operation into its phases. The spans are those of `docs/observability.md`. Before the first of them the
 * call is checked (`validate`); right before a call of the model the text waits for it (`embed wait`); what no span
 * covers is `other`. What goes on after the operation has returned is not its.
 */
export function toTimeline(root: RecordedSpan, spans: readonly RecordedSpan[]): Timeline {
  const durationMs = root.endMs - root.startMs
  const own = spans
    .filter((span) => span.parent === root.id && span.name in phaseOfSpan && span.startMs < root.endMs)
    .map(
      (span): Part => ({
        phase: phaseOfSpan[span.name] as string,
        startMs: span.startMs - root.startMs,
        endMs: Math.min(span.endMs, root.endMs) - root.startMs,
      }),
    )
    .sort((a, b) => a.startMs - b.startMs)
  const phases: Part[] = []
  let covered = 0
  for (const part of own) {
    if (part.startMs > covered) {
      const phase = covered === 0 ? VALIDATE : part.phase === 'embed' ? WAIT : OTHER
      phases.push({ phase, startMs: covered, endMs: part.startMs })
    }
    phases.push(part)
    covered = Math.max(covered, part.endMs)
  }
  if (durationMs > covered) phases.push({ phase: OTHER, startMs: covered, endMs: durationMs })
  return { operation: root.name.replace(/^tandem\./, ''), durationMs, phases }
}

/**
 * How long each phase takes in an operation, over all of them; in the order of the operation. A phase that an
 * operation did without took it no time.
 */
export function toPhaseTimes(timelines: readonly Timeline[]): PhaseTime[] {
  const whole = timelines.reduce((sum, { durationMs }) => sum + durationMs, 0)
  const names = [...new Set(timelines.flatMap(({ phases }) => phases.map(({ phase }) => phase)))]
  const firstStart = (name: string): number =>
    Math.min(...timelines.flatMap(({ phases }) => phases.find(({ phase }) => phase === name)?.startMs ?? []))
  return names
    .map((phase) => ({ phase, at: phase === OTHER ? Number.POSITIVE_INFINITY : firstStart(phase) }))
    .sort((a, b) => a.at - b.at)
    .map(({ phase }) => {
      const times = timelines.map(({ phases }) =>
        phases.filter((part) => part.phase === phase).reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0),
      )
      const total = times.reduce((sum, each) => sum + each, 0)
      return { phase, latency: summarizeLatencies(times), share: whole === 0 ? 0 : total / whole }
    })
}

/** The operation of median length. */
export function medianOf(timelines: readonly Timeline[]): Timeline | undefined {
  return timelines.toSorted((a, b) => a.durationMs - b.durationMs)[Math.ceil(timelines.length / 2) - 1]
}
