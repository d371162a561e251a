import type { Statements } from '../../statements.js'
import { POINTS_PER_DOCUMENT } from '../point-id.js'
import type { Space } from '../space.js'

/** What becomes of the words of a point: these bytes, `keep` for those that are stored, or none. */
export type WordsChange = Uint8Array | 'keep' | undefined

/** Writes the words of a point that goes from one id to another; `from` is undefined if it is new. */
export function storeWords(
  db: Statements,
  { tables, hasWords }: Space,
  from: number | undefined,
  to: number,
  change: WordsChange,
): void {
  if (!hasWords) return
  const { word } = tables
  if (change === 'keep') {
    if (from !== undefined && from !== to) db.prepare(`UPDATE ${word} SET id = ? WHERE id = ?`).run(to, from)
    return
  }
  const isEmpty = change === undefined || change.length === 0
  if (from !== undefined && (from !== to || isEmpty)) db.prepare(`DELETE FROM ${word} WHERE id = ?`).run(from)
  if (!isEmpty) db.prepare(`INSERT OR REPLACE INTO ${word} (id, words) VALUES (?, ?)`).run(to, change)
}

export function deleteWords(db: Statements, { tables, hasWords }: Space, point: number): void {
  if (hasWords) db.prepare(`DELETE FROM ${tables.word} WHERE id = ?`).run(point)
}

/** Deletes the words of all points of a row of the table of documents. */
export function deleteWordsOf(db: Statements, { tables, hasWords }: Space, document: number): void {
  if (!hasWords) return
  const first = document * POINTS_PER_DOCUMENT
  db.prepare(`DELETE FROM ${tables.word} WHERE id >= ? AND id < ?`).run(first, first + POINTS_PER_DOCUMENT)
}
