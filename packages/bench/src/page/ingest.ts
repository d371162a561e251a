import type { IngestReport, IngestRun } from '../result.js'
import type { Content } from './content.js'
import { type Figure, figure, figures } from './figure.js'
import { duration, integer, milliseconds, number, plural, score } from './format.js'
import { html, type Markup } from './html.js'
import { latencyColumns } from './latency-columns.js'
import { keyed } from './models.js'
import { groupedBars } from './plots/bars.js'
import { latencyStrips } from './plots/latencies.js'
import { throughputPanels } from './plots/throughput.js'
import { type Column, table } from './table.js'

const kinds = ['cold', 'warm', 'one-by-one'] as const
const seriesOf = (run: IngestRun): number => kinds.indexOf(run.kind)
const nameOf = (run: IngestRun): string => `${integer(run.documents)} documents, ${run.kind}`
/** Short enough to stand beside a plot. */
const labelOf = (run: IngestRun): string => `${integer(run.documents)} ${run.kind}`

export function ingestContent(report: IngestReport): Content {
  const { runs, store, embedder, sync } = report
  return {
    title: `Ingesting into ${store}`,
    facts: [`embedded by ${embedder}`, `sync mode ${sync}`, plural(runs.length, 'run')],
    sections: [
      {
        title: 'Summary',
        body: html`${table(columnsOf(runs), runs, { caption: 'Every run', hideCaption: true, sortable: true })}
${searchTable(runs)}
<p class="note">Cold: putMany with an empty embedding cache. Warm: with a full one. One-by-one: one awaited put after the other, with an empty cache, which is
what the factor compares with. Searches were made after each run, by vector where nothing else is said. Recall@10: of the ten nearest documents, the part that an approximate search finds. Bold: best of the column. Sort by any column.</p>`,
      },
      ...(runs.length > 0
        ? [{ title: 'In detail', body: figures([barFigure(runs), latencyFigure(runs), curveFigure(runs)].map(figure)) }]
        : []),
    ],
    records: runs,
  }
}

const runColumn: Column<IngestRun> = { label: 'Run', value: nameOf, show: (run) => keyed(seriesOf(run), nameOf(run)) }

const columns: Column<IngestRun>[] = [
  runColumn,
  {
    label: 'Documents/s',
    value: (run) => run.documentsPerSecond,
    show: (run) => number(run.documentsPerSecond),
    better: 'higher',
  },
  {
    label: 'To one-by-one',
    value: ({ speedup }) => speedup,
    show: ({ speedup }) => `× ${number(speedup ?? 0)}`,
    better: 'higher',
  },
  { label: 'Took', value: (run) => run.durationMs, show: (run) => duration(run.durationMs) },
  ...(['mean', 'p50', 'p95', 'p99'] as const).map(
    (name): Column<IngestRun> => ({
      label: `Search ${name}`,
      value: ({ search }) => (search.count > 0 ? search[name] : undefined),
      show: ({ search }) => milliseconds(search[name]),
      better: 'lower',
    }),
  ),
]

/** Those that this report has. */
function columnsOf(runs: readonly IngestRun[]): Column<IngestRun>[] {
  if (runs.every(({ recallAt10 }) => recallAt10 === undefined)) return columns
  const recall: Column<IngestRun> = {
    label: 'Recall@10',
    value: ({ recallAt10 }) => recallAt10,
    show: ({ recallAt10 }) => score(recallAt10 ?? 0),
    better: 'higher',
  }
  return [...columns, recall]
}

/** Searches of each mode; undefined where all are by vector. */
function searchTable(runs: readonly IngestRun[]): Markup | undefined {
  const rows = runs.flatMap((run) =>
    run.wordSearch === undefined
      ? []
      : Object.entries({ vector: run.search, ...run.wordSearch }).map(([mode, latency]) => ({ run, mode, latency })),
  )
  if (rows.length === 0) return undefined
  type Row = (typeof rows)[number]
  const own: Column<Row>[] = [
    { label: 'Run', value: ({ run }) => nameOf(run), show: ({ run }) => keyed(seriesOf(run), nameOf(run)) },
    { label: 'Search', value: ({ mode }) => mode },
    ...latencyColumns<Row>(({ latency }) => latency),
  ]
  return table(own, rows, { caption: 'Searches by mode' })
}

function barFigure(runs: readonly IngestRun[]): Figure {
  const sizes = [...new Set(runs.map(({ documents }) => documents))].sort((a, b) => a - b)
  const top = runs.reduce((best, run) => (run.documentsPerSecond > best.documentsPerSecond ? run : best))
  return {
    title: 'Throughput by size',
    caption: 'Documents each second, from the first to the last of a run.',
    description: `The fastest run is ${nameOf(top)}, with ${number(top.documentsPerSecond)} documents a second.`,
    draw: (width) =>
      groupedBars(
        sizes.map((size) => ({
          label: plural(size, 'document'),
          bars: runs
            .filter(({ documents }) => documents === size)
            .map((run) => ({ label: run.kind, series: seriesOf(run), value: run.documentsPerSecond })),
        })),
        (value) => `${number(value)}/s`,
        width,
      ),
    data: table(
      [
        runColumn,
        { label: 'Documents/s', value: (run) => run.documentsPerSecond, show: (run) => number(run.documentsPerSecond) },
      ],
      runs,
      { caption: 'Throughput by size' },
    ),
  }
}

function latencyFigure(runs: readonly IngestRun[]): Figure {
  const slowest = runs.reduce((worst, run) => (run.search.p95 > worst.search.p95 ? run : worst))
  return {
    title: 'Latency of a search after it',
    caption: 'Hills: how often each latency was measured. Below them the median (dot), p95 and p99 (bars).',
    description: `The highest p95 is ${milliseconds(slowest.search.p95)}, after ${nameOf(slowest)}.`,
    draw: (width) =>
      latencyStrips(
        runs.map((run) => ({
          label: labelOf(run),
          series: seriesOf(run),
          strips: [
            { name: run.wordSearch === undefined ? '' : 'vector', latency: run.search },
            ...Object.entries(run.wordSearch ?? {}).map(([name, latency]) => ({ name, latency })),
          ],
        })),
        width,
      ),
    data: table([runColumn, ...latencyColumns<IngestRun>(({ search }) => search)], runs, {
      caption: 'Latency of a search',
    }),
  }
}

function curveFigure(runs: readonly IngestRun[]): Figure {
  return {
    title: 'Throughput over time',
    caption: 'Documents each second, over each run. Each run has its own scales.',
    description: runs
      .map((run) => `${nameOf(run)}: ${number(run.documentsPerSecond)} documents a second on average.`)
      .join(' '),
    wide: true,
    draw: (width) =>
      throughputPanels(
        runs.map((run) => ({ label: labelOf(run), series: seriesOf(run), points: run.throughput })),
        width,
      ),
    data: table(
      [
        runColumn,
        { label: 'Took', value: (run) => run.durationMs, show: (run) => duration(run.durationMs) },
        { label: 'Documents/s', value: (run) => run.documentsPerSecond, show: (run) => number(run.documentsPerSecond) },
      ],
      runs,
      { caption: 'Throughput' },
    ),
  }
}
