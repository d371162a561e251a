import { line } from 'd3-shape'
import type { ThroughputPoint } from '../../result.js'
import type { Drawing } from '../figure.js'
import { duration, round } from '../format.js'
import { html, type Markup } from '../html.js'
import { nameInPlot, px, seriesClass } from '../series.js'
import { linearAxis } from './axes.js'
import { textWidth } from './labels.js'

export interface Curve {
  readonly label: string
  readonly series: number
  /** How many were done at moments of the run, rising. */
  readonly points: readonly ThroughputPoint[]
}

const PANEL = 132
const STRETCHES = 40

/** How many were done each second, over the run: a small panel for each curve, each over its own time and from 0. */
export function throughputPanels(curves: readonly Curve[], width: number): Drawing {
  const columns = Math.max(1, Math.min(Math.floor(width / 240), curves.length))
  const gap = 20
  const each = (width - gap * (columns - 1)) / columns
  const tall = columns === 1 && width > 400 ? 1.4 : 1
  const panels = curves.map((curve, i) => {
    const x = px((i % columns) * (each + gap))
    const y = Math.floor(i / columns) * PANEL * tall
    return html`<g transform="translate(${x} ${y})">${panel(curve, each, PANEL * tall)}</g>`
  })
  return { height: Math.ceil(curves.length / columns) * PANEL * tall, body: html`${panels}` }
}

function panel({ label, series, points }: Curve, width: number, height: number): Markup {
  const name = nameInPlot(series, label, 11)
  const rates = ratesOf(points)
  if (rates.length === 0) return html`${name}<text class="tick" x="0" y="44">too short for a curve</text>`
  const [top, bottom] = [30, height - 34]
  const most = Math.max(...rates.map(({ rate }) => rate))
  const up = linearAxis([most], [bottom, top], { count: 3, zero: true })
  const frame = {
    left: Math.max(...up.ticks.map((value) => textWidth(round(value)))) + 8,
    right: width - 4,
    top,
    bottom,
  }
  const end = rates.at(-1)?.toMs ?? 0
  const across = (ms: number) => px(frame.left + (ms / end) * (frame.right - frame.left))
  const corners = rates.flatMap(({ fromMs, toMs, rate }): [number, number][] => [
    [across(fromMs), up.at(rate)],
    [across(toMs), up.at(rate)],
  ])
  const edge = line()(corners) ?? ''
  return html`${name}${up.ticks.map((value) => {
    const y = up.at(value)
    return html`<line class="grid" x1="${frame.left}" x2="${frame.right}" y1="${y}" y2="${y}"/><text class="tick" x="${frame.left - 6}" y="${y + 4}" text-anchor="end">${round(value)}</text>`
  })}<g class="${seriesClass(series)}"><path class="area" d="${edge}V${frame.bottom}H${frame.left}Z"/><path class="curve" d="${edge}"/></g>
<text class="tick" x="${frame.left}" y="${frame.bottom + 17}">0</text>
<text class="tick" x="${frame.right}" y="${frame.bottom + 17}" text-anchor="end">${duration(end)}</text>`
}

export interface Rate {
  readonly fromMs: number
  readonly toMs: number
  /** For each second. */
  readonly rate: number
}

/** What was done each second between the moments, in at most 40 stretches of about the same time. */
export function ratesOf(points: readonly ThroughputPoint[]): Rate[] {
  const last = points.at(-1)
  if (last === undefined || last.atMs <= 0) return []
  const shortest = last.atMs / STRETCHES
  const ends: ThroughputPoint[] = []
  for (const point of points) if (point.atMs - (ends.at(-1)?.atMs ?? 0) >= shortest) ends.push(point)
  // What is left at the end is too short for a rate of its own.
  ends.splice(-1, 1, last)
  return ends.map((end, i) => {
    const { atMs, documents } = ends[i - 1] ?? { atMs: 0, documents: 0 }
    return { fromMs: atMs, toMs: end.atMs, rate: ((end.documents - documents) / (end.atMs - atMs)) * 1000 }
  })
}
