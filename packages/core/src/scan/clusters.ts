import { type PackedQuery, packQuery } from './packed-query.js'
import { PackedVectors } from './packed-vectors.js'

/** Rows of a training set for each cluster, and how often the centres move to the middle of their rows. */
const SAMPLE_PER_CLUSTER = 24
const ITERATIONS = 4
const MAX_CLUSTERS = 4096
/** The part of all rows that a search looks at, and the fewest. */
const PROBED_PART = 1 / 16
const MIN_PROBED = 4000
/** After so much growth, the centres no longer fit. */
const MAX_GROWTH = 4
const NONE = 0xffff

/**
 * An inverted file: rows grouped around centres that spherical k-means has found, for approximate search by cosine.
 * It is made by `step`, and only says which rows are worth a look. Rows that are not assigned yet always are.
 */
export class Clusters {
  readonly #packed: PackedVectors
  readonly #centres: PackedVectors
  readonly #trainedRows: number
  /** Rows of the training set, by iteration: the sums of those that are nearest to each centre. */
  readonly #sums: Float64Array
  readonly #stride: number
  #iteration = 0
  #next = 0
  /** By row: its cluster, or NONE. */
  #assigned = new Uint16Array()
  readonly #rows: number[][]
  readonly #live: Uint32Array
  readonly #loose = new Set<number>()
  readonly #vector: Float32Array

  constructor(packed: PackedVectors) {
    const rows = packed.rows
    const count = Math.min(MAX_CLUSTERS, Math.max(1, Math.round(Math.sqrt(rows))))
    this.#packed = packed
    this.#trainedRows = rows
    this.#centres = new PackedVectors('cosine', packed.dimensions)
    this.#sums = new Float64Array(count * packed.dimensions)
    this.#rows = Array.from({ length: count }, () => [])
    this.#live = new Uint32Array(count)
    this.#vector = new Float32Array(packed.dimensions)
    this.#stride = Math.max(1, Math.floor(rows / (count * SAMPLE_PER_CLUSTER)))
    for (let i = 0; i < count; i += 1) {
      packed.read(Math.floor((i * rows) / count), this.#vector)
      this.#centres.set(i, this.#vector)
    }
    for (let row = 0; row < rows; row += 1) this.#loose.add(row)
  }

  /** Memory that is taken, bytes, roughly. */
  get bytes(): number {
    const lists = (this.#packed.rows + this.#loose.size * 4) * 8
    return this.#centres.bytes + this.#sums.byteLength + this.#assigned.byteLength + lists
  }

  /** Whether there is nothing to do. */
  get done(): boolean {
    return this.#iteration === ITERATIONS && this.#loose.size === 0
  }

  /** Whether the rows have become so many more that it should be made anew. */
  get outgrown(): boolean {
    return this.#packed.rows > MAX_GROWTH * this.#trainedRows
  }

  /** A row was set or cleared. */
  changed(row: number): void {
    const cluster = this.#assigned[row] ?? NONE
    if (cluster !== NONE) {
      this.#live[cluster] = (this.#live[cluster] as number) - 1
      this.#assigned[row] = NONE
    }
    this.#loose.add(row)
  }

  /** Does so many rows of the work. */
  step(rows: number): void {
    if (this.#iteration < ITERATIONS) this.#train(rows)
    else this.#assign(rows)
  }

  /** Rows among which the nearest most likely are; undefined as long as there are too few clusters to tell. */
  near(vector: Float32Array): Uint32Array | undefined {
    const query = packQuery('cosine', vector)
    if (query === undefined || this.#iteration < ITERATIONS || this.#loose.size > this.#packed.rows / 8)
      return undefined
    const least = Math.max(MIN_PROBED, this.#packed.rows * PROBED_PART)
    const chosen: number[] = []
    // Rows that are not grouped yet come on top, and take no room from the clusters.
    let count = 0
    for (const { cluster } of this.#nearness(query)) {
      if (count >= least) break
      chosen.push(cluster)
      count += this.#live[cluster] as number
    }
    const found = new Uint32Array(this.#loose.size + count)
    let next = 0
    for (const row of this.#loose) found[next++] = row
    for (const cluster of chosen) {
      for (const row of this.#rows[cluster] as number[]) if (this.#assigned[row] === cluster) found[next++] = row
    }
    return found
  }

  #nearness(query: PackedQuery): { readonly cluster: number; readonly bound: number }[] {
    const all: { readonly cluster: number; readonly bound: number }[] = []
    this.#centres.scan(query, ({ bounds }, first) => {
      for (let i = 0; i < bounds.length; i += 1) all.push({ cluster: first + i, bound: bounds[i] as number })
    })
    return all.sort((a, b) => b.bound - a.bound)
  }

  /** The cluster of a vector. */
  #nearest(vector: Float32Array): number {
    const query = packQuery('cosine', vector)
    let best = 0
    let highest = Number.NEGATIVE_INFINITY
    if (query === undefined) return best
    this.#centres.scan(query, ({ bounds }, first) => {
      for (let i = 0; i < bounds.length; i += 1) {
        if ((bounds[i] as number) <= highest) continue
        highest = bounds[i] as number
        best = first + i
      }
    })
    return best
  }

  #train(rows: number): void {
    const { dimensions } = this.#packed
    const end = Math.min(this.#next + rows * this.#stride, this.#trainedRows)
    for (; this.#next < end; this.#next += this.#stride) {
      this.#packed.read(this.#next, this.#vector)
      const at = this.#nearest(this.#vector) * dimensions
      for (let i = 0; i < dimensions; i += 1) {
        this.#sums[at + i] = (this.#sums[at + i] as number) + (this.#vector[i] as number)
      }
    }
    if (this.#next < this.#trainedRows) return
    for (let cluster = 0; cluster < this.#rows.length; cluster += 1) {
      const sum = this.#sums.subarray(cluster * dimensions, (cluster + 1) * dimensions)
      // One that no row is near to stays where it is.
      if (sum.some((each) => each !== 0)) this.#centres.set(cluster, Float32Array.from(sum))
    }
    this.#sums.fill(0)
    this.#iteration += 1
    this.#next = 0
  }

  #assign(rows: number): void {
    if (this.#assigned.length < this.#packed.rows) {
      const larger = new Uint16Array(Math.ceil(this.#packed.rows * 1.125)).fill(NONE)
      larger.set(this.#assigned)
      this.#assigned = larger
    }
    let left = rows
    for (const row of this.#loose) {
      if (left === 0) return
      left -= 1
      this.#loose.delete(row)
      // A row that is empty now will be reported again when it is set.
      if (this.#packed.isEmpty(row)) continue
      this.#packed.read(row, this.#vector)
      const cluster = this.#nearest(this.#vector)
      this.#assigned[row] = cluster
      this.#add(cluster, row)
    }
  }

  #add(cluster: number, row: number): void {
    const live = (this.#live[cluster] as number) + 1
    this.#live[cluster] = live
    const rows = this.#rows[cluster] as number[]
    // A row that left and came back is still there.
    if (!rows.includes(row)) rows.push(row)
    // Rows that have left are dropped from time to time.
    if (rows.length > 2 * live + 64) this.#rows[cluster] = rows.filter((each) => this.#assigned[each] === cluster)
  }
}
