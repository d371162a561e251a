import type { Sample } from '../api-types.js'
import { h, svg } from './dom.js'
import { clock } from './format.js'

const WIDTH = 320
const HEIGHT = 96
const EDGE = 6

export interface Line {
  readonly title: string
  /** Said where there is no value at all. */
  readonly nothing: string
  readonly value: (sample: Sample) => number | undefined
  readonly format: (value: number) => string
  /** What the top of the chart is at least. */
  readonly least: number
}

/** One figure over time: its last value in words, and a line. */
export function lineChart(samples: readonly Sample[], { title, nothing, value, format, least }: Line): HTMLElement {
  const points = samples.flatMap((sample) => {
    const of = value(sample)
    return of === undefined ? [] : [{ at: sample.at, of }]
  })
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined)
    return h('figure', {}, h('figcaption', {}, title), h('p', { class: 'note' }, nothing))
  const top = Math.max(least, ...points.map(({ of }) => of))
  const x = (at: number) => EDGE + ((at - first.at) / Math.max(1, last.at - first.at)) * (WIDTH - 2 * EDGE)
  const y = (of: number) => HEIGHT - EDGE - (of / top) * (HEIGHT - 2 * EDGE)
  const line = points.map(({ at, of }) => `${x(at).toFixed(1)},${y(of).toFixed(1)}`).join(' ')
  const said = `${title}: ${format(last.of)} now, at most ${format(Math.max(...points.map(({ of }) => of)))} since ${clock(first.at)}`
  return h(
    'figure',
    {},
    h('figcaption', {}, title, h('strong', {}, format(last.of))),
    svg(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': said, class: 'chart' },
      svg('line', { x1: EDGE, x2: WIDTH - EDGE, y1: HEIGHT - EDGE, y2: HEIGHT - EDGE, class: 'axis' }),
      svg('polyline', { points: line, class: 'curve' }),
      svg('circle', { cx: x(last.at), cy: y(last.of), r: 3, class: 'now' }),
    ),
    h(
      'p',
      { class: 'note range' },
      h('span', {}, clock(first.at)),
      h('span', {}, `0 to ${format(top)}`),
      h('span', {}, clock(last.at)),
    ),
  )
}
