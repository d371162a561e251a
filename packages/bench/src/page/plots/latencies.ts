import type { Latencies } from '../../result.js'
import type { Drawing } from '../figure.js'
import { milliseconds, roundMilliseconds } from '../format.js'
import { html, type Markup } from '../html.js'
import { nameInPlot, px, seriesClass } from '../series.js'
import { type Axis, logAxis, xAxis } from './axes.js'
import { textWidth } from './labels.js'

export interface LatencyRow {
  readonly label: string
  readonly series: number
  readonly strips: readonly { readonly name: string; readonly latency: Latencies }[]
}

const HEAD = 22
const STRIP = 34
const HILL = 20
const BINS = 44

/**
 * One strip for each distribution: a hill of the sample, and on its foot the median and the percentiles. Logarithmic.
 */
export function latencyStrips(rows: readonly LatencyRow[], width: number): Drawing {
  const longest = Math.max(...rows.map(({ label }) => textWidth(label))) + 28
  const single = rows.every(({ strips }) => strips.length === 1)
  // Names stand beside the strips where there is one for each and the room for it; else above them.
  const beside = single && longest < width * 0.4
  const head = beside ? 0 : HEAD
  const heights = rows.map(({ strips }) => head + strips.length * STRIP + (beside ? 0 : 8))
  const bottom = 6 + sum(heights)
  const frame = { left: beside ? longest : single ? 4 : 54, right: width - 8, top: 4, bottom }
  const all = rows.flatMap(({ strips }) => strips.map(({ latency }) => latency)).filter(({ count }) => count > 0)
  const values = all.flatMap(({ sample, p50, p99, max }) => [...sample, p50, p99, max])
  const across = logAxis(values, [frame.left + 4, frame.right - 4], Math.floor((frame.right - frame.left) / 60))
  const drawn = rows.map(({ label, series, strips }, i) => {
    const top = 6 + sum(heights.slice(0, i))
    const middle = top + (beside ? STRIP - 12 : 11)
    return html`<g>${nameInPlot(series, label, middle)}
${strips.map(({ name, latency }, j) => {
  const foot = top + head + (j + 1) * STRIP - 8
  return html`<text class="tick" x="4" y="${foot + 1}">${name}</text>${strip(latency, series, foot, across)}`
})}</g>`
  })
  return {
    height: bottom + 44,
    body: html`${xAxis(across, frame, { label: 'latency, log scale → slower', format: roundMilliseconds })}${drawn}`,
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function strip(latency: Latencies, series: number, foot: number, across: Axis): Markup {
  if (latency.count === 0) return html`<text class="tick" x="${across.at(0)}" y="${foot}">none measured</text>`
  const { sample, p50, p95, p99, max } = latency
  const first = across.at(sample[0] ?? p50)
  const tall = (value: number, half: number, name: string) => {
    const x = across.at(value)
    return html`<line class="${name}" x1="${x}" x2="${x}" y1="${foot - half}" y2="${foot + half}"/>`
  }
  return html`<g class="${seriesClass(series)}"><path class="hill" d="${hill(sample, foot, across)}"/>
<line class="reach" x1="${first}" x2="${across.at(max)}" y1="${foot}" y2="${foot}"/>
${tall(p95, 6, 'high')}${tall(p99, 6, 'high')}
<circle class="median" cx="${across.at(p50)}" cy="${foot}" r="4"/>
<title>p50 ${milliseconds(p50)}, p95 ${milliseconds(p95)}, p99 ${milliseconds(p99)}, max ${milliseconds(max)}</title></g>`
}

/** A histogram in steps as wide as pixels are, not as milliseconds, as the axis is logarithmic. */
function hill(sample: readonly number[], foot: number, across: Axis): string {
  const places = sample.map(across.at)
  const low = across.at(0)
  const high = across.at(Number.MAX_VALUE)
  const step = (high - low) / BINS
  const counts = new Array<number>(BINS).fill(0)
  for (const place of places) {
    const bin = Math.min(Math.floor((place - low) / step), BINS - 1)
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  const most = Math.max(...counts, 1)
  const bars = counts.map((count, i) =>
    count === 0 ? '' : `M${px(low + i * step)},${foot}v${px((-count / most) * HILL)}h${px(step)}V${foot}z`,
  )
  return bars.join('')
}
