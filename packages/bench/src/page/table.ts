import { html, type Markup } from './html.js'

export interface Column<Row> {
  readonly label: string
  /** What the column is sorted and judged by; `undefined` is shown as a dash and sorted last. */
  readonly value: (row: Row) => number | string | undefined
  /** How the value is shown. Default: as it is. */
  readonly show?: (row: Row) => Markup | string
  /** A second, quieter line in the cell. */
  readonly detail?: (row: Row) => string | undefined
  /** Which values are the best of the column, to be set in bold. */
  readonly better?: 'higher' | 'lower'
}

export interface TableOptions {
  readonly caption: string
  /** The caption is read out, but not shown, where a heading says the same. */
  readonly hideCaption?: boolean
  /** Readers can sort it by each column. */
  readonly sortable?: boolean
}

/** A table whose first column heads its rows. It scrolls sideways in a box of its own, which the keyboard reaches. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], options: TableOptions): Markup {
  const { caption, hideCaption = false, sortable = false } = options
  const best = columns.map((column) => bestOf(column, rows))
  const lines = rows.map((row) => html`<tr>${columns.map((column, i) => cell(column, row, i === 0, best[i]))}</tr>`)
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}"><table${sortable ? html` data-sortable` : ''}>
<caption${hideCaption ? html` class="unseen"` : ''}>${caption}</caption>
<thead><tr>${columns.map((column) => head(column, rows))}</tr></thead>
<tbody>${lines}</tbody>
</table></div>`
}

function head<Row>({ label, value, better }: Column<Row>, rows: readonly Row[]): Markup {
  const numeric = rows.some((row) => typeof value(row) === 'number')
  const first = better === 'higher' ? 'descending' : 'ascending'
  return html`<th scope="col" data-first="${first}"${numeric ? html` class="number"` : ''}>${label}</th>`
}

function cell<Row>(column: Column<Row>, row: Row, first: boolean, best: number | undefined): Markup {
  const value = column.value(row)
  const shown = value === undefined ? html`<span class="quiet">–</span>` : (column.show?.(row) ?? value)
  const text = best !== undefined && value === best ? html`<strong>${shown}</strong>` : html`${shown}`
  const detail = value === undefined ? undefined : column.detail?.(row)
  const content = html`${text}${detail === undefined ? undefined : html`<small>${detail}</small>`}`
  const key = html` data-value="${value ?? ''}"`
  if (first) return html`<th scope="row"${key}>${content}</th>`
  return html`<td${key}${typeof value === 'string' ? undefined : html` class="number"`}>${content}</td>`
}

/** There is no best among one, nor where all are the same. */
function bestOf<Row>({ better, value }: Column<Row>, rows: readonly Row[]): number | undefined {
  if (better === undefined) return undefined
  const values = rows.map(value).filter((each) => typeof each === 'number')
  if (new Set(values).size < 2) return undefined
  return better === 'higher' ? Math.max(...values) : Math.min(...values)
}
