import type { Drawing } from '../figure.js'
import { html, type Markup } from '../html.js'
import { marker, nameInPlot, px, seriesClass } from '../series.js'
import { type Axis, type AxisText, type Frame, linearAxis, logAxis, xAxis, yAxis } from './axes.js'
import { type Box, lineTo, type Placed, placeLabels } from './labels.js'

export interface ScatterPoint {
  readonly series: number
  readonly label: string
  /** Shown on hover. */
  readonly title: string
  readonly x: number
  readonly y: number
  /** The ends of y's confidence interval. */
  readonly low: number
  readonly high: number
}

export interface Scatter {
  readonly points: readonly ScatterPoint[]
  readonly x: AxisText & { readonly log: boolean; readonly better: 'higher' | 'lower' }
  /** A score between 0 and 1, higher is better. */
  readonly y: AxisText
}

const MOST_LABELS = 6
const KEY_TOP = 12
const KEY_ROW = 22

/** Points with their confidence intervals and names, and a line along those that no other beats in both directions. */
export function scatter({ points, x, y }: Scatter, width: number): Drawing {
  // On a phone the names of many points would bury them, and stand below.
  const below = width < 400 && points.length > MOST_LABELS
  const crowd = below ? 0 : 14 * Math.max(0, points.length - 4)
  const frame: Frame = { left: 44, right: width - 12, top: 40, bottom: 330 + crowd }
  const range = [frame.left + 14, frame.right - 14] as const
  const values = points.map((point) => point.x)
  const count = width < 400 ? 3 : 6
  const across = x.log ? logAxis(values, range, count) : linearAxis(values, range, { count, zero: true })
  const ends = points.flatMap(({ low, high }) => [low, high])
  const up = linearAxis(ends, [frame.bottom, frame.top], { count: 6, limits: [0, 1] })
  const spots = points.map((point) => ({ ...point, x: across.at(point.x), y: up.at(point.y) }))
  const intervals = points.map((point): Box => {
    const top = up.at(point.high)
    return { x: across.at(point.x) - 1, y: top, width: 2, height: up.at(point.low) - top }
  })
  const bounds = { x: frame.left, y: frame.top - 10, width: width - frame.left, height: frame.bottom - frame.top + 8 }
  const labels = below ? [] : placeLabels(spots, bounds, intervals)
  return {
    height: frame.bottom + 44 + (below ? KEY_TOP + points.length * KEY_ROW : 0),
    body: html`${xAxis(across, frame, x)}${yAxis(up, frame, y)}
${frontier(unbeaten(points, x.better), x.better, across, up)}
${points.map((point, i) => html`<g>${interval(point.series, intervals[i])}<title>${point.title}</title></g>`)}
${spots.map((spot, i) => leader(spot, labels[i]))}
${spots.map((spot) => html`<g>${marker(spot.series, spot.x, spot.y, { area: 110 })}<title>${spot.title}</title></g>`)}
${below ? keyBelow(points, frame.bottom + 44 + KEY_TOP) : spots.map((spot, i) => labelText(spot.label, labels[i]))}`,
  }
}

function keyBelow(points: readonly ScatterPoint[], top: number): Markup[] {
  return points.map(({ series, label }, i) => nameInPlot(series, label, top + (i + 0.5) * KEY_ROW))
}

function interval(series: number, box: Box | undefined): Markup | undefined {
  if (box === undefined) return undefined
  const x = px(box.x + 1)
  return html`<line class="interval ${seriesClass(series)}" x1="${x}" x2="${x}" y1="${px(box.y)}" y2="${px(box.y + box.height)}"/>`
}

/** A staircase, as what lies between two models cannot be had. */
function frontier(
  best: readonly ScatterPoint[],
  better: 'higher' | 'lower',
  across: Axis,
  up: Axis,
): Markup | undefined {
  if (best.length < 2) return undefined
  const path = best.map((point, i) => {
    const [x, y] = [across.at(point.x), up.at(point.y)]
    if (i === 0) return `M${x},${y}`
    return better === 'higher' ? `V${y}H${x}` : `H${x}V${y}`
  })
  return html`<path class="frontier" d="${path.join('')}"/>`
}

/** The points that no other beats in both directions, from left to right. */
export function unbeaten(points: readonly ScatterPoint[], better: 'higher' | 'lower'): ScatterPoint[] {
  const sign = better === 'higher' ? 1 : -1
  return points.filter((a) => !points.some((b) => b !== a && beats(b, a, sign))).toSorted((a, b) => a.x - b.x)
}

function beats(b: ScatterPoint, a: ScatterPoint, sign: number): boolean {
  return b.x * sign >= a.x * sign && b.y >= a.y && (b.x !== a.x || b.y !== a.y)
}

function leader(spot: { readonly x: number; readonly y: number }, place: Placed | undefined): Markup | undefined {
  if (place === undefined || !place.far) return undefined
  const [x1, y1, x2, y2] = lineTo(spot, place)
  return html`<line class="leader" x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}"/>`
}

function labelText(label: string, place: Placed | undefined): Markup | undefined {
  if (place === undefined) return undefined
  return html`<text class="name" x="${px(place.x + place.width / 2)}" y="${px(place.y + 12)}" text-anchor="middle">${label}</text>`
}
