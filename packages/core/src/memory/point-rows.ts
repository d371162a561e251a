import type { Metric } from '../ports/vector-records.js'
import { PackedVectors } from '../scan/packed-vectors.js'

interface Point {
  readonly row: number
  readonly vector: Float32Array | undefined
}

/**
 * Points by row, with packed vectors for searching. Those are made when they are asked for, so that writing alone
 * costs nothing.
 */
export class PointRows<P extends Point> {
  readonly #points: (P | undefined)[] = []
  readonly #free: number[] = []
  /** Rows whose packed vectors are out of date. */
  readonly #changed = new Set<number>()
  readonly #packed: PackedVectors

  constructor(metric: Metric, dimensions: number) {
    this.#packed = new PackedVectors(metric, dimensions)
  }

  /** The row for a point: the one that it has, or one that is free. */
  take(row: number | undefined): number {
    return row ?? this.#free.pop() ?? this.#points.push(undefined) - 1
  }

  at(row: number): P | undefined {
    return this.#points[row]
  }

  set(point: P): void {
    if (this.#points[point.row]?.vector !== point.vector) this.#changed.add(point.row)
    this.#points[point.row] = point
  }

  delete({ row }: P): void {
    this.#points[row] = undefined
    this.#changed.add(row)
    this.#free.push(row)
  }

  /** The packed vectors, up to date. */
  packed(): PackedVectors {
    for (const row of this.#changed) {
      const point = this.#points[row]
      if (point?.vector === undefined) this.#packed.clear(row)
      else this.#packed.set(row, point.vector)
    }
    this.#changed.clear()
    return this.#packed
  }
}
