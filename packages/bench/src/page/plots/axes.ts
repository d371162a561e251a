import { scaleLinear, scaleLog } from 'd3-scale'
import { html, type Markup } from '../html.js'
import { px } from '../series.js'

/** The rectangle that a plot's marks lie in, in pixels. */
export interface Frame {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** One direction of a plot: where a value lies, and which values are written down. */
export interface Axis {
  readonly at: (value: number) => number
  readonly ticks: readonly number[]
}

export function linearAxis(
  values: readonly number[],
  range: readonly [number, number],
  options: { readonly count: number; readonly zero?: boolean; readonly limits?: readonly [number, number] },
): Axis {
  const { count, zero = false, limits = [-Infinity, Infinity] } = options
  const low = zero ? 0 : Math.min(...values)
  const high = Math.max(...values)
  // A single value still needs a stretch to lie in.
  const pad = high === low ? Math.abs(high) * 0.1 || 1 : zero ? 0 : (high - low) * 0.05
  const domain = [
    Math.max(zero ? 0 : low - pad, limits[0]),
    Math.min(high + (zero && low !== high ? 0 : pad), limits[1]),
  ]
  const scale = scaleLinear().domain(domain).nice(count).range(range)
  return { at: (value) => px(scale(value)), ticks: scale.ticks(count) }
}

/** A logarithmic axis of round ends (1, 2 or 5 times a power of ten). What is not above 0 lies at its lower end. */
export function logAxis(values: readonly number[], range: readonly [number, number], count: number): Axis {
  const positive = values.filter((value) => value > 0)
  const low = positive.length > 0 ? Math.min(...positive) : 1
  const high = positive.length > 0 ? Math.max(...positive) : 10
  const steps = roundValues(low, high)
  const first = steps[0] as number
  const last = steps.at(-1) as number
  const scale = scaleLog().domain([first, last]).range(range).clamp(true)
  const tens = steps.filter((value) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9)
  const few = steps.length <= count ? steps : tens.length >= 3 ? thin(tens, count) : thin(steps, count)
  return { at: (value) => px(scale(Math.max(value, first))), ticks: few }
}

/**
 * Values of 1, 2 and 5 times a power of ten, from the one at or below `low` to the one at or above `high`, and at
 * least two.
 */
function roundValues(low: number, high: number): number[] {
  const all: number[] = []
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)) + 1; power += 1) {
    for (const digit of [1, 2, 5]) all.push(Number(`${digit}e${power}`))
  }
  const from = all.findLastIndex((value) => value <= low)
  const to = all.findIndex((value) => value >= high)
  return all.slice(from, Math.max(to, from + 1) + 1)
}

function thin(values: readonly number[], count: number): number[] {
  const step = Math.ceil(values.length / count)
  return values.filter((_, i) => i % step === 0)
}

export interface AxisText {
  readonly label: string
  readonly format: (value: number) => string
}

/** Lines across the frame with their values below, and the axis' name under its right end. */
export function xAxis(axis: Axis, { left, right, top, bottom }: Frame, { label, format }: AxisText): Markup {
  const ticks = axis.ticks.map((value) => {
    const x = axis.at(value)
    // The outermost values stay inside the picture.
    const anchor = x < left + 12 ? 'start' : x > right - 12 ? 'end' : 'middle'
    return html`<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>
<text class="tick" x="${x}" y="${bottom + 17}" text-anchor="${anchor}">${format(value)}</text>`
  })
  return html`${ticks}<text class="axis" x="${right}" y="${bottom + 37}" text-anchor="end">${label}</text>`
}

/** Lines across the frame with their values to the left, and the axis' name above its upper end. */
export function yAxis(axis: Axis, { left, right, top }: Frame, { label, format }: AxisText): Markup {
  const ticks = axis.ticks.map((value) => {
    const y = axis.at(value)
    return html`<line class="grid" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/>
<text class="tick" x="${left - 8}" y="${y + 4}" text-anchor="end">${format(value)}</text>`
  })
  return html`${ticks}<text class="axis" x="0" y="${top - 16}">${label}</text>`
}
