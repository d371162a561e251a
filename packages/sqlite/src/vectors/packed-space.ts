import type { Metric } from '@tandemstore/core/adapter'
import { Clusters, PackedVectors } from '@tandemstore/core/scan'
import { PointPlaces } from './point-places.js'

export interface PackedPoint {
  readonly id: number
  /** No numbers if the point has no vector. */
  readonly vector: Float32Array
}

/** Fewer points are scanned sooner than they are grouped. */
const MIN_CLUSTERED = 20_000
/** Rows of one step: a few milliseconds. */
const STEP_ROWS = 100

/** The points of a space as packed vectors, by document. */
export class PackedSpace {
  readonly vectors: PackedVectors
  readonly places = new PointPlaces()
  readonly #approximate: boolean
  #clusters: Clusters | undefined

  /** `approximate`: also grouped by nearness, for searches that look at some groups only. */
  constructor(metric: Metric, dimensions: number, approximate = false) {
    this.vectors = new PackedVectors(metric, dimensions)
    this.#approximate = approximate
  }

  get bytes(): number {
    return this.places.bytes + this.vectors.bytes + (this.#clusters?.bytes ?? 0)
  }

  /** About what so many points take, bytes. */
  bytesFor(points: number): number {
    return this.vectors.bytesFor(points) + PointPlaces.bytesFor(points)
  }

  /** Takes the memory for so many points at once. */
  reserve(points: number): void {
    this.vectors.reserve(points)
    this.places.reserve(points)
  }

  /** Whether `work` has something to do. */
  get needsWork(): boolean {
    if (!this.#approximate || this.vectors.metric !== 'cosine' || this.places.points < MIN_CLUSTERED) return false
    return this.#clusters === undefined || this.#clusters.outgrown || !this.#clusters.done
  }

  /** Does a little of the work for approximate searches. */
  work(): void {
    if (this.#clusters === undefined || this.#clusters.outgrown) this.#clusters = new Clusters(this.vectors)
    else this.#clusters.step(STEP_ROWS)
  }

  /** Rows among which the nearest most likely are; undefined where only a scan of all can tell. */
  near(vector: Float32Array): Uint32Array | undefined {
    return this.#clusters?.near(vector)
  }

  /** Makes the points of a document the given ones. */
  replace(document: number, points: readonly PackedPoint[]): void {
    const rows = this.places.remove(document)
    for (const row of rows) {
      this.vectors.clear(row)
      this.#clusters?.changed(row)
    }
    this.places.free(rows)
    for (const point of points) this.add(point)
  }

  /** Adds a point that is not there. */
  add({ id, vector }: PackedPoint): void {
    // None, or damaged: no search by vector can find it.
    if (vector.length !== this.vectors.dimensions) return
    const row = this.places.add(id)
    this.vectors.set(row, vector)
    this.#clusters?.changed(row)
  }
}
