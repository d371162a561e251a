import { type StoreError, toStoreError } from '../errors.js'
import type { VectorSpace } from '../ports/vector-index.js'
import type { Operation } from './operation.js'
import { toDocumentPoints } from './target.js'

/** What came of each operation of a batch. */
export interface WrittenPoints {
  readonly written: Operation[]
  /** A vector that was to be kept is gone by now. */
  readonly missing: Operation[]
  readonly failed: { readonly operation: Operation; readonly error: StoreError }[]
}

/** Writes the points of operations. A batch that is refused for good is halved, until those at fault are alone. */
export async function writePoints(
  operations: readonly Operation[],
  options: { readonly space: Pick<VectorSpace, 'replace'>; readonly signal: AbortSignal },
): Promise<WrittenPoints> {
  if (operations.length === 0) return { written: [], missing: [], failed: [] }
  let outcomes: readonly ('done' | 'missing')[]
  try {
    outcomes = await options.space.replace(operations.map(toDocumentPoints))
  } catch (cause) {
    const error = toStoreError(cause, 'INDEX_FAILED', 'Writing points failed')
    if (error.retryable || operations.length === 1 || options.signal.aborted)
      return { written: [], missing: [], failed: operations.map((operation) => ({ operation, error })) }
    const half = Math.ceil(operations.length / 2)
    const first = await writePoints(operations.slice(0, half), options)
    const second = await writePoints(operations.slice(half), options)
    return {
      written: [...first.written, ...second.written],
      missing: [...first.missing, ...second.missing],
      failed: [...first.failed, ...second.failed],
    }
  }
  return {
    written: operations.filter((_, i) => outcomes[i] === 'done'),
    missing: operations.filter((_, i) => outcomes[i] !== 'done'),
    failed: [],
  }
}
