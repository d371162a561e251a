import type { Metric } from '@tandemstore/core/adapter'
import { StoreError } from '@tandemstore/core/adapter'
import type { Statements } from '../statements.js'

/** A space as one transaction finds it. */
export interface Space {
  readonly id: number
  /** 0: points have no vectors. */
  readonly dimensions: number
  readonly metric: Metric
  /** Whether there is the table of words. */
  readonly hasWords: boolean
  /** The paths that have an index. Read anew in every transaction, as another process may have declared others. */
  readonly declared: ReadonlySet<string>
  readonly tables: SpaceTables
}

/** Each space has tables of its own, so that a search reads nothing but its rows, one after the other. */
export interface SpaceTables {
  /** One row for each document and version that has points. */
  readonly document: string
  /** Index of `document` by namespace and key. */
  readonly documentRef: string
  /**
   * One row for each point. Its id is the id of the document's row times POINTS_PER_DOCUMENT plus a number of its
   * own. The vector of a point that has none is no bytes.
   */
  readonly point: string
  /** The terms of the declared paths, by term. */
  readonly term: string
  /**
   * One row for each point that is found by words, under the id of the point. The port calls them terms; in this
   * package those are what filters ask for.
   */
  readonly word: string
}

export function tablesOf(id: number): SpaceTables {
  return {
    document: `space_${id}_document`,
    documentRef: `space_${id}_document_ref`,
    point: `space_${id}_point`,
    term: `space_${id}_term`,
    word: `space_${id}_word`,
  }
}

/** A row of the table `vector_space`. */
export interface StoredSpace {
  readonly id: number
  readonly name: string
  readonly dimensions: number
  readonly metric: Metric
  readonly filterable: string
  readonly words: 0 | 1
}

export const SPACE_COLUMNS = 'id, name, dimensions, metric, filterable, words'

export function readSpace(db: Statements, id: number): Space {
  const stored = db.prepare(`SELECT ${SPACE_COLUMNS} FROM vector_space WHERE id = ?`).get(id) as StoredSpace | undefined
  if (stored === undefined) throw new StoreError('INDEX_FAILED', 'The space has been dropped')
  const { dimensions, metric, filterable, words } = stored
  const declared = new Set(JSON.parse(filterable) as string[])
  return { id, dimensions, metric, hasWords: words === 1, declared, tables: tablesOf(id) }
}
