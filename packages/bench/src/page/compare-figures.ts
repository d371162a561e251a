import type { Estimate, Latencies } from '../result.js'
import { type Figure, figure, figures, missingFigure } from './figure.js'
import { dollars, integer, milliseconds, number, percent, round, score } from './format.js'
import type { Markup } from './html.js'
import { latencyColumns } from './latency-columns.js'
import { keyed, type Model, modelColumn } from './models.js'
import { intervalPanels } from './plots/intervals.js'
import { latencyStrips } from './plots/latencies.js'
import { type Scatter, scatter, unbeaten } from './plots/scatter.js'
import { throughputPanels } from './plots/throughput.js'
import { type Column, table } from './table.js'

export function compareFigures(models: readonly Model[]): Markup {
  const quality = figure(qualityFigure(models))
  const speed = figure(speedFigure(models))
  const cost = costFigure(models)
  const measured = [latencyFigure(models), throughputFigure(models)].map(figure)
  // Without a plot it stands last, not as a gap beside one.
  const drawn = models.some(({ embedder }) => (embedder.cost?.perMillionTokens ?? 0) > 0)
  return figures(drawn ? [quality, speed, cost, ...measured] : [quality, speed, ...measured, cost])
}

const metrics = [
  ['ndcgAt10', 'nDCG@10'],
  ['recallAt10', 'Recall@10'],
  ['recallAt100', 'Recall@100'],
  ['mrrAt10', 'MRR@10'],
] as const

function qualityFigure(models: readonly Model[]): Figure {
  const columns: Column<Model>[] = [
    modelColumn,
    ...metrics.flatMap(([metric, label]): Column<Model>[] => [
      estimateColumn(`${label}, exact`, ({ embedder }) => embedder.exact[metric]),
      estimateColumn(`${label}, in the store`, ({ embedder }) => embedder.index[metric]),
    ]),
  ]
  const best = most(models, ({ embedder }) => embedder.exact.ndcgAt10.mean)
  return {
    title: 'Quality, and how sure it is',
    caption:
      'Filled: exact search, what the model can do. Hollow: the store’s own search. Lines are 95 % confidence intervals; where two models’ lines overlap far, another set of queries could turn them round.',
    description: `Scores of each model with their confidence intervals. ${best.label} has the highest nDCG@10, ${score(best.embedder.exact.ndcgAt10.mean)}.`,
    wide: true,
    draw: (width) =>
      intervalPanels(
        models,
        metrics.map(([metric, label]) => ({
          label,
          estimates: models.map(({ embedder }) => ({ filled: embedder.exact[metric], hollow: embedder.index[metric] })),
        })),
        width,
      ),
    data: table(columns, models, { caption: 'Quality with 95 % confidence intervals' }),
  }
}

function estimateColumn(label: string, estimate: (model: Model) => Estimate): Column<Model> {
  return {
    label,
    value: (model) => estimate(model).mean,
    show: (model) => score(estimate(model).mean),
    detail: (model) => `${score(estimate(model).low)}–${score(estimate(model).high)}`,
  }
}

function speedFigure(models: readonly Model[]): Figure {
  const columns: Column<Model>[] = [
    modelColumn,
    {
      label: 'Documents/s',
      value: ({ embedder }) => embedder.documentsPerSecond,
      show: ({ embedder }) => number(embedder.documentsPerSecond),
    },
    estimateColumn('nDCG@10', ({ embedder }) => embedder.exact.ndcgAt10),
  ]
  const best = most(models, ({ embedder }) => embedder.exact.ndcgAt10.mean)
  const fastest = most(models, ({ embedder }) => embedder.documentsPerSecond)
  const plot: Scatter = {
    points: models.map(({ embedder, label, series }) => ({
      series,
      label,
      title: `${embedder.name}: ${score(embedder.exact.ndcgAt10.mean)} at ${number(embedder.documentsPerSecond)} documents/s`,
      x: embedder.documentsPerSecond,
      y: embedder.exact.ndcgAt10.mean,
      low: embedder.exact.ndcgAt10.low,
      high: embedder.exact.ndcgAt10.high,
    })),
    x: { label: 'documents/s, log scale → faster', format: round, log: true, better: 'higher' },
    y: { label: '↑ nDCG@10, exact search', format: String },
  }
  return {
    title: 'Quality against speed',
    caption: `Up is better, right is faster. ${frontierText(plot)}`,
    description: `${best.label} finds best, with an nDCG@10 of ${score(best.embedder.exact.ndcgAt10.mean)} at ${number(best.embedder.documentsPerSecond)} documents a second. ${fastest.label} is fastest, with ${number(fastest.embedder.documentsPerSecond)} a second at ${score(fastest.embedder.exact.ndcgAt10.mean)}.`,
    draw: (width) => scatter(plot, width),
    data: table(columns, models, { caption: 'Quality and speed' }),
  }
}

function frontierText({ points, x }: Scatter): string {
  const [first, ...others] = unbeaten(points, x.better)
  if (others.length > 0) return 'No model beats one on the dashed line in both.'
  return first === undefined || points.length === 1 ? '' : `${first.label} beats the rest in both.`
}

