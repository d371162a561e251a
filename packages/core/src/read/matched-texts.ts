import { refId } from '../document/namespace.js'
import type { Json } from '../document/paths.js'
import { StoreError } from '../errors.js'
import type { PointMaker } from '../indexing/point-maker.js'
import type { DocumentRow } from '../ports/kv-records.js'
import type { VectorMatch } from '../ports/vector-index.js'

/** UTF-16 units of the texts that are remembered. */
const MAX_UNITS = 4_000_000

/**
 * The texts of the parts that matched, made again from their documents. Those that lie deep in a long text are
 * remembered, as finding them takes cutting all that comes before.
 */
export class MatchedTexts {
  readonly #points: PointMaker
  /** By document, version and part; the oldest use first. */
  readonly #known = new Map<string, string>()
  #units = 0

  constructor(points: PointMaker) {
    this.#points = points
  }

  /** The text of a match; `undefined` where the document has another one by now. `value`: of the row. */
  async textOf(row: DocumentRow, value: object, match: VectorMatch): Promise<string | undefined> {
    // In the first part of a text nothing comes before.
    if (match.part === 0) return this.#make(row, value, match)
    const key = `${row.version} ${match.field} ${match.part} ${match.hash} ${refId(row)}`
    const known = this.#known.get(key)
    const text = known ?? (await this.#make(row, value, match))
    if (text !== undefined) this.#remember(key, text, known === undefined)
    return text
  }

  async #make(row: DocumentRow, value: object, match: VectorMatch): Promise<string | undefined> {
    try {
      return await this.#points.partInTurns(row, value as Json, match)
    } catch (error) {
      // A text that is too long for the store by now, or a field that is none.
      if (StoreError.isInstance(error)) return undefined
      throw error
    }
  }

  #remember(key: string, text: string, isNew: boolean): void {
    this.#known.delete(key)
    this.#known.set(key, text)
    if (!isNew) return
    this.#units += text.length
    for (const [oldest, its] of this.#known) {
      if (this.#units <= MAX_UNITS) break
      this.#known.delete(oldest)
      this.#units -= its.length
    }
  }
}
