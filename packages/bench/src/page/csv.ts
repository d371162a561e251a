type Cell = string | number | boolean

/**
 * Rows of nested records as CSV (RFC 4180), one column for each path that leads to a single value, such as
 * `exact.ndcgAt10.mean`. Lists (samples, curves) are left to the JSON.
 */
export function csv(records: readonly object[]): string {
  const rows = records.map((record) => new Map(cells(record, '')))
  const head = [...new Set(rows.flatMap((row) => [...row.keys()]))]
  const lines = [head, ...rows.map((row) => head.map((path) => row.get(path) ?? ''))]
  return lines.map((line) => `${line.map(quote).join(',')}\r\n`).join('')
}

function cells(record: object, prefix: string): [string, Cell][] {
  return Object.entries(record).flatMap(([name, value]: [string, unknown]): [string, Cell][] => {
    const path = prefix + name
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return [[path, value]]
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
    return cells(value, `${path}.`)
  })
}

/** A text that a spreadsheet would take for a formula is marked as text by an apostrophe. */
function quote(value: Cell): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
