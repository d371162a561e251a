import { StoreError } from '@tandemstore/core/errors'

/** A table of token vectors, read from a file. */
export interface StaticModel {
  readonly name: string
  /** Changes with every table; part of the identity of its vectors. */
  readonly revision: string
  readonly dimensions: number
  /** The tokens, in the order of their rows. */
  readonly vocabulary: readonly string[]
  /** `dimensions` values for each row. The first ones matter most, so that a row may be cut. */
  readonly values: Int8Array
  /** What the values of each row are multiplied by. */
  readonly scales: Float32Array
  /** Length of the vectors that stand for what the vocabulary lacks. */
  readonly unknownLength: number
}

interface Header {
  readonly name: string
  readonly revision: string
  readonly dimensions: number
  readonly rows: number
  readonly vocabularyBytes: number
  readonly unknownLength: number
}

/** `TSM1`, as a little-endian number. */
const magic = 0x314d5354
const prefixBytes = 8

/**
 * Reads a file: the magic `TSM1`, the length of the header (32 bits, little-endian), the header (JSON), the
 * vocabulary (UTF-8, a token a line), the scales (32-bit floats, little-endian) and the values (8-bit integers, row
 * by row).
 *
 * @throws StoreError CONFIGURATION where the bytes are no such file, or not all of one.
 */
export function readStaticModel(bytes: Uint8Array): StaticModel {
  if (bytes.length < prefixBytes) throw damaged('it is too short')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== magic) throw damaged('it does not begin with TSM1')
  const headerEnd = prefixBytes + view.getUint32(4, true)
  const { vocabularyBytes, rows, dimensions, ...header } = readHeader(bytes.subarray(prefixBytes, headerEnd))
  const vocabularyEnd = headerEnd + vocabularyBytes
  const scalesEnd = vocabularyEnd + rows * 4
  const end = scalesEnd + rows * dimensions
  if (bytes.length !== end) throw damaged(`it has ${bytes.length} bytes instead of ${end}`)
  const vocabulary = new TextDecoder().decode(bytes.subarray(headerEnd, vocabularyEnd)).split('\n')
  if (vocabulary.length !== rows) throw damaged(`it has ${vocabulary.length} tokens for ${rows} rows`)
  const scales = new Float32Array(rows)
  for (let row = 0; row < rows; row++) scales[row] = view.getFloat32(vocabularyEnd + row * 4, true)
  return {
    ...header,
    dimensions,
    vocabulary,
    scales,
    values: new Int8Array(bytes.buffer, bytes.byteOffset + scalesEnd, rows * dimensions),
  }
}

/** The bytes that `readStaticModel` reads. */
export function writeStaticModel(model: StaticModel): Uint8Array {
  const { name, revision, dimensions, vocabulary, unknownLength, scales, values } = model
  const tokens = new TextEncoder().encode(vocabulary.join('\n'))
  const rows = vocabulary.length
  const fields: Header = { name, revision, dimensions, rows, vocabularyBytes: tokens.length, unknownLength }
  const header = new TextEncoder().encode(JSON.stringify(fields))
  const vocabularyStart = prefixBytes + header.length
  const scalesStart = vocabularyStart + tokens.length
  const bytes = new Uint8Array(scalesStart + scales.length * 4 + values.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, magic, true)
  view.setUint32(4, header.length, true)
  bytes.set(header, prefixBytes)
  bytes.set(tokens, vocabularyStart)
  for (const [row, scale] of scales.entries()) view.setFloat32(scalesStart + row * 4, scale, true)
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.length), scalesStart + scales.length * 4)
  return bytes
}

function readHeader(bytes: Uint8Array): Header {
  let header: Header
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw damaged('its header cannot be read', cause)
  }
  const { rows, dimensions, vocabularyBytes } = header
  if (![rows, dimensions, vocabularyBytes].every((each) => Number.isSafeInteger(each) && each >= 0)) {
    throw damaged('its header is not complete')
  }
  return header
}

function damaged(what: string, cause?: unknown): StoreError {
  return new StoreError('CONFIGURATION', `The data is no static model: ${what}`, { field: 'data', cause })
}
