import { modeNames, type ScoredSearch, searchesOf } from '../compare/mode-names.js'
import { holm } from '../metrics/significance.js'
import type { Quality } from '../result.js'
import { figure } from './figure.js'
import { pValue, score, signed } from './format.js'
import { html, type Markup } from './html.js'
import { keyed, type Model } from './models.js'
import { intervalPanels } from './plots/intervals.js'
import { type Column, table } from './table.js'

interface Row extends ScoredSearch {
  readonly model: Model
  /** Corrected for all searches of the table; absent for those by vector. */
  readonly corrected?: number | undefined
}

const metrics = [
  ['ndcgAt10', 'nDCG@10'],
  ['recallAt10', 'Recall@10'],
  ['recallAt100', 'Recall@100'],
  ['mrrAt10', 'MRR@10'],
] as const

/** Searches by words beside those by vector; undefined where nothing but vectors was measured. */
export function compareModes(models: readonly Model[]): Markup | undefined {
  const rows = withCorrection(models.flatMap((model) => searchesOf(model.embedder).map((each) => ({ model, ...each }))))
  if (rows.length === models.length) return undefined
  const columns: Column<Row>[] = [
    {
      label: 'Search',
      value: (row) => `${row.model.embedder.name} ${modeNames[row.mode]}`,
      show: ({ model, mode }) => html`${keyed(model.series, model.embedder.name)} ${modeNames[mode]}`,
    },
    ...metrics.map(([metric, label]) => qualityColumn(label, metric)),
    {
      label: 'nDCG@10 to vector',
      value: ({ significance }) => significance?.difference.mean,
      show: ({ significance }) => signed(significance?.difference.mean ?? 0),
      detail: ({ corrected }) => {
        const p = pValue(corrected ?? 1)
        return p.startsWith('<') ? `p ${p}` : `p = ${p}`
      },
    },
  ]
  const best = rows.reduce((top, row) => (ndcg(row) > ndcg(top) ? row : top))
  const drawn = figure({
    title: 'Quality of each search',
    caption: 'Lines are 95 % confidence intervals over the queries.',
    description: `Scores of each search with their confidence intervals. ${labelOf(best)} has the highest nDCG@10, ${score(ndcg(best))}.`,
    wide: true,
    draw: (width) =>
      intervalPanels(
        rows.map((row) => ({ label: labelOf(row), series: row.model.series })),
        metrics.map(([metric, label]) => ({
          label,
          estimates: rows.map(({ quality }) => ({ filled: quality[metric] })),
        })),
        width,
      ),
    data: table(columns, rows, { caption: 'Quality of each search with 95 % confidence intervals' }),
  })
  return html`${table(columns, rows, { caption: 'The searches side by side', hideCaption: true, sortable: true })}
<p class="note">Vector: by meaning alone. Keyword: by words alone (BM25). Hybrid: by both. Hybrid + rerank: the best 50 of the hybrid search in the order of the
reranker. All are exact. “To vector” is the mean difference, query by query, to searches by vector with the same model; below it p, corrected for the number of searches by
Holm’s method. Words need no model; their scores differ between models only where one cuts texts into other parts.</p>
<div class="figures">${drawn}</div>`
}

function withCorrection(rows: readonly Row[]): Row[] {
  const tested = rows.filter(({ significance }) => significance !== undefined)
  const corrected = holm(tested.map(({ significance }) => significance?.pValue ?? 1))
  return rows.map((row) => ({ ...row, corrected: corrected[tested.indexOf(row)] }))
}

function qualityColumn(label: string, metric: keyof Quality): Column<Row> {
  return {
    label,
    value: ({ quality }) => quality[metric].mean,
    show: ({ quality }) => score(quality[metric].mean),
    detail: ({ quality }) => `${score(quality[metric].low)}–${score(quality[metric].high)}`,
    better: 'higher',
  }
}

const ndcg = ({ quality }: Row): number => quality.ndcgAt10.mean
const labelOf = ({ model, mode }: Row): string => `${model.label}, ${modeNames[mode]}`
