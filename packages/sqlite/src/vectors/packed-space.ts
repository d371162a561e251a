import type { Metric } from '@tandemstore/core/adapter'
import { Clusters, PackedVectors } from '@tandemstore/core/scan'
import { DocumentTable } from './document-table.js'
import { POINTS_PER_DOCUMENT } from './point-id.js'

export interface PackedPoint {
  readonly id: number
  readonly vector: Float32Array
}

const EMPTY = -1
const MIN_ROWS = 1024
const GROWTH = 17 / 16
/** Fewer points are scanned sooner than they are grouped. */
const MIN_CLUSTERED = 20_000
/** Rows of one step: a few milliseconds. */
const STEP_ROWS = 100

/** The points of a space as packed vectors, by document. */
export class PackedSpace {
  readonly vectors: PackedVectors
  /** By row: the id of the point, or EMPTY. */
  #ids = new Float64Array(MIN_ROWS).fill(EMPTY)
  /** By row: the next row of the same document, or EMPTY. */
  #next = new Int32Array(MIN_ROWS).fill(EMPTY)
  #clusters: Clusters | undefined
  readonly #free: number[] = []
  readonly #firsts = new DocumentTable((row) => documentOf(this.#ids[row] as number))
  #points = 0

  constructor(metric: Metric, dimensions: number) {
    this.vectors = new PackedVectors(metric, dimensions)
  }

  get points(): number {
    return this.#points
  }

  get bytes(): number {
    const own = this.#ids.byteLength + this.#next.byteLength + this.#firsts.bytes
    return own + this.vectors.bytes + (this.#clusters?.bytes ?? 0)
  }

  /** About what so many points take, bytes. */
  bytesFor(points: number): number {
    return this.vectors.bytesFor(points) + points * (Float64Array.BYTES_PER_ELEMENT + 3 * Int32Array.BYTES_PER_ELEMENT)
  }

  /** Takes the memory for so many points at once. */
  reserve(points: number): void {
    this.vectors.reserve(points)
    if (points > this.#ids.length) this.#resize(points)
  }

  /** Whether `cluster` has something to do. */
  get needsClusters(): boolean {
    if (this.vectors.metric !== 'cosine' || this.#points < MIN_CLUSTERED) return false
    return this.#clusters === undefined || this.#clusters.outgrown || !this.#clusters.done
  }

  /** Does a little of the work for approximate searches. */
  cluster(): void {
    if (this.#clusters === undefined || this.#clusters.outgrown) this.#clusters = new Clusters(this.vectors)
    else this.#clusters.step(STEP_ROWS)
  }

  /** Rows among which the nearest most likely are; undefined where only a scan of all can tell. */
  near(vector: Float32Array): Uint32Array | undefined {
    return this.#clusters?.near(vector)
  }

  /** The id of the point in a row, undefined where the row is empty. */
  pointAt(row: number): number | undefined {
    const id = this.#ids[row] as number
    return id === EMPTY ? undefined : id
  }

  /** The document of a row, undefined where the row is empty. */
  documentAt(row: number): number | undefined {
    const id = this.#ids[row] as number
    return id === EMPTY ? undefined : documentOf(id)
  }

  /** The rows of some documents. */
  rowsOf(documents: Iterable<number>): Uint32Array {
    const rows: number[] = []
    for (const document of documents) {
      for (let row = this.#firsts.get(document); row !== EMPTY; row = this.#next[row] as number) rows.push(row)
    }
    // In the order of memory.
    return Uint32Array.from(rows).sort()
  }

  /** Makes the points of a document the given ones. */
  replace(document: number, points: readonly PackedPoint[]): void {
    this.#remove(document)
    for (const point of points) this.add(point)
  }

  /** Adds a point that is not there. */
  add({ id, vector }: PackedPoint): void {
    // Damaged: no search can find it.
    if (vector.length !== this.vectors.dimensions) return
    const row = this.#free.pop() ?? this.vectors.rows
    if (row >= this.#ids.length) this.#resize(Math.ceil(this.#ids.length * GROWTH))
    this.vectors.set(row, vector)
    this.#clusters?.changed(row)
    const document = documentOf(id)
    const first = this.#firsts.get(document)
    this.#ids[row] = id
    this.#next[row] = first
    this.#firsts.set(document, row)
    this.#points += 1
  }

  #remove(document: number): void {
    const first = this.#firsts.get(document)
    if (first === EMPTY) return
    this.#firsts.delete(document)
    for (let row = first; row !== EMPTY; ) {
      const next = this.#next[row] as number
      this.#ids[row] = EMPTY
      this.vectors.clear(row)
      this.#clusters?.changed(row)
      this.#free.push(row)
      this.#points -= 1
      row = next
    }
  }

  #resize(rows: number): void {
    const ids = new Float64Array(rows).fill(EMPTY)
    ids.set(this.#ids)
    this.#ids = ids
    const next = new Int32Array(rows).fill(EMPTY)
    next.set(this.#next)
    this.#next = next
  }
}

function documentOf(pointId: number): number {
  return Math.floor(pointId / POINTS_PER_DOCUMENT)
}
