import { DocumentTable } from './document-table.js'
import { POINTS_PER_DOCUMENT } from './point-id.js'

const EMPTY = -1
const MIN_ROWS = 1024
const GROWTH = 17 / 16

/** Which row of a copy in memory each point has, by document. */
export class PointPlaces {
  /** By row: the id of the point, or EMPTY. */
  #ids = new Float64Array(MIN_ROWS).fill(EMPTY)
  /** By row: the next row of the same document, or EMPTY. */
  #next = new Int32Array(MIN_ROWS).fill(EMPTY)
  readonly #free: number[] = []
  readonly #firsts = new DocumentTable((row) => documentOf(this.#ids[row] as number))
  #rows = 0
  #points = 0

  /** Rows there have ever been. */
  get rows(): number {
    return this.#rows
  }

  get points(): number {
    return this.#points
  }

  get bytes(): number {
    return this.#ids.byteLength + this.#next.byteLength + this.#firsts.bytes
  }

  /** About what so many points take, bytes. */
  static bytesFor(points: number): number {
    return points * (Float64Array.BYTES_PER_ELEMENT + 3 * Int32Array.BYTES_PER_ELEMENT)
  }

  /** Takes the memory for so many points at once. */
  reserve(points: number): void {
    if (points > this.#ids.length) this.#resize(points)
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

  /** A row for a point that has none. */
  add(id: number): number {
    const row = this.#free.pop() ?? this.#rows
    if (row >= this.#ids.length) this.#resize(Math.ceil(this.#ids.length * GROWTH))
    if (row === this.#rows) this.#rows += 1
    const document = documentOf(id)
    const first = this.#firsts.get(document)
    this.#ids[row] = id
    this.#next[row] = first
    this.#firsts.set(document, row)
    this.#points += 1
    return row
  }

  /** Empties the rows of a document, and says which. None of them is used again before it is given back by `free`. */
  remove(document: number): number[] {
    const rows: number[] = []
    const first = this.#firsts.get(document)
    if (first === EMPTY) return rows
    this.#firsts.delete(document)
    for (let row = first; row !== EMPTY; row = this.#next[row] as number) {
      this.#ids[row] = EMPTY
      rows.push(row)
    }
    this.#points -= rows.length
    return rows
  }

  free(rows: readonly number[]): void {
    for (const row of rows) this.#free.push(row)
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
