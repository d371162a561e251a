import type { Database } from '../database.js'
import { logChange } from './change-log.js'
import { POINTS_PER_DOCUMENT } from './point-id.js'
import type { Space } from './space.js'
import type { AddedPoint } from './space-copies.js'

/** Logs what changes, for copies in other processes, and keeps the copy of this one up to date. */
export function noteChanges(
  db: Database,
  space: Space,
  changed: Iterable<number>,
  added: readonly AddedPoint[] = [],
): void {
  const ids = [...changed]
  const documents = new Set(ids)
  for (const { id } of added) documents.add(Math.floor(id / POINTS_PER_DOCUMENT))
  if (documents.size === 0) return
  const number = logChange(db, space.id, [...documents])
  db.afterCommit(() => db.copies.committed(space.id, number, added, ids))
}
