import {
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
} from 'd3-shape'
import { html, type Markup } from './html.js'

const shapes = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond, symbolCross, symbolStar, symbolWye]
const COLORS = 8

/** The class that gives marks their colour. Colours and shapes repeat after 8 and 7, so 56 series are told apart. */
export function seriesClass(index: number): string {
  return `s${index % COLORS}`
}

/** The mark of a series around a point. `area` is in square pixels. */
export function marker(index: number, x: number, y: number, options: { area?: number; hollow?: boolean } = {}): Markup {
  const { area = 72, hollow = false } = options
  const shape = shapes[index % shapes.length] ?? symbolCircle
  const path = symbol(shape, area).digits(2)() ?? ''
  return html`<path class="mark ${seriesClass(index)}${hollow ? ' hollow' : ''}" transform="translate(${px(x)} ${px(y)})" d="${path}"/>`
}

/** The mark before a name in running text and tables. */
export function key(index: number): Markup {
  return html`<svg class="key" viewBox="-8 -8 16 16" width="14" height="14" aria-hidden="true">${marker(index, 0, 0, { area: 90 })}</svg>`
}

/** A name with its mark before it, at the left of a plot. */
export function nameInPlot(index: number, label: string, y: number): Markup {
  return html`${marker(index, 8, y, { area: 64 })}<text class="name" x="20" y="${px(y + 4)}">${label}</text>`
}

/** A coordinate with as many digits as can be seen. */
export function px(value: number): number {
  return Math.round(value * 100) / 100
}
