import { StoreError, type WriteOutcome } from '@tandemstore/core/adapter'

/** The outcome of a failed write. An abort is thrown, as it ends the whole call. */
export function failed(error: unknown, notWritten: boolean): WriteOutcome {
  if (StoreError.isInstance(error) && error.code === 'ABORTED') throw error
  return { status: 'failed', error, ...(notWritten ? { notWritten } : {}) }
}
