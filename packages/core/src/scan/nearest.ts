import { BLOCK_ROWS } from './kernel.js'
import { type PackedQuery, packQuery } from './packed-query.js'
import type { Chunk, PackedVectors } from './packed-vectors.js'
import { TopDocuments } from './top-documents.js'

export interface NearestOptions<Found extends { readonly score: number }> {
  readonly vector: Float32Array
  /** How many documents are wanted. */
  readonly documents: number
  /** Documents with a lower score are not wanted. -Infinity for all. */
  readonly minScore: number
  /**
   * A number for the document that a row belongs to; undefined for an empty row, and for one that is not to be found.
   */
  documentOf(row: number): number | undefined
  /** The rows to look at. Default: all. */
  readonly rows?: Uint32Array | undefined
  /**
   * Scores rows exactly. Gives the documents they belong to, each once by its best row, with at least `minScore`, the
   * best first. Two rows whose numbers by `documentOf` differ may turn out to be of one document.
   */
  score(rows: readonly number[]): readonly Found[]
}

const GROWTH = 4

/**
 * The nearest documents, exactly as if every row had been scored: bounds from the packed vectors decide which rows
 * can be among them, and those are scored. Gives all documents that were scored, the best first; the first
 * `documents` of them are the answer.
 */
export function findNearest<Found extends { readonly score: number }>(
  packed: PackedVectors,
  options: NearestOptions<Found>,
): readonly Found[] {
  const { documents, minScore } = options
  const query = packQuery(packed.metric, options.vector)
  if (query === undefined) return options.score(allRows(packed, options))
  const lowest = query.lowestRank(minScore)
  for (let wanted = documents; ; wanted *= GROWTH) {
    const { rows, limit } = findCandidates(packed, query, lowest, { ...options, documents: wanted })
    const found = options.score(rows)
    // A row that is no candidate has a rank below the limit. If fewer documents reach it than asked for, some numbers
    // were of one document.
    const last = found[documents - 1]
    if (limit <= lowest || (last !== undefined && query.rankOf(last.score) >= limit)) return found
  }
}

type Scope = Pick<NearestOptions<never>, 'documents' | 'documentOf' | 'rows'>

function allRows(packed: PackedVectors, { rows, documentOf }: Scope): number[] {
  const all = rows ?? Array.from({ length: packed.rows }, (_, row) => row)
  return Array.from(all).filter((row) => documentOf(row) !== undefined)
}

/** Rows whose rank can reach that of the last document wanted, or the lowest. No other can. */
function findCandidates(
  packed: PackedVectors,
  query: PackedQuery,
  lowest: number,
  { documents, documentOf, rows }: Scope,
): { rows: number[]; limit: number } {
  const top = new TopDocuments(documents)
  const candidates: { readonly row: number; readonly bound: number }[] = []
  let limit = lowest
  // Comparisons are written so that NaN, of which nothing is known, passes.
  const consider = (row: number, upper: number): void => {
    const bound = upper + query.slack
    if (bound < limit) return
    const document = documentOf(row)
    if (document === undefined) return
    candidates.push({ row, bound })
    const lower = bound - 2 * query.slack - packed.widthOf(row, query)
    if (!(lower > limit)) return
    top.add(document, lower)
    limit = Math.max(limit, top.limit)
  }
  if (rows === undefined) {
    packed.scan(query, ({ bounds, highest }: Chunk, first) => {
      for (let block = 0; block < highest.length; block += 1) {
        if ((highest[block] as number) + query.slack < limit) continue
        const end = Math.min((block + 1) * BLOCK_ROWS, bounds.length)
        for (let i = block * BLOCK_ROWS; i < end; i += 1) consider(first + i, bounds[i] as number)
      }
    })
  } else {
    packed.pick(query, rows, ({ bounds }, first) => {
      for (let i = 0; i < bounds.length; i += 1) consider(rows[first + i] as number, bounds[i] as number)
    })
  }
  return { rows: candidates.filter(({ bound }) => !(bound < limit)).map(({ row }) => row), limit }
}
