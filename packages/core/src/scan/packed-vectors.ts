import type { Metric } from '../ports/vector-records.js'
import { BLOCK_ROWS, createKernel, type Kernel, STATS_BYTES } from './kernel.js'
import { type PackedQuery, packRow } from './packed-query.js'

/** Rows of one call of the kernel: their bounds stay in the processor's cache. */
const CHUNK_ROWS = 16_384
/** The kernel reads so many dimensions at once. */
const LANES = 16
const MIN_GROWTH_BYTES = 1024 * 1024
const GROWTH = 1 / 16

/** The bounds of a chunk of rows. Valid until the next call. */
export interface Chunk {
  /** Upper bounds of ranks. NaN where nothing is known. */
  readonly bounds: Float32Array
  /** The highest of each block of BLOCK_ROWS rows. */
  readonly highest: Float32Array
}

/**
 * A quantised copy of vectors: a signed byte a dimension and 16 bytes a row, which are scanned about fifteen times as
 * fast as the vectors. It gives bounds of scores and not scores. Rows are numbered by the caller, from 0.
 */
export class PackedVectors {
  readonly metric: Metric
  readonly dimensions: number
  readonly #padded: number
  readonly #kernel: Kernel
  readonly #places: { query: number; bounds: number; highest: number; rows: number; blocks: number }
  #codes = new Int8Array()
  #floats = new Float32Array()
  #rows = 0

  constructor(metric: Metric, dimensions: number, kernel: Kernel = createKernel()) {
    this.metric = metric
    this.dimensions = dimensions
    this.#kernel = kernel
    this.#padded = Math.ceil(dimensions / LANES) * LANES
    const bounds = this.#padded * Int16Array.BYTES_PER_ELEMENT
    const highest = bounds + CHUNK_ROWS * Float32Array.BYTES_PER_ELEMENT
    const rows = highest + (CHUNK_ROWS / BLOCK_ROWS) * Float32Array.BYTES_PER_ELEMENT
    const end = rows + CHUNK_ROWS * Uint32Array.BYTES_PER_ELEMENT
    this.#places = { query: 0, bounds, highest, rows, blocks: Math.ceil(end / BLOCK_ROWS) * BLOCK_ROWS }
  }

  /** One more than the highest row that was ever set. */
  get rows(): number {
    return this.#rows
  }

  /** Memory that is taken, bytes. */
  get bytes(): number {
    return this.#kernel.buffer.byteLength
  }

  /** The memory that so many rows take, bytes. */
  bytesFor(rows: number): number {
    return this.#places.blocks + Math.ceil(rows / BLOCK_ROWS) * this.#blockBytes
  }

  get #blockBytes(): number {
    return BLOCK_ROWS * (this.#padded + STATS_BYTES)
  }

  /** Takes the memory for so many rows at once. Throws a RangeError if the machine has no more. */
  reserve(rows: number): void {
    this.#kernel.grow(this.bytesFor(rows))
  }

