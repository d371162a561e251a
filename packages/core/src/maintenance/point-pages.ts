import { refId } from '../document/namespace.js'
import type { DocumentRef, Namespace } from '../ports/common.js'
import type { VectorSpace } from '../ports/vector-index.js'
import type { PointRecord } from '../ports/vector-records.js'
import { readAhead } from '../read/read-ahead.js'

const PAGE = 500

/** A document, and points of it. */
export interface PointsOfDocument {
  readonly ref: DocumentRef
  readonly points: readonly PointRecord[]
}

/** Every point under a prefix, page by page, gathered by document. A document may have points on several pages. */
export async function* pointPages(
  space: VectorSpace,
  prefix: Namespace,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly PointsOfDocument[], void, undefined> {
  const read = (cursor: string | undefined) => space.scan({ prefix, cursor, limit: PAGE }, { signal })
  for await (const { points } of readAhead(read, ({ cursor }) => cursor)) yield byDocument(points)
}

/** The same documents, each with those of its points that are still there, as they are now. */
export async function readPointsAgain(
  space: VectorSpace,
  documents: readonly PointsOfDocument[],
  signal: AbortSignal | undefined,
): Promise<PointsOfDocument[]> {
  const records = await space.get(
    documents.flatMap(({ points }) => points.map(({ id }) => id)),
    { signal },
  )
  let at = 0
  return documents.map(({ ref, points }) => {
    const found = records.slice(at, at + points.length)
    at += points.length
    return { ref, points: found.filter((record) => record !== undefined) }
  })
}

function byDocument(points: readonly PointRecord[]): PointsOfDocument[] {
  const documents = new Map<string, { readonly ref: DocumentRef; readonly points: PointRecord[] }>()
  for (const point of points) {
    const { namespace, key } = point
    const id = refId(point)
    const known = documents.get(id)
    if (known === undefined) documents.set(id, { ref: { namespace, key }, points: [point] })
    else known.points.push(point)
  }
  return [...documents.values()]
}
