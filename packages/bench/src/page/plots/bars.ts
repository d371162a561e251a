import type { Drawing } from '../figure.js'
import { html } from '../html.js'
import { px, seriesClass } from '../series.js'
import { linearAxis } from './axes.js'
import { textWidth } from './labels.js'

export interface BarGroup {
  readonly label: string
  readonly bars: readonly { readonly label: string; readonly series: number; readonly value: number }[]
}

const HEAD = 26
const BAR = 26

/** Bars from 0, in groups, with their values written at their ends. */
export function groupedBars(groups: readonly BarGroup[], format: (value: number) => string, width: number): Drawing {
  const all = groups.flatMap(({ bars }) => bars)
  const left = Math.max(...all.map(({ label }) => textWidth(label))) + 8
  const texts = Math.max(...all.map(({ value }) => textWidth(format(value)))) + 8
  const across = linearAxis(
    all.map(({ value }) => value),
    [left, width - texts],
    { count: 4, zero: true },
  )
  let y = 0
  const drawn = groups.map(({ label, bars }) => {
    const top = y
    y += HEAD + bars.length * BAR + 10
    return html`<text class="name" x="0" y="${top + 16}">${label}</text>
${bars.map((bar, i) => {
  const place = top + HEAD + i * BAR
  const length = Math.max(across.at(bar.value) - left, 1)
  return html`<text class="tick" x="${left - 8}" y="${place + 15}" text-anchor="end">${bar.label}</text>
<rect class="bar mark ${seriesClass(bar.series)}" x="${left}" y="${place + 2}" width="${px(length)}" height="${BAR - 7}" rx="2"/>
<text class="value" x="${px(left + length + 6)}" y="${place + 16}">${format(bar.value)}</text>`
})}`
  })
  return { height: y, body: html`${drawn}` }
}
