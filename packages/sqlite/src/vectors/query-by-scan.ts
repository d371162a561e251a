import type { VectorMatch, VectorQuery } from '@tandemstore/core/adapter'
import { findNearest, type NearestOptions } from '@tandemstore/core/scan'
import type { Statements } from '../statements.js'
import type { ReadyCopy } from './following-copies.js'
import type { Matches } from './matches.js'
import type { PackedSpace } from './packed-space.js'
import { rowsFor } from './row-sets.js'
import { hiddenDocuments } from './search-conditions.js'
import type { Space } from './space.js'

/** The best documents, at least one more than asked for if there are so many, by a scan of the copy. */
export function queryByScan(
  db: Statements,
  space: Space,
  query: VectorQuery & { readonly minScore: number },
  matches: Matches,
  { content: packed, rowSets }: ReadyCopy<PackedSpace>,
): readonly VectorMatch[] {
  const hidden = new Set(hiddenDocuments(db, space, query))
  const documents = query.limit + 1
  const search = {
    vector: query.vector,
    documents,
    minScore: query.minScore,
    documentOf(row: number) {
      const document = packed.places.documentAt(row)
      return document === undefined || hidden.has(document) ? undefined : document
    },
    score: (rows: readonly number[]) =>
      matches.best(
        rows.map((row) => packed.places.pointAt(row) as number),
        documents,
      ),
  }
  const rows = rowsFor(db, space, query, packed.places, rowSets)
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
