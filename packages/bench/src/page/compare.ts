import { holm } from '../metrics/significance.js'
import type { CompareReport } from '../result.js'
import { compareFigures } from './compare-figures.js'
import { compareModes } from './compare-modes.js'
import type { Content } from './content.js'
import { bytes, dollars, integer, milliseconds, number, plural, pValue, score, signed } from './format.js'
import { html, type Markup } from './html.js'
import { type Model, modelColumn, models } from './models.js'
import { type Column, table } from './table.js'

export function compareContent(report: CompareReport): Content {
  const { corpus, store, embedders, unavailable } = report
  const all = models(embedders)
  const searches = compareModes(all)
  const queries = corpus.kind === 'judged' ? 'with judgements' : 'made from headings and first sentences'
  return {
    title: `Embedding models on ${corpus.name}`,
    facts: [
      plural(corpus.documents, 'document'),
      `${plural(corpus.queries, 'query', 'queries')} ${queries}`,
      plural(corpus.judgements, 'judgement'),
      `stored in ${store}`,
    ],
    sections: [
      { title: 'Summary', body: html`${summary(all)}${missing(unavailable)}` },
      ...(searches === undefined ? [] : [{ title: 'By words and meaning', body: searches }]),
      ...(all.length > 0 ? [{ title: 'In detail', body: compareFigures(all) }] : []),
    ],
    records: [...embedders, ...unavailable.map(({ name, reason }) => ({ name, unavailable: reason }))],
  }
}

function summary(all: readonly Model[]): Markup {
  if (all.length === 0) return html`<p class="nothing">None of the embedders could be had.</p>`
  const pValues = correctedPValues(all)
  const columns: Column<Model>[] = [
    modelColumn,
    quality('nDCG@10', 'ndcgAt10'),
    quality('Recall@10', 'recallAt10'),
    quality('Recall@100', 'recallAt100'),
    quality('MRR@10', 'mrrAt10'),
    {
      label: 'nDCG@10 in the store',
      value: ({ embedder }) => embedder.index.ndcgAt10.mean,
      show: ({ embedder }) => score(embedder.index.ndcgAt10.mean),
      detail: ({ embedder }) => interval(embedder.index.ndcgAt10),
      better: 'higher',
    },
    {
      label: 'nDCG@10 to the first',
      value: ({ embedder }) => embedder.significance?.difference.mean,
      show: ({ embedder }) => signed(embedder.significance?.difference.mean ?? 0),
      detail: ({ embedder }) => {
        const corrected = pValues.get(embedder)
        return corrected === undefined ? undefined : `p ${equals(pValue(corrected))}`
      },
    },
    {
      label: 'Documents/s',
      value: ({ embedder }) => embedder.documentsPerSecond,
      show: ({ embedder }) => number(embedder.documentsPerSecond),
      better: 'higher',
    },
    latency('Query, cold', 'cold'),
    latency('Query, cached', 'cached'),
    {
      label: 'Per million tokens',
      value: ({ embedder }) => embedder.cost?.perMillionTokens,
      show: ({ embedder }) => dollars(embedder.cost?.perMillionTokens ?? 0),
      detail: ({ embedder }) => embedder.cost && `run ${dollars(embedder.cost.run)}`,
      better: 'lower',
    },
    {
      label: 'Per vector',
      value: ({ embedder }) => embedder.bytesPerVector,
      show: ({ embedder }) => bytes(embedder.bytesPerVector),
      detail: ({ embedder }) => `${integer(embedder.dimensions)} dim.`,
      better: 'lower',
    },
  ]
  return html`${table(columns, all, { caption: 'The models side by side', hideCaption: true, sortable: true })}
<p class="note">Bold: best of the column. Below a score: its 95 % confidence interval over the queries. Scores are of exact search, which is what
the model can do; “in the store” is the store’s own search, which is what its users get. “To the first” is the mean difference, query by query,
to the first model; below it p: if both models were equally good, a difference as large as this or larger would come up by chance with this
probability, corrected for the number of models by Holm’s method. A p of 0.05 or more does not say that two are equally good. Queries: median, and p95 below it. A price of – is not known. Sort by any column.</p>`
}

function correctedPValues(all: readonly Model[]): ReadonlyMap<Model['embedder'], number> {
  const tested = all.flatMap(({ embedder }) =>
    embedder.significance === undefined ? [] : [{ embedder, pValue: embedder.significance.pValue }],
  )
  const corrected = holm(tested.map(({ pValue }) => pValue))
  return new Map(tested.map(({ embedder }, i) => [embedder, corrected[i] ?? 1]))
}

function quality(label: string, metric: keyof Model['embedder']['exact']): Column<Model> {
  return {
    label,
    value: ({ embedder }) => embedder.exact[metric].mean,
    show: ({ embedder }) => score(embedder.exact[metric].mean),
    detail: ({ embedder }) => interval(embedder.exact[metric]),
    better: 'higher',
  }
}

function latency(label: string, kind: 'cold' | 'cached'): Column<Model> {
  return {
    label,
    value: ({ embedder }) => (embedder.latency[kind].count > 0 ? embedder.latency[kind].p50 : undefined),
    show: ({ embedder }) => milliseconds(embedder.latency[kind].p50),
    detail: ({ embedder }) => milliseconds(embedder.latency[kind].p95),
    better: 'lower',
  }
}

function interval({ low, high }: { readonly low: number; readonly high: number }): string {
  return `${score(low)}–${score(high)}`
}

function equals(p: string): string {
  return p.startsWith('<') ? p : `= ${p}`
}

function missing(unavailable: CompareReport['unavailable']): Markup | undefined {
  if (unavailable.length === 0) return undefined
  return html`<div class="missing"><h3>Not compared</h3>
<ul>${unavailable.map(({ name, reason }) => html`<li><bdi class="model">${name}</bdi> ${reason}</li>`)}</ul></div>`
}
