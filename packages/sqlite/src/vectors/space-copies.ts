import type { Statements } from '../statements.js'
import { changesSince, lastChange } from './change-log.js'
import { type PackedPoint, PackedSpace } from './packed-space.js'
import { POINTS_PER_DOCUMENT } from './point-id.js'
import type { Space } from './space.js'
import { bytesVector } from './vector-math.js'

/** Points that one step of the background work reads: a few milliseconds. */
const STEP_POINTS = 1000
const STEP_DOCUMENTS = 250
/**
 * So many changed documents are read again by the search that meets them. If there are more, that search goes by SQL.
 */
const MAX_CHANGED_IN_SEARCH = 1000
/** After so long, a space that was too large may have become smaller. Milliseconds. */
const REFUSED_MS = 60_000

/**
 * The copy of one space. It holds what the space held at the change `seen`, but for the documents that are `changed`
 * and those not read yet.
 */
interface Copy {
  readonly space: Pick<Space, 'id' | 'tables'>
  readonly packed: PackedSpace
  /** Row sets that searches asked for, by what they asked. Of this state only. */
  readonly rowSets: Map<string, Uint32Array>
  seen: number
  readonly changed: Set<number>
  /** Points up to this id have been read; undefined when all have. */
  readUpTo: number | undefined
}

/** A copy that holds just what the transaction sees. */
export type ReadyCopy = Pick<Copy, 'packed' | 'rowSets'>

/**
 * Packed copies of the spaces that are searched, in the memory of this thread. A copy is made by `step`, a little at
 * a time, from the first search on. It follows all writers by the change log: what a transaction sees has a number,
 * and so has what the copy holds.
 */
export class SpaceCopies {
  readonly #maxBytes: number
  readonly #approximate: boolean
  readonly #copies = new Map<number, Copy>()
  /** Spaces that take too much memory, and since when. Milliseconds of `performance.now()`. */
  readonly #refused = new Map<number, number>()

  constructor(maxBytes: number, approximate = false) {
    this.#maxBytes = maxBytes
    this.#approximate = approximate
  }

  get bytes(): number {
    let bytes = 0
    for (const { packed } of this.#copies.values()) bytes += packed.bytes
    return bytes
  }

  /**
   * The copy of a space as the open transaction sees the space. Undefined if there is none, or none that is up to
   * date: then one is made.
   */
  ready(db: Statements, space: Space): ReadyCopy | undefined {
    const copy = this.#copies.get(space.id) ?? this.#begin(db, space)
    if (copy === undefined || !this.#follow(db, copy)) return undefined
    if (copy.readUpTo !== undefined || copy.changed.size > MAX_CHANGED_IN_SEARCH) return undefined
    return this.#work(copy, () => this.#readChanged(db, copy, MAX_CHANGED_IN_SEARCH)) ? copy : undefined
  }

  /**
   * Takes over what this thread has just committed as the change `number`: new documents, and ids of documents that
   * were changed.
   */
  committed(spaceId: number, number: number, added: readonly PackedPoint[], changed: readonly number[]): void {
    const copy = this.#copies.get(spaceId)
    // A copy that has not seen all before reads it from the log.
    if (copy === undefined || copy.readUpTo !== undefined || copy.seen !== number - 1) return
    copy.seen = number
    copy.rowSets.clear()
    for (const each of changed) copy.changed.add(each)
    this.#work(copy, () => {
      for (const point of added) copy.packed.add(point)
    })
  }

  /** Does a little of what is to be done in the background, in the open transaction. */
  step(db: Statements): void {
    const copy = this.#unfinished()
    if (copy === undefined || !this.#follow(db, copy)) return
    const { readUpTo } = copy
    this.#work(copy, () => {
      if (readUpTo !== undefined) this.#readNext(db, copy, readUpTo)
      else if (copy.changed.size > 0) this.#readChanged(db, copy, STEP_DOCUMENTS)
      else copy.packed.cluster()
    })
  }

  /** Whether there is anything to do in the background. */
  get busy(): boolean {
    return this.#unfinished() !== undefined
  }

  forget(spaceId: number): void {
    this.#copies.delete(spaceId)
    this.#refused.delete(spaceId)
  }

  clear(): void {
    this.#copies.clear()
    this.#refused.clear()
  }

  #unfinished(): Copy | undefined {
    for (const copy of this.#copies.values()) {
      if (copy.readUpTo !== undefined || copy.changed.size > MAX_CHANGED_IN_SEARCH) return copy
      if (this.#approximate && copy.packed.needsClusters) return copy
    }
    return undefined
  }

  #begin(db: Statements, space: Space): Copy | undefined {
    const refused = this.#refused.get(space.id)
    if (refused !== undefined && performance.now() - refused < REFUSED_MS) return undefined
    const packed = new PackedSpace(space.metric, space.dimensions)
    const { count } = db.prepare(`SELECT count(*) AS count FROM ${space.tables.point}`).get() as { count: number }
    const copy: Copy = {
      space: { id: space.id, tables: space.tables },
      packed,
      rowSets: new Map(),
      seen: lastChange(db, space.id),
      changed: new Set(),
      readUpTo: 0,
    }
    if (this.bytes + packed.bytesFor(count) > this.#maxBytes || !hasMemoryFor(() => packed.reserve(count))) {
      this.#refused.set(space.id, performance.now())
      return undefined
    }
    this.#refused.delete(space.id)
    this.#copies.set(space.id, copy)
    return copy
  }

  /** Notes what has changed since the copy looked last. False if that cannot be known: the copy is made anew. */
  #follow(db: Statements, copy: Copy): boolean {
    const changes = changesSince(db, copy.space.id, copy.seen)
    if (changes === undefined) {
      this.#copies.delete(copy.space.id)
      return false
    }
    if (changes.last !== copy.seen) copy.rowSets.clear()
    copy.seen = changes.last
    for (const each of changes.documents) copy.changed.add(each)
    return true
  }

  #readChanged(db: Statements, { space, packed, changed }: Copy, most: number): void {
    const statement = db.prepare(`SELECT id, vector FROM ${space.tables.point} WHERE id >= ? AND id < ?`)
    let left = most
    for (const document of changed) {
      if (left === 0) return
      left -= 1
      const first = document * POINTS_PER_DOCUMENT
      packed.replace(document, statement.all(first, first + POINTS_PER_DOCUMENT).map(toPoint))
      changed.delete(document)
    }
  }

  #readNext(db: Statements, copy: Copy, from: number): void {
    const sql = `SELECT id, vector FROM ${copy.space.tables.point} WHERE id > ? ORDER BY id LIMIT ?`
    const points = db.prepare(sql).all(from, STEP_POINTS).map(toPoint)
    for (const point of points) copy.packed.add(point)
    copy.readUpTo = points.length < STEP_POINTS ? undefined : points.at(-1)?.id
  }

  /**
   * Does something that adds to a copy. False if the copy has become too large for the limit or the machine, and was
   * given up.
   */
  #work(copy: Copy, add: () => void): boolean {
    if (hasMemoryFor(add) && this.bytes <= this.#maxBytes) return true
    this.#copies.delete(copy.space.id)
    this.#refused.set(copy.space.id, performance.now())
    return false
  }
}

function hasMemoryFor(add: () => void): boolean {
  try {
    add()
    return true
  } catch (error) {
    // What the machine says when a memory or an array cannot be had.
    if (error instanceof RangeError) return false
    throw error
  }
}

function toPoint(row: Record<string, unknown>): PackedPoint {
  return { id: row.id as number, vector: bytesVector(row.vector as Uint8Array) }
}
