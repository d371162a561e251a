import type { VectorMatch, VectorQuery } from '@tandemstore/core/adapter'
import { findNearest } from '@tandemstore/core/scan'
import type { Statements } from '../statements.js'
import type { Matches } from './matches.js'
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
  return findNearest(packed.vectors, {
    vector: query.vector,
    documents,
    minScore: query.minScore,
    rows: rowsFor(db, space, query, { packed, rowSets }),
    documentOf(row) {
      const document = packed.documentAt(row)
      return document === undefined || hidden.has(document) ? undefined : document
    },
    score: (rows) =>
      matches.best(
        rows.map((row) => packed.pointAt(row) as number),
        documents,
      ),
  })
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
