/** A table for a terminal: the first column to the left, numbers to the right, two spaces between. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((line) => line.map(oneLine))
  const widths = head.map((_, column) => Math.max(...lines.map((line) => width(line[column] ?? ''))))
  const format = (line: readonly string[]) =>
    widths
      .map((wanted, column) => {
        const cell = line[column] ?? ''
        const space = ' '.repeat(wanted - width(cell))
        return column === 0 ? cell + space : space + cell
      })
      .join('  ')
      .trimEnd()
  const [first = [], ...others] = lines
  return [format(first), widths.map((each) => '─'.repeat(each)).join('  '), ...others.map(format)].join('\n')
}

const width = (text: string) => [...text].length

/** Names come from configuration and corpora: no control character of theirs reaches the terminal. */
const oneLine = (text: string) => text.replace(/\p{Cc}+/gu, ' ')
