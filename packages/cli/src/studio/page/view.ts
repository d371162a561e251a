import type { Info } from '../api-types.js'
import { h } from './dom.js'
import type { Place } from './place.js'

/** What a view is made with. */
export interface ViewContext {
  readonly info: Info
  readonly place: Place
  /** Fires when the page goes on to something else. */
  readonly signal: AbortSignal
  /** Said to those who do not see the page change. */
  announce(text: string): void
}

export type MakeView = (context: ViewContext) => HTMLElement

export function fault(message: string): HTMLElement {
  return h('p', { class: 'fault', role: 'alert' }, message)
}

export function note(...text: readonly string[]): HTMLElement {
  return h('p', { class: 'note' }, text)
}

/** A table that can be scrolled by keyboard where it is wider than its place. */
export function table(caption: string, head: readonly string[], rows: readonly HTMLTableRowElement[]): HTMLElement {
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', { class: 'unseen' }, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          // As its cells are aligned.
          head.map((name, i) => h('th', { scope: 'col', class: rows[0]?.cells[i]?.className }, name)),
        ),
      ),
      h('tbody', {}, rows),
    ),
  )
}
