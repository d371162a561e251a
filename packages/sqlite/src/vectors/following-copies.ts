import type { Statements } from '../statements.js'
import { changesSince, lastChange } from './change-log.js'
import { POINTS_PER_DOCUMENT } from './point-id.js'
import type { Space } from './space.js'

const STEP_DOCUMENTS = 250
/**
 * So many changed documents are read again by the search that meets them. If there are more, that search goes by SQL.
 */
const MAX_CHANGED_IN_SEARCH = 1000
/** After so long, a space that was too large may have become smaller. Milliseconds. */
const REFUSED_MS = 60_000

/** What a copy holds of the points of a space. */
export interface CopyContent<Item> {
  readonly bytes: number
  /** Adds a point that is not there. */
  add(item: Item): void
  /** Makes the points of a document the given ones. */
  replace(document: number, items: readonly Item[]): void
  /** Whether there is anything to do in the background once all has been read. */
  readonly needsWork: boolean
  /** Does a little of it. */
  work(): void
}

/** What is copied. */
export interface CopyKind<Content extends CopyContent<Item>, Item> {
  /** An empty content, and a function that takes the memory for what the space holds: about so many bytes. */
  begin(db: Statements, space: Space): { readonly content: Content; readonly bytes: number; reserve(): void }
  /** The query of the points, without conditions. Their ids are `id`. */
  select(space: Pick<Space, 'tables'>): string
  toItem(row: Record<string, unknown>): Item
  /** Points that one step of the background work reads: a few milliseconds. */
  readonly stepPoints: number
}

/**
 * The copy of one space. It holds what the space held at the change `seen`, but for the documents that are `changed`
 * and those not read yet.
 */
interface Copy<Content> {
  readonly space: Pick<Space, 'id' | 'tables'>
  readonly content: Content
  /** Row sets that searches asked for, by what they asked. Of this state only. */
  readonly rowSets: Map<string, Uint32Array>
  seen: number
  readonly changed: Set<number>
  /** Points up to this id have been read; undefined when all have. */
  readUpTo: number | undefined
}

/** A copy that holds just what the transaction sees. */
export type ReadyCopy<Content> = Pick<Copy<Content>, 'content' | 'rowSets'>

/**
 * Copies of one kind, by space. A copy is made by `step`, a little at a time, from the first search on. It follows all
 * writers by the change log: what a transaction sees has a number, and so has what the copy holds.
 */
export class FollowingCopies<Content extends CopyContent<Item>, Item> {
  readonly #kind: CopyKind<Content, Item>
  /** Bytes that may be taken in addition; below 0 when there are too many. */
  readonly #spareBytes: () => number
  readonly #copies = new Map<number, Copy<Content>>()
  /** Spaces that take too much memory, and since when. Milliseconds of `performance.now()`. */
  readonly #refused = new Map<number, number>()

  constructor(kind: CopyKind<Content, Item>, spareBytes: () => number) {
    this.#kind = kind
    this.#spareBytes = spareBytes
  }

  get bytes(): number {
    let bytes = 0
    for (const { content } of this.#copies.values()) bytes += content.bytes
    return bytes
  }

  /**
   * The copy of a space as the open transaction sees the space. Undefined if there is none, or none that is up to
   * date: then one is made.
   */
  ready(db: Statements, space: Space): ReadyCopy<Content> | undefined {
    const copy = this.#copies.get(space.id) ?? this.#begin(db, space)
    if (copy === undefined || !this.#follow(db, copy)) return undefined
    if (copy.readUpTo !== undefined || copy.changed.size > MAX_CHANGED_IN_SEARCH) return undefined
    return this.#work(copy, () => this.#readChanged(db, copy, MAX_CHANGED_IN_SEARCH)) ? copy : undefined
  }

  /**
   * Takes over what this thread has just committed as the change `number`: new documents, and ids of documents that
   * were changed.
   */
  committed(spaceId: number, number: number, added: readonly Item[], changed: readonly number[]): void {
    const copy = this.#copies.get(spaceId)
    // A copy that has not seen all before reads it from the log.
    if (copy === undefined || copy.readUpTo !== undefined || copy.seen !== number - 1) return
    copy.seen = number
    copy.rowSets.clear()
    for (const each of changed) copy.changed.add(each)
    this.#work(copy, () => {
      for (const item of added) copy.content.add(item)
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
      else copy.content.work()
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

  #unfinished(): Copy<Content> | undefined {
    for (const copy of this.#copies.values()) {
      if (copy.readUpTo !== undefined || copy.changed.size > MAX_CHANGED_IN_SEARCH) return copy
      if (copy.content.needsWork) return copy
    }
    return undefined
  }

  #begin(db: Statements, space: Space): Copy<Content> | undefined {
    const refused = this.#refused.get(space.id)
    if (refused !== undefined && performance.now() - refused < REFUSED_MS) return undefined
    const { content, bytes, reserve } = this.#kind.begin(db, space)
    const copy: Copy<Content> = {
      space: { id: space.id, tables: space.tables },
      content,
      rowSets: new Map(),
      seen: lastChange(db, space.id),
      changed: new Set(),
      readUpTo: 0,
    }
    if (bytes > this.#spareBytes() || !hasMemoryFor(reserve)) {
      this.#refused.set(space.id, performance.now())
      return undefined
    }
    this.#refused.delete(space.id)
    this.#copies.set(space.id, copy)
    return copy
  }

  /** Notes what has changed since the copy looked last. False if that cannot be known: the copy is made anew. */
  #follow(db: Statements, copy: Copy<Content>): boolean {
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

  #readChanged(db: Statements, { space, content, changed }: Copy<Content>, most: number): void {
    const statement = db.prepare(`${this.#kind.select(space)} WHERE id >= ? AND id < ?`)
    let left = most
    for (const document of changed) {
      if (left === 0) return
      left -= 1
      const first = document * POINTS_PER_DOCUMENT
      content.replace(document, statement.all(first, first + POINTS_PER_DOCUMENT).map(this.#kind.toItem))
      changed.delete(document)
    }
  }

  #readNext(db: Statements, copy: Copy<Content>, from: number): void {
    const { select, toItem, stepPoints } = this.#kind
    const rows = db.prepare(`${select(copy.space)} WHERE id > ? ORDER BY id LIMIT ?`).all(from, stepPoints)
    for (const row of rows) copy.content.add(toItem(row))
    copy.readUpTo = rows.length < stepPoints ? undefined : (rows.at(-1)?.id as number)
  }

  /**
   * Does something that adds to a copy. False if the copy has become too large for the limit or the machine, and was
   * given up.
   */
  #work(copy: Copy<Content>, add: () => void): boolean {
    if (hasMemoryFor(add) && this.#spareBytes() >= 0) return true
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
