import type { Estimate } from '../../result.js'
import type { Drawing } from '../figure.js'
import { score } from '../format.js'
import { html, type Markup } from '../html.js'
import { marker, nameInPlot, px, seriesClass } from '../series.js'
import { type Axis, linearAxis } from './axes.js'
import { textWidth } from './labels.js'

export interface IntervalRow {
  readonly series: number
  readonly label: string
}

export interface IntervalPanel {
  readonly label: string
  /** For each row: the estimate drawn with a filled mark, and below it the one with a hollow mark, if there is one. */
  readonly estimates: readonly { readonly filled: Estimate; readonly hollow?: Estimate }[]
}

const ROW = 40
const GAP = 44

/** Estimates with their confidence intervals: a panel for each measure, and a row for each model. */
export function intervalPanels(rows: readonly IntervalRow[], panels: readonly IntervalPanel[], width: number): Drawing {
  const columns = width > 800 ? panels.length : width > 400 ? 2 : 1
  // Beside the panels only where all are in one line; else above each row.
  const beside = columns === panels.length
  const names = beside ? Math.min(Math.max(...rows.map(({ label }) => textWidth(label))) + 36, 220) : 0
  const each = (width - names - GAP * (columns - 1)) / columns
  const row = beside ? ROW : ROW + 16
  const height = 26 + rows.length * row + 34
  const drawn = panels.map((panel, i) => {
    const x = px(names + (i % columns) * (each + GAP))
    const y = Math.floor(i / columns) * height
    return html`<g transform="translate(${x} ${y})">${panelOf(panel, rows, each, row, beside)}</g>`
  })
  const titles = rows.map(({ label, series }, i) => nameInPlot(series, label, 26 + i * row + row / 2))
  return { height: Math.ceil(panels.length / columns) * height, body: html`${beside ? titles : undefined}${drawn}` }
}

function panelOf(
  panel: IntervalPanel,
  rows: readonly IntervalRow[],
  width: number,
  row: number,
  beside: boolean,
): Markup {
  const bottom = 26 + rows.length * row
  const ends = panel.estimates.flatMap(({ filled, hollow = filled }) => [
    filled.low,
    filled.high,
    hollow.low,
    hollow.high,
  ])
  const across = linearAxis(ends, [8, width - 8], { count: 3, limits: [0, 1] })
  const grid = across.ticks.map((value) => {
    const x = across.at(value)
    return html`<line class="grid" x1="${x}" x2="${x}" y1="24" y2="${bottom}"/><text class="tick" x="${x}" y="${bottom + 17}" text-anchor="middle">${String(value)}</text>`
  })
  const marks = rows.map(({ series, label }, i) => {
    const estimate = panel.estimates[i]
    if (estimate === undefined) return undefined
    const middle = 26 + i * row + row / 2 + (beside ? 0 : 9)
    return html`${beside ? undefined : nameInPlot(series, label, 26 + i * row + 12)}
${whisker(estimate.filled, series, estimate.hollow ? middle - 6 : middle, across, false)}
${estimate.hollow && whisker(estimate.hollow, series, middle + 7, across, true)}`
  })
  return html`<text class="name" x="8" y="14">${panel.label}</text>${grid}${marks}`
}

function whisker({ mean, low, high }: Estimate, series: number, y: number, across: Axis, hollow: boolean): Markup {
  return html`<g><line class="interval ${seriesClass(series)}" x1="${across.at(low)}" x2="${across.at(high)}" y1="${px(y)}" y2="${px(y)}"/>
${marker(series, across.at(mean), y, { area: hollow ? 44 : 60, hollow })}
<title>${score(mean)}, ${score(low)} to ${score(high)}</title></g>`
}
