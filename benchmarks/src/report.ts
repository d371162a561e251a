import { cpus } from 'node:os'
import type { Measurement } from '../../packages/core/bench/measure.ts'

/** One line of the result; without `promise` it only informs. */
export type Line = Pick<Measurement, 'name' | 'tandem' | 'bare' | 'unit' | 'ratio'> &
  Partial<Pick<Measurement, 'promise' | 'kept'>>

export function comparison(
  name: string,
  { tandem, bare }: { readonly tandem: number; readonly bare: number },
  unit: string,
): Line {
  return { name, tandem, bare, unit, ratio: tandem / bare }
}

/** A table in Markdown. */
export function toTable(lines: readonly Line[]): string {
  const head = ['', 'Tandem', 'compared', 'unit', 'ratio', 'promised', 'kept']
  const rows = lines.map(({ name, tandem, bare, unit, ratio, promise = '–', kept }) => [
    name,
    short(tandem),
    short(bare),
    unit,
    short(ratio),
    promise,
    kept === undefined ? '' : kept ? 'yes' : 'NO',
  ])
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const toLine = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`
  return [toLine(head), toLine(widths.map((width) => '-'.repeat(width))), ...rows.map(toLine)].join('\n')
}

export function describeMachine(): string {
  const all = cpus()
  return `Node.js ${process.version}, ${all.length} × ${all[0]?.model.trim()}`
}

function short(value: number): string {
  return String(Number(value.toPrecision(value < 100 ? 3 : 4)))
}
