import { faultOf, type StoreError, toStoreError } from '../errors.js'
import type { VectorSpace } from '../ports/vector-index.js'
import type { Projection } from './projection.js'
import { toDocumentPoints } from './target.js'

/** What came of each projection of a batch. */
export interface WrittenPoints {
  readonly written: Projection[]
  /** A vector that was to be kept is gone by now. */
  readonly missing: Projection[]
  readonly failed: { readonly projection: Projection; readonly error: StoreError }[]
}

/** Writes the points of projections. A batch that is refused for good is halved, until those at fault are alone. */
export async function writePoints(
  projections: readonly Projection[],
  options: { readonly space: Pick<VectorSpace, 'replace'>; readonly signal: AbortSignal },
): Promise<WrittenPoints> {
  if (projections.length === 0) return { written: [], missing: [], failed: [] }
  let outcomes: readonly ('done' | 'missing')[]
  try {
    outcomes = await options.space.replace(projections.map(toDocumentPoints))
  } catch (cause) {
    const error = toStoreError(cause, 'INDEX_FAILED', 'Writing points failed')
    if (faultOf(error) !== 'document' || projections.length === 1 || options.signal.aborted)
      return { written: [], missing: [], failed: projections.map((projection) => ({ projection, error })) }
    const half = Math.ceil(projections.length / 2)
    const first = await writePoints(projections.slice(0, half), options)
    const second = await writePoints(projections.slice(half), options)
    return {
      written: [...first.written, ...second.written],
      missing: [...first.missing, ...second.missing],
      failed: [...first.failed, ...second.failed],
    }
  }
  return {
    written: projections.filter((_, i) => outcomes[i] === 'done'),
    missing: projections.filter((_, i) => outcomes[i] !== 'done'),
    failed: [],
  }
}
