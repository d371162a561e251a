import { html, type Markup } from './html.js'

export interface Figure {
  readonly title: string
  /** How to read it. */
  readonly caption: string
  /** What a reader sees in it, for those who do not. */
  readonly description: string
  /** Draws it for a width in pixels, so that its text is as large on a phone as on a desk. */
  readonly draw: (width: number) => Drawing
  /** The same data as a table. */
  readonly data: Markup
  /** Takes the whole width of the page. */
  readonly wide?: boolean
}

export interface Drawing {
  readonly height: number
  readonly body: Markup
}

const NARROW = 312
const MIDDLE = 540
const WIDE = 1120

export function figure({ title, caption, description, draw, data, wide = false }: Figure): Markup {
  const widths = wide ? [NARROW, MIDDLE, WIDE] : [NARROW, MIDDLE]
  return html`<figure${wide ? html` class="wide"` : ''}>
<figcaption><h3>${title}</h3><p>${caption}</p></figcaption>
<div class="plots${wide ? ' three' : ''}">${widths.map((width) => plot(width, draw(width), `${title}. ${description}`))}</div>
<details><summary>The same as a table</summary>${data}</details>
</figure>`
}

function plot(width: number, { height, body }: Drawing, label: string): Markup {
  return html`<svg class="plot w${width}" viewBox="0 0 ${width} ${Math.ceil(height)}" role="img" aria-label="${label}">${body}</svg>`
}

/** A figure without a plot, as there is nothing to draw, that says why. */
export function missingFigure(title: string, reason: string, data: Markup): Markup {
  return html`<figure>
<figcaption><h3>${title}</h3></figcaption>
<p class="nothing">${reason}</p>
<details><summary>The numbers behind it</summary>${data}</details>
</figure>`
}

export function figures(all: readonly Markup[]): Markup {
  return html`<div class="figures">${all}</div>`
}
