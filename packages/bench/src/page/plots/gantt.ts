import type { Timeline } from '../../result.js'
import type { Drawing } from '../figure.js'
import { milliseconds, roundMilliseconds } from '../format.js'
import { html } from '../html.js'
import { px, seriesClass } from '../series.js'
import { linearAxis, xAxis } from './axes.js'
import { textWidth } from './labels.js'

const ROW = 38

/** One operation as it went: a row for each phase, a bar for each time it ran. `seriesOf` gives a phase its colour. */
export function gantt({ durationMs, phases }: Timeline, seriesOf: (phase: string) => number, width: number): Drawing {
  const names = [...new Set(phases.map(({ phase }) => phase))]
  const frame = { left: 4, right: width - 8, top: 4, bottom: 12 + names.length * ROW }
  const ends = phases.map(({ endMs }) => endMs)
  const across = linearAxis([durationMs, ...ends], [frame.left, frame.right], {
    count: width < 400 ? 3 : 5,
    zero: true,
  })
  const rows = names.map((name, i) => {
    const top = 8 + i * ROW
    const own = phases.filter(({ phase }) => phase === name)
    const total = own.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0)
    const text = `${name}  ${milliseconds(total)}`
    const start = across.at(Math.min(...own.map(({ startMs }) => startMs)))
    // Above its first bar; kept inside the picture where that begins late.
    const x = Math.max(Math.min(start, frame.right - textWidth(text)), frame.left)
    const bars = own.map(({ startMs, endMs }) => {
      const from = across.at(startMs)
      return html`<rect class="bar mark ${seriesClass(seriesOf(name))}" x="${from}" y="${top + 17}" width="${px(Math.max(across.at(endMs) - from, 2))}" height="14" rx="2"><title>${name}: ${milliseconds(startMs)} to ${milliseconds(endMs)}</title></rect>`
    })
    return html`<g><text class="tick" x="${px(x)}" y="${top + 12}"><tspan class="name">${name}</tspan>  ${milliseconds(total)}</text>${bars}</g>`
  })
  return {
    height: frame.bottom + 44,
    body: html`${xAxis(across, frame, { label: 'time since the call', format: roundMilliseconds })}${rows}`,
  }
}
