import type { Statements } from '../statements.js'

/*
 * Every transaction that changes points of a space says in the same transaction of which documents, under the next
 * number of the space. So a reader that has seen a number knows from those behind it, in any process, what it has not
 * seen.
 */

/** So many entries of a space are kept. A reader that is further behind reads the points again. */
const KEPT = 4096
/** Old entries are deleted every so many. */
const TRIM_EVERY = 256

/** The number of the last change of a space; 0 if there was none. */
export function lastChange(db: Statements, space: number): number {
  const row = db.prepare('SELECT max(number) AS last FROM change WHERE space = ?').get(space)
  return (row?.last ?? 0) as number
}

/** Says that points of these documents (ids of their rows) change. Gives the number of the change. */
export function logChange(db: Statements, space: number, documents: readonly number[]): number {
  const number = lastChange(db, space) + 1
  db.prepare('INSERT INTO change (space, number, documents) VALUES (?, ?, ?)').run(
    ...[space, number, JSON.stringify(documents)],
  )
  if (number % TRIM_EVERY === 0) {
    db.prepare('DELETE FROM change WHERE space = ? AND number <= ?').run(space, number - KEPT)
  }
  return number
}

/** The documents of all changes behind a number, and the number of the last; undefined if some are no longer kept. */
export function changesSince(
  db: Statements,
  space: number,
  seen: number,
): { readonly documents: ReadonlySet<number>; readonly last: number } | undefined {
  const last = lastChange(db, space)
  const documents = new Set<number>()
  if (last === seen) return { documents, last }
  const rows = db.prepare('SELECT documents FROM change WHERE space = ? AND number > ?').all(space, seen)
  if (rows.length !== last - seen) return undefined
  for (const row of rows) for (const each of JSON.parse(row.documents as string) as number[]) documents.add(each)
  return { documents, last }
}

/** Forgets the changes of a space that is dropped. */
export function dropChanges(db: Statements, space: number): void {
  db.prepare('DELETE FROM change WHERE space = ?').run(space)
}
