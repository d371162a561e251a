import type { PhaseTime, ProfileReport } from '../result.js'
import type { Content, Section } from './content.js'
import { type Figure, figure, figures } from './figure.js'
import { integer, milliseconds, number, percent } from './format.js'
import { html, type Markup } from './html.js'
import { latencyColumns } from './latency-columns.js'
import { keyed } from './models.js'
import { gantt } from './plots/gantt.js'
import { latencyStrips } from './plots/latencies.js'
import { type Column, table } from './table.js'

type Operation = ProfileReport['operations'][number]

export function profileContent(report: ProfileReport): Content {
  const { store, embedder, operations, stats } = report
  return {
    title: `Where the time goes in ${store}`,
    facts: [
      `embedded by ${embedder}`,
      ...operations.map(({ operation, latency }) => `${integer(latency.count)} × ${operation}`),
    ],
    sections: [...operations.map(operationSection), { title: 'Counters of the store', body: counters(stats) }],
    records: operations.flatMap(({ operation, latency, phases }) => [
      { operation, phase: '', latency, share: 1 },
      ...phases.map((phase) => ({ operation, ...phase })),
    ]),
  }
}

function operationSection(operation: Operation): Section {
  const columns: Column<PhaseTime>[] = [
    { label: 'Phase', value: ({ phase }) => phase, show: ({ phase }) => keyed(seriesOf(operation, phase), phase) },
    { label: 'Share', value: ({ share }) => share, show: shareBar },
    ...latencyColumns<PhaseTime>(({ latency }) => latency),
  ]
  const { latency, phases } = operation
  return {
    title: `A ${operation.operation}: ${milliseconds(latency.p50)} at the median`,
    body: html`${table(columns, phases, { caption: `Phases of a ${operation.operation}`, hideCaption: true, sortable: true })}
<p class="note">Share: of the mean of the whole, ${milliseconds(latency.mean)}. Phases may overlap, so shares need not add up to 100 %. The whole takes
${milliseconds(latency.p95)} at p95 and ${milliseconds(latency.p99)} at p99.</p>
${figures([...(operation.timeline.phases.length > 0 ? [timelineFigure(operation)] : []), latencyFigure(operation)].map(figure))}`,
  }
}

/** A phase has the same colour throughout its operation. */
function seriesOf({ phases }: Operation, phase: string): number {
  const index = phases.findIndex((each) => each.phase === phase)
  return index === -1 ? phases.length : index
}

function shareBar({ share }: PhaseTime): Markup {
  const width = Math.max(0, Math.min(share, 1)) * 60
  return html`<span class="share"><svg viewBox="0 0 60 8" width="60" height="8" aria-hidden="true"><rect class="trough" width="60" height="8" rx="2"/><rect class="s0 mark" width="${width.toFixed(1)}" height="8" rx="2"/></svg><span>${percent(share)}</span></span>`
}

function timelineFigure(profiled: Operation): Figure {
  const { operation, timeline } = profiled
  type Span = Operation['timeline']['phases'][number]
  const columns: Column<Span>[] = [
    { label: 'Phase', value: ({ phase }) => phase },
    { label: 'From', value: ({ startMs }) => startMs, show: ({ startMs }) => milliseconds(startMs) },
    { label: 'To', value: ({ endMs }) => endMs, show: ({ endMs }) => milliseconds(endMs) },
  ]
  const longest = timeline.phases.reduce((a, b) => (b.endMs - b.startMs > a.endMs - a.startMs ? b : a))
  return {
    title: `Timeline of one ${operation}`,
    caption: `One of about median length: ${milliseconds(timeline.durationMs)}.`,
    description: `The longest phase is ${longest.phase}, from ${milliseconds(longest.startMs)} to ${milliseconds(longest.endMs)}.`,
    draw: (width) => gantt(timeline, (phase) => seriesOf(profiled, phase), width),
    data: table(columns, timeline.phases, { caption: `Timeline of one ${operation}` }),
  }
}

function latencyFigure({ operation, latency, phases }: Operation): Figure {
  const rows = [...phases, { phase: `whole ${operation}`, latency }]
  return {
    title: 'Latency of each phase',
    caption: 'Hills: how often each latency was measured. Below them the median (dot), p95 and p99 (bars).',
    description: rows.map((row) => `${row.phase}: median ${milliseconds(row.latency.p50)}.`).join(' '),
    draw: (width) =>
      latencyStrips(
        rows.map((row, series) => ({ label: row.phase, series, strips: [{ name: '', latency: row.latency }] })),
        width,
      ),
    data: table(
      [{ label: 'Phase', value: ({ phase }) => phase }, ...latencyColumns<(typeof rows)[number]>((row) => row.latency)],
      rows,
      {
        caption: `Latency of a ${operation} and its phases`,
      },
    ),
  }
}

/** The numbers that the store counts itself, by their paths. */
function counters(stats: object): Markup {
  const rows = leaves(stats, '')
  const columns: Column<readonly [string, string | number]>[] = [
    { label: 'Counter', value: ([name]) => name },
    {
      label: 'Value',
      value: ([, value]) => value,
      show: ([, value]) =>
        typeof value === 'string' ? value : Number.isInteger(value) ? integer(value) : number(value),
    },
  ]
  return html`<details><summary>${integer(rows.length)} counters</summary>${table(columns, rows, { caption: 'What the store counted', hideCaption: true })}</details>`
}

function leaves(record: object, prefix: string): [string, string | number][] {
  return Object.entries(record).flatMap(([name, value]: [string, unknown]): [string, string | number][] => {
    if (typeof value === 'number' || typeof value === 'string') return [[prefix + name, value]]
    return typeof value === 'object' && value !== null ? leaves(value, `${prefix}${name}.`) : []
  })
}
