import stringWidth from 'string-width'

const GAP = '  '
/** A column is not cut below so many columns of the terminal. */
const LEAST_WIDTH = 8

export interface TableOptions {
  /** Width of the terminal; the last column is cut to it. Default: nothing is cut. */
  readonly columns?: number | undefined
  styleHead?(text: string): string
}

/** A table of text: columns that hold numbers only are aligned to the right. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { columns, styleHead = (text) => text }: TableOptions = {},
): string {
  const cells = rows.map((row) => head.map((_, i) => clean(row[i] ?? '')))
  const widths = head.map((name, i) =>
    Math.max(stringWidth(name), ...cells.map((row) => stringWidth(row[i] as string))),
  )
  const last = head.length - 1
  if (columns !== undefined) {
    const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0)
    widths[last] = Math.min(widths[last] as number, Math.max(LEAST_WIDTH, columns - before))
  }
  const isNumeric = head.map((_, i) => cells.length > 0 && cells.every((row) => /^[\d,.–-]*%?$/.test(row[i] as string)))
  const format = (row: readonly string[]): string =>
    row
      .map((cell, i) => {
        const width = widths[i] as number
        const text = cut(cell, width)
        const space = ' '.repeat(width - stringWidth(text))
        return isNumeric[i] ? space + text : text + space
      })
      .join(GAP)
      .trimEnd()
  return [styleHead(format(head)), ...cells.map(format)].join('\n')
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** A text in at most so many columns of a terminal; `…` stands for what is left out. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let kept = ''
  let used = 1
  for (const { segment } of graphemes.segment(text)) {
    used += stringWidth(segment)
    if (used > width) break
    kept += segment
  }
  return `${kept}…`
}

/** A text on one line, without control characters, which a terminal would obey. */
export function clean(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}
