import type { Statements } from '../statements.js'
import { type CopyKind, FollowingCopies, type ReadyCopy } from './following-copies.js'
import { type PackedPoint, PackedSpace } from './packed-space.js'
import type { Space } from './space.js'
import { bytesVector } from './vector-math.js'
import { WordIndex, type WordPoint } from './words/word-index.js'

/** A point that was just written, for every kind of copy. */
export type AddedPoint = PackedPoint & WordPoint

/** What searches keep in the memory of this thread: for each space that is searched, its vectors and its words. */
export class SpaceCopies {
  readonly #vectors: FollowingCopies<PackedSpace, PackedPoint>
  readonly #words: FollowingCopies<WordIndex, WordPoint>

  constructor(maxBytes: number, approximate = false) {
    const spareBytes = (): number => maxBytes - this.bytes
    this.#vectors = new FollowingCopies(vectorKind(approximate), spareBytes)
    this.#words = new FollowingCopies(wordKind, spareBytes)
  }

  get bytes(): number {
    return this.#vectors.bytes + this.#words.bytes
  }

  /** The vectors of a space, as its transaction sees them; undefined as long as there is no copy that is up to date. */
  ready(db: Statements, space: Space): ReadyCopy<PackedSpace> | undefined {
    return this.#vectors.ready(db, space)
  }

  /** Likewise its words. */
  readyWords(db: Statements, space: Space): ReadyCopy<WordIndex> | undefined {
    return this.#words.ready(db, space)
  }

  /** See FollowingCopies. */
  committed(spaceId: number, number: number, added: readonly AddedPoint[], changed: readonly number[]): void {
    this.#vectors.committed(spaceId, number, added, changed)
    this.#words.committed(spaceId, number, added, changed)
  }

  step(db: Statements): void {
    if (this.#words.busy) this.#words.step(db)
    else this.#vectors.step(db)
  }

  get busy(): boolean {
    return this.#words.busy || this.#vectors.busy
  }

  forget(spaceId: number): void {
    this.#vectors.forget(spaceId)
    this.#words.forget(spaceId)
  }

  clear(): void {
    this.#vectors.clear()
    this.#words.clear()
  }
}

function vectorKind(approximate: boolean): CopyKind<PackedSpace, PackedPoint> {
  return {
    begin(db, { tables, metric, dimensions }) {
      const content = new PackedSpace(metric, dimensions, approximate)
      const { count } = db.prepare(`SELECT count(*) AS count FROM ${tables.point}`).get() as { count: number }
      return { content, bytes: content.bytesFor(count), reserve: () => content.reserve(count) }
    },
    select: ({ tables }) => `SELECT id, vector FROM ${tables.point}`,
    toItem: (row) => ({ id: row.id as number, vector: bytesVector(row.vector as Uint8Array) }),
    stepPoints: 1000,
  }
}

/** Points by whose words those of all are estimated. */
const SAMPLE = 100

const wordKind: CopyKind<WordIndex, WordPoint> = {
  begin(db, { tables }) {
    const { count } = db.prepare(`SELECT count(*) AS count FROM ${tables.word}`).get() as { count: number }
    const sample = `SELECT length(words) AS bytes FROM ${tables.word} LIMIT ${SAMPLE}`
    const { bytes } = db.prepare(`SELECT ifnull(avg(bytes), 0) AS bytes FROM (${sample})`).get() as { bytes: number }
    const content = new WordIndex()
    return { content, bytes: content.bytesFor(count, count * bytes), reserve: () => content.reserve(count) }
  },
  select: ({ tables }) => `SELECT id, words FROM ${tables.word}`,
  toItem: (row) => ({ id: row.id as number, words: row.words as Uint8Array }),
  stepPoints: 250,
}
