import { styleText } from 'node:util'
import { clean, formatTable } from './table.js'

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow'

/** What a command says: results to standard output, all else to standard error. */
export interface Output {
  /** Whether the result is for a program. */
  readonly json: boolean
  /** Whether somebody is watching. */
  readonly isWatched: boolean
  /** The result as one JSON document. */
  value(value: unknown): void
  /** A line of the result. Control characters of texts that are not ours do not reach the terminal. */
  line(text?: string): void
  table(head: readonly string[], rows: readonly (readonly string[])[]): void
  /** A line for people, beside the result. */
  note(text: string): void
  /** A text in a colour, where standard output is a terminal that has colours (`NO_COLOR`, `FORCE_COLOR`). */
  style(style: Style, text: string): string
}

export function createOutput({ json }: { readonly json: boolean }): Output {
  const { stdout, stderr } = process
  const style = (name: Style, text: string): string => styleText(name, text, { stream: stdout })
  return {
    json,
    isWatched: stderr.isTTY === true,
    value: (value) => void stdout.write(`${JSON.stringify(value, undefined, stdout.isTTY ? 2 : undefined)}\n`),
    line: (text = '') => void stdout.write(`${text}\n`),
    table(head, rows) {
      // 0 where the terminal does not know.
      const columns = stdout.isTTY === true ? stdout.columns || undefined : undefined
      stdout.write(`${formatTable(head, rows, { columns, styleHead: (text) => style('bold', text) })}\n`)
    },
    note: (text) => void stderr.write(`${clean(text)}\n`),
    style,
  }
}
