import { createHash } from 'node:crypto'
import { type StaticModel, writeStaticModel } from '@tandemstore/embed-local/make'

/** The table in 8-bit integers, with a scale for each row, and a revision that is a hash of all of it. */
export function quantize(
  name: string,
  vocabulary: readonly string[],
  rows: Float32Array,
  dimensions: number,
): StaticModel {
  const values = new Int8Array(rows.length)
  const scales = new Float32Array(vocabulary.length)
  const lengths = new Float64Array(vocabulary.length)
  for (let row = 0; row < vocabulary.length; row++) {
    const start = row * dimensions
    let largest = 0
    let squares = 0
    for (let i = start; i < start + dimensions; i++) {
      largest = Math.max(largest, Math.abs(rows[i]))
      squares += rows[i] * rows[i]
    }
    scales[row] = largest / 127
    lengths[row] = Math.sqrt(squares)
    for (let i = start; i < start + dimensions && largest > 0; i++) values[i] = Math.round(rows[i] / scales[row])
  }
  // What is unknown counts as much as the middle one of the tokens that are known.
  const unknownLength = Number((lengths.sort()[lengths.length >> 1] ?? 0).toPrecision(4))
  const model = { name, revision: '', dimensions, vocabulary, scales, values, unknownLength }
  const revision = createHash('sha256').update(writeStaticModel(model)).digest('hex').slice(0, 12)
  return { ...model, revision }
}
