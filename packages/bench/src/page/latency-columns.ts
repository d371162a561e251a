import type { Latencies } from '../result.js'
import { integer, milliseconds } from './format.js'
import type { Column } from './table.js'

const names = [
  ['mean', 'Mean'],
  ['p50', 'p50'],
  ['p95', 'p95'],
  ['p99', 'p99'],
  ['max', 'Max'],
] as const

/** The count and every figure of a latency. */
export function latencyColumns<Row>(latency: (row: Row) => Latencies): Column<Row>[] {
  return [
    { label: 'Count', value: (row) => latency(row).count, show: (row) => integer(latency(row).count) },
    ...names.map(
      ([name, label]): Column<Row> => ({
        label,
        value: (row) => (latency(row).count > 0 ? latency(row)[name] : undefined),
        show: (row) => milliseconds(latency(row)[name]),
      }),
    ),
  ]
}
