import { parse } from 'csv-parse'
import { wrongUsage } from '../../exit-codes.js'
import type { Input, Shape } from '../incoming.js'
import { shapeValue } from '../shape-value.js'
import { byteSource } from './byte-share.js'

/** Rows of a CSV or TSV file whose first row names the columns. Values stay texts, as nothing says what they are. */
export async function csvInput(path: string | undefined, delimiter: ',' | '\t', shape: Shape): Promise<Input> {
  const source = await byteSource(path)
  return {
    name: path ?? 'standard input',
    unit: 'row',
    isRepeatable: path !== undefined,
    async *read(after) {
      // A row of another length is told, and ends nothing.
      const rows = parse({ bom: true, delimiter, skip_empty_lines: true, relax_column_count: true })
      const stream = source.open()
      stream.once('error', (error: Error) => void rows.destroy(error))
      let names: readonly string[] | undefined
      let position = 0
      try {
        for await (const row of stream.pipe(rows)) {
          const cells = row as readonly string[]
          if (names === undefined) {
            names = cells
            continue
          }
          position += 1
          if (position <= after) continue
          if (cells.length !== names.length) {
            const reason = `expected ${names.length} columns, as the first row has, not ${cells.length}`
            yield { position, reason }
            continue
          }
          const value = Object.fromEntries(names.map((name, i) => [name, cells[i] as string]))
          const size = Object.values(value).reduce((sum, text) => sum + text.length, 0)
          yield shapeValue(value, { position, size }, shape)
        }
      } catch (cause) {
        throw wrongUsage(
          `${path ?? 'standard input'}: ${cause instanceof Error ? cause.message : String(cause)}`,
          cause,
        )
      }
    },
    share: source.share,
    footer: () => undefined,
    identity: source.identity,
  }
}
