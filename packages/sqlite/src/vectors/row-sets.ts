import type { PointQuery } from '@tandemstore/core/adapter'
import type { Statements } from '../statements.js'
import type { PointPlaces } from './point-places.js'
import { passingDocuments } from './search-conditions.js'
import type { Space } from './space.js'

/** Row sets that are kept take at most so many rows for each row of the copy. */
const KEPT_ROWS = 1

/** The rows of a copy under the prefix that pass the filter; undefined for all. `kept`: the sets asked for before. */
export function rowsFor(
  db: Statements,
  space: Space,
  { prefix, filter }: Pick<PointQuery, 'prefix' | 'filter'>,
  places: PointPlaces,
  kept: Map<string, Uint32Array>,
): Uint32Array | undefined {
  const asked = JSON.stringify([prefix, filter])
  const known = kept.get(asked)
  if (known !== undefined) return known
  const documents = passingDocuments(db, space, { prefix, filter })
  if (documents === undefined) return undefined
  const rows = places.rowsOf(documents)
  let total = rows.length
  for (const each of kept.values()) total += each.length
  if (total > KEPT_ROWS * places.rows) kept.clear()
  kept.set(asked, rows)
  return rows
}
