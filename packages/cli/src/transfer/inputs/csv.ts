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
      const rows = parse({ bom: true, columns: true, delimiter, skip_empty_lines: true })
      const stream = source.open()
      stream.once('error', (error: Error) => void rows.destroy(error))
      let position = 0
      try {
        for await (const row of stream.pipe(rows)) {
          position += 1
          if (position <= after) continue
          const value = row as Record<string, string>
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