function costFigure(models: readonly Model[]): Markup {
  const title = 'Recall against cost'
  const columns: Column<Model>[] = [
    modelColumn,
    estimateColumn('Recall@100', ({ embedder }) => embedder.exact.recallAt100),
    {
      label: 'Per million tokens',
      value: ({ embedder }) => embedder.cost?.perMillionTokens,
      show: ({ embedder }) => dollars(embedder.cost?.perMillionTokens ?? 0),
    },
    {
      label: 'This run',
      value: ({ embedder }) => embedder.cost?.run,
      show: ({ embedder }) => dollars(embedder.cost?.run ?? 0),
    },
    {
      label: 'Tokens',
      value: ({ embedder }) => embedder.tokens,
      show: ({ embedder }) => `${embedder.tokensEstimated ? '≈ ' : ''}${integer(embedder.tokens)}`,
    },
    {
      label: 'Cache hits',
      value: ({ embedder }) => embedder.cacheHitRate,
      show: ({ embedder }) => percent(embedder.cacheHitRate),
    },
  ]
  const data = table(columns, models, {
    caption: 'Recall, cost, tokens (≈ where estimated), and documents whose text had come before (cache hits)',
  })
  const priced = models.flatMap((model) =>
    model.embedder.cost === undefined ? [] : [{ ...model, price: model.embedder.cost.perMillionTokens }],
  )
  const unpriced = models.filter(({ embedder }) => embedder.cost === undefined)
  const unknown =
    unpriced.length === 0
      ? ''
      : `No price is known for ${list(unpriced)}; pricePerMillionTokens in the configuration file tells it.`
  if (priced.every(({ price }) => price === 0)) {
    const [verb, cost] = priced.length === 1 ? ['runs', 'costs'] : ['run', 'cost']
    const free = priced.length === 0 ? '' : `${list(priced)} ${verb} on this machine and ${cost} nothing per token. `
    return missingFigure(title, `${free}${unknown}`, data)
  }
  const best = most(priced, ({ embedder }) => embedder.exact.recallAt100.mean)
  const plot: Scatter = {
    points: priced.map(({ embedder, label, series, price }) => ({
      series,
      label,
      title: `${embedder.name}: ${score(embedder.exact.recallAt100.mean)} at ${dollars(price)} per million tokens`,
      x: price,
      y: embedder.exact.recallAt100.mean,
      low: embedder.exact.recallAt100.low,
      high: embedder.exact.recallAt100.high,
    })),
    x: { label: 'US dollars per million tokens → dearer', format: dollars, log: false, better: 'lower' },
    y: { label: '↑ Recall@100, exact search', format: String },
  }
  return figure({
    title,
    caption: `Up is better, left is cheaper. ${frontierText(plot)} ${unknown}`,
    description: `${best.label} recalls most, ${score(best.embedder.exact.recallAt100.mean)}, at ${dollars(best.price)} per million tokens. ${unknown}`,
    draw: (width) => scatter(plot, width),
    data,
  })
}

function latencyFigure(models: readonly Model[]): Figure {
  type Row = { readonly model: Model; readonly kind: string; readonly latency: Latencies }
  const rows = models.flatMap((model): Row[] => [
    { model, kind: 'cold', latency: model.embedder.latency.cold },
    { model, kind: 'cached', latency: model.embedder.latency.cached },
  ])
  const columns: Column<Row>[] = [
    {
      label: 'Model',
      value: ({ model }) => model.embedder.name,
      show: ({ model }) => keyed(model.series, model.embedder.name),
    },
    { label: 'Query', value: ({ kind }) => kind },
    ...latencyColumns<Row>(({ latency }) => latency),
  ]
  const quickest = most(models, ({ embedder }) => -embedder.latency.cold.p50)
  return {
    title: 'Latency of a query',
    caption:
      'Hills: how often each latency was measured. Below them the median (dot), p95 and p99 (bars). Cold: the query is embedded; cached: its vector comes from the cache.',
    description: `${quickest.label} answers quickest, with a median of ${milliseconds(quickest.embedder.latency.cold.p50)} for a query that it embeds.`,
    draw: (width) =>
      latencyStrips(
        models.map(({ embedder, label, series }) => ({
          label,
          series,
          strips: [
            { name: 'cold', latency: embedder.latency.cold },
            { name: 'cached', latency: embedder.latency.cached },
          ],
        })),
        width,
      ),
    data: table(columns, rows, { caption: 'Latency of a query' }),
  }
}

function throughputFigure(models: readonly Model[]): Figure {
  const columns: Column<Model>[] = [
    modelColumn,
    {
      label: 'Documents/s, mean',
      value: ({ embedder }) => embedder.documentsPerSecond,
      show: ({ embedder }) => number(embedder.documentsPerSecond),
    },
    {
      label: 'Tokens',
      value: ({ embedder }) => embedder.tokens,
      show: ({ embedder }) => `${embedder.tokensEstimated ? '≈ ' : ''}${integer(embedder.tokens)}`,
    },
  ]
  return {
    title: 'Throughput over time',
    caption: 'Documents embedded and stored each second, while the corpus was loaded. Each model has its own scales.',
    description: models
      .map(({ label, embedder }) => `${label}: ${number(embedder.documentsPerSecond)} documents a second on average.`)
      .join(' '),
    draw: (width) =>
      throughputPanels(
        models.map(({ embedder, label, series }) => ({ label, series, points: embedder.throughput })),
        width,
      ),
    data: table(columns, models, { caption: 'Throughput' }),
  }
}

function most<T>(all: readonly T[], measure: (each: T) => number): T {
  return all.reduce((best, each) => (measure(each) > measure(best) ? each : best))
}

function list(models: readonly Model[]): string {
  return models.map(({ label }) => label).join(', ')
}
