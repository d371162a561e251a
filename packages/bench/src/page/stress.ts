import type { Latencies, StressOperation, StressReport } from '../result.js'
import { driftOf } from '../stress/drift.js'
import type { Content } from './content.js'
import { type Figure, figure, figures } from './figure.js'
import { integer, milliseconds, number, plural } from './format.js'
import { html, type Markup } from './html.js'
import { latencyColumns } from './latency-columns.js'
import { keyed } from './models.js'
import { latencyStrips } from './plots/latencies.js'
import { throughputPanels } from './plots/throughput.js'
import { type Column, table } from './table.js'

interface Operation {
  readonly operation: StressOperation
  readonly series: number
  readonly latency: Latencies
  readonly errors: number
}

export function stressContent(report: StressReport): Content {
  const { store, embedder, documents, concurrency, operationsPerSecond } = report
  const names: readonly StressOperation[] = ['put', 'get', 'delete', 'search']
  const operations = names.map(
    (operation, series): Operation => ({ operation, series, ...report.operations[operation] }),
  )
  const columns: Column<Operation>[] = [
    operationColumn,
    ...latencyColumns<Operation>(({ latency }) => latency),
    {
      label: 'Errors',
      value: ({ errors }) => errors,
      show: ({ errors }) => html`<span class="${errors > 0 ? 'bad' : 'good'}">${integer(errors)}</span>`,
    },
  ]
  return {
    title: `Stress on ${store}`,
    facts: [
      `embedded by ${embedder}`,
      plural(documents, 'document'),
      `${integer(concurrency)} at a time`,
      `${number(operationsPerSecond)} operations/s`,
    ],
    sections: [
      {
        title: 'Operations',
        body: html`${table(columns, operations, { caption: 'Every operation', hideCaption: true, sortable: true })}
${searchTable(report)}`,
      },
      { title: 'Errors and drift', body: html`<div class="pair">${errorsOf(report)}${drift(report)}</div>` },
      { title: 'In detail', body: figures([figure(latencyFigure(operations)), figure(curveFigure(report))]) },
    ],
    records: [
      ...operations.map(({ series: _, ...each }) => each),
      ...Object.entries(report.errors).map(([code, count]) => ({ error: code, count })),
      ...Object.entries(report.searches ?? {}).map(([mode, latency]) => ({ operation: `search, ${mode}`, latency })),
      { verify: report.verify },
    ],
  }
}

const operationColumn: Column<Operation> = {
  label: 'Operation',
  value: ({ operation }) => operation,
  show: ({ operation, series }) => keyed(series, operation),
}

/** Searches of each mode; undefined where all are by vector. */
function searchTable({ searches }: StressReport): Markup | undefined {
  if (searches === undefined) return undefined
  const rows = Object.entries(searches).map(([mode, latency]) => ({ mode, latency }))
  type Row = (typeof rows)[number]
  const columns: Column<Row>[] = [
    { label: 'Search', value: ({ mode }) => mode },
    ...latencyColumns<Row>(({ latency }) => latency),
  ]
  return table(columns, rows, { caption: 'Searches by mode' })
}

function errorsOf({ errors }: StressReport): Markup {
  const codes = Object.entries(errors).toSorted(([, a], [, b]) => b - a)
  if (codes.length === 0)
    return html`<div class="verdict good"><h3>No errors</h3><p>Every operation did what it was asked.</p></div>`
  const columns: Column<(typeof codes)[number]>[] = [
    { label: 'Code', value: ([code]) => code },
    { label: 'Count', value: ([, count]) => count, show: ([, count]) => integer(count) },
  ]
  const total = codes.reduce((sum, [, count]) => sum + count, 0)
  return html`<div class="verdict bad"><h3>${plural(total, 'error')}</h3>${table(columns, codes, { caption: 'Errors by code', hideCaption: true })}</div>`
}

const drifts = [
  ['missing', 'without a point, or without all'],
  ['stale', 'with points of another version, text or configuration'],
  ['orphaned', 'with points that should not be'],
  ['pending', 'with a change that is not in the index yet'],
  ['damaged', 'with a stored value that cannot be read'],
  ['orphanedElsewhere', 'gone, with points left in the space of another model'],
  ['repaired', 'mended by this check'],
] as const

/** What verify() found at the end. */
function drift({ verify }: StressReport): Markup {
  const found = driftOf(verify)
  return html`<div class="verdict ${found > 0 ? 'bad' : 'good'}"><h3>${found === 0 ? 'No drift' : `Drift: ${plural(found, 'document')}`}</h3>
<p>${plural(verify.checked, 'document')} compared with ${verify.checked === 1 ? 'its' : 'their'} points at the end.</p>
<dl>${drifts.map(([name, meaning]) => html`<div><dt>${name}<small>${meaning}</small></dt><dd>${integer(verify[name] ?? 0)}</dd></div>`)}</dl></div>`
}

function latencyFigure(operations: readonly Operation[]): Figure {
  return {
    title: 'Latency of each operation',
    caption: 'Hills: how often each latency was measured. Below them the median (dot), p95 and p99 (bars).',
    description: operations
      .filter(({ latency }) => latency.count > 0)
      .map(
        ({ operation, latency }) =>
          `${operation}: median ${milliseconds(latency.p50)}, p99 ${milliseconds(latency.p99)}.`,
      )
      .join(' '),
    draw: (width) =>
      latencyStrips(
        operations.map(({ operation, series, latency }) => ({
          label: operation,
          series,
          strips: [{ name: '', latency }],
        })),
        width,
      ),
    data: table([operationColumn, ...latencyColumns<Operation>(({ latency }) => latency)], operations, {
      caption: 'Latency',
    }),
  }
}

function curveFigure({ throughput, operationsPerSecond }: StressReport): Figure {
  const columns = [
    {
      label: 'Until',
      value: ({ atMs }: { atMs: number }) => atMs,
      show: ({ atMs }: { atMs: number }) => milliseconds(atMs),
    },
    {
      label: 'Operations',
      value: ({ documents }: { documents: number }) => documents,
      show: ({ documents }: { documents: number }) => integer(documents),
    },
  ]
  return {
    title: 'Throughput over time',
    caption: 'Operations of all kinds each second, over the run.',
    description: `${number(operationsPerSecond)} operations a second on average.`,
    draw: (width) => throughputPanels([{ label: 'all operations', series: 0, points: throughput }], width),
    data: table(columns, throughput, { caption: 'Operations done by then' }),
  }
}
