import type { VectorMatch, VectorQuery } from '@tandemstore/core/adapter'
import { findNearest, type NearestOptions } from '@tandemstore/core/scan'
import type { Statements } from '../statements.js'
import type { Matches } from './matches.js'
import type { PackedSpace } from './packed-space.js'
import { hiddenDocuments, passingDocuments } from './search-conditions.js'
import type { Space } from './space.js'
import type { ReadyCopy } from './space-copies.js'

/** Row sets that are kept take at most so many rows for each row of the copy. */
const KEPT_ROWS = 1

/** The best documents, at least one more than asked for if there are so many, by a scan of the copy. */
export function queryByScan(
  db: Statements,
  space: Space,
  query: VectorQuery & { readonly minScore: number },
  matches: Matches,
  { packed, rowSets }: ReadyCopy,
): readonly VectorMatch[] {
  const hidden = new Set(hiddenDocuments(db, space, query))
  const documents = query.limit + 1
  const search = {
    vector: query.vector,
    documents,
    minScore: query.minScore,
    documentOf(row: number) {
      const document = packed.documentAt(row)
      return document === undefined || hidden.has(document) ? undefined : document
    },
    score: (rows: readonly number[]) =>
      matches.best(
        rows.map((row) => packed.pointAt(row) as number),
        documents,
      ),
  }
  const rows = rowsFor(db, space, query, { packed, rowSets })
  if (rows === undefined) {
    const found = nearRows(packed, search)
    if (found !== undefined) return found
  }
  return findNearest(packed.vectors, { ...search, rows })
}

/**
 * What is found among the rows where the nearest most likely are. Undefined if that is too little, or searches are
 * exact.
 */
function nearRows(packed: PackedSpace, search: NearestOptions<VectorMatch>): readonly VectorMatch[] | undefined {
  const rows = packed.near(search.vector)
  const found = rows && findNearest(packed.vectors, { ...search, rows })
  return found !== undefined && found.length >= search.documents ? found : undefined
}

/** The rows under the prefix that pass the filter; undefined for all. */
function rowsFor(
  db: Statements,
  space: Space,
  { prefix, filter }: VectorQuery,
  { packed, rowSets }: ReadyCopy,
): Uint32Array | undefined {
  const asked = JSON.stringify([prefix, filter])
  const known = rowSets.get(asked)
  if (known !== undefined) return known
  const documents = passingDocuments(db, space, { prefix, filter })
  if (documents === undefined) return undefined
  const rows = packed.rowsOf(documents)
  let kept = rows.length
  for (const each of rowSets.values()) kept += each.length
  if (kept > KEPT_ROWS * packed.vectors.rows) rowSets.clear()
  rowSets.set(asked, rows)
  return rows
}