  set(row: number, vector: Float32Array): void {
    if (row >= this.#rows) this.#extend(row + 1)
    this.#view()
    const at = this.#codesAt(row)
    const { scale, residual, norm, weight } = packRow(this.metric, vector, this.#codes, at)
    const stats = this.#statsAt(row)
    this.#floats[stats] = scale
    this.#floats[stats + 1] = residual
    this.#floats[stats + 2] = norm
    this.#floats[stats + 3] = weight
  }

  /** Empties a row: its bound is the lowest, or NaN. */
  clear(row: number): void {
    if (row >= this.#rows) return
    this.#view()
    const stats = this.#statsAt(row)
    this.#floats.fill(0, stats, stats + 4)
    this.#floats[stats + 1] = Number.NEGATIVE_INFINITY
  }

  isEmpty(row: number): boolean {
    this.#view()
    return row >= this.#rows || this.#floats[this.#statsAt(row) + 1] === Number.NEGATIVE_INFINITY
  }

  /** A row as it was packed: near the vector that was set, but for its length where the metric is cosine. */
  read(row: number, vector: Float32Array): void {
    this.#view()
    const at = this.#codesAt(row)
    const scale = this.#floats[this.#statsAt(row)] as number
    for (let i = 0; i < vector.length; i += 1) vector[i] = (this.#codes[at + i] as number) * scale
  }

  /** Bounds of all rows, chunk by chunk. `first` is the row that the chunk begins with. */
  scan(query: PackedQuery, visit: (chunk: Chunk, first: number) => void): void {
    const { query: at, bounds, highest, blocks } = this.#places
    this.#place(query)
    for (let first = 0; first < this.#rows; first += CHUNK_ROWS) {
      const count = Math.ceil(Math.min(CHUNK_ROWS, this.#rows - first) / BLOCK_ROWS)
      const block = blocks + (first / BLOCK_ROWS) * this.#blockBytes
      this.#kernel.scan(block, count, this.#padded, at, bounds, highest, ...query.factors)
      visit(this.#chunk(Math.min(CHUNK_ROWS, this.#rows - first), count), first)
    }
  }

  /**
   * Bounds of the rows with these numbers, chunk by chunk. `first` is the place among them that the chunk begins
   * with.
   */
  pick(query: PackedQuery, rows: Uint32Array, visit: (chunk: Chunk, first: number) => void): void {
    const { query: at, bounds, rows: numbers, blocks } = this.#places
    this.#place(query)
    for (let first = 0; first < rows.length; first += CHUNK_ROWS) {
      const some = rows.subarray(first, first + CHUNK_ROWS)
      new Uint32Array(this.#kernel.buffer, numbers, some.length).set(some)
      this.#kernel.pick(blocks, numbers, some.length, this.#padded, at, bounds, ...query.factors)
      visit(this.#chunk(some.length, 0), first)
    }
  }

  /** How far the lower bound of a row lies below its upper bound. */
  widthOf(row: number, query: PackedQuery): number {
    const stats = this.#statsAt(row)
    const floats = this.#floats
    return query.widthOf(floats[stats + 1] as number, floats[stats + 2] as number, floats[stats + 3] as number)
  }

  #chunk(rows: number, blocks: number): Chunk {
    const { bounds, highest } = this.#places
    const { buffer } = this.#kernel
    return { bounds: new Float32Array(buffer, bounds, rows), highest: new Float32Array(buffer, highest, blocks) }
  }

  #place(query: PackedQuery): void {
    this.reserve(0)
    this.#view()
    new Int16Array(this.#kernel.buffer, this.#places.query, this.#padded).fill(0).set(query.steps)
  }

  #extend(rows: number): void {
    const needed = this.bytesFor(rows)
    if (needed > this.bytes) {
      const growth = this.bytes === 0 ? 0 : Math.max(MIN_GROWTH_BYTES, Math.floor(this.bytes * GROWTH))
      this.#kernel.grow(Math.max(needed, this.bytes + growth))
    }
    const from = this.#rows
    this.#rows = rows
    // Rows that were passed over are empty, also those at the end of a block.
    const end = Math.ceil(rows / BLOCK_ROWS) * BLOCK_ROWS
    this.#view()
    for (let row = from; row < end; row += 1) this.#floats[this.#statsAt(row) + 1] = Number.NEGATIVE_INFINITY
  }

  #codesAt(row: number): number {
    const block = this.#places.blocks + Math.floor(row / BLOCK_ROWS) * this.#blockBytes
    return block + (row % BLOCK_ROWS) * this.#padded
  }

  /** Where the four floats of a row lie. */
  #statsAt(row: number): number {
    const block = this.#places.blocks + Math.floor(row / BLOCK_ROWS) * this.#blockBytes
    return (block + BLOCK_ROWS * this.#padded + (row % BLOCK_ROWS) * STATS_BYTES) / Float32Array.BYTES_PER_ELEMENT
  }

  #view(): void {
    const { buffer } = this.#kernel
    if (this.#codes.buffer === buffer) return
    this.#codes = new Int8Array(buffer)
    this.#floats = new Float32Array(buffer)
  }
}
