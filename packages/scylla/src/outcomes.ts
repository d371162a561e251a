import { StoreError, type WriteOutcome } from '@tandemstore/core/adapter'

/** The outcome of a write that failed; an abort ends the whole call. */
export function failed(error: unknown, notWritten: boolean): WriteOutcome {
  if (StoreError.isInstance(error) && error.code === 'ABORTED') throw error
  return { status: 'failed', error, ...(notWritten ? { notWritten } : {}) }
}
