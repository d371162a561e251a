import { setImmediate } from 'node:timers/promises'
import type { Receipt, Store } from '@tandemstore/core'
import type { StressOperation } from '../result.js'
import type { ErrorCount } from './errors.js'

/** Writes that were accepted: counts those that will never be searchable. */
export interface Receipts {
  follow(operation: StressOperation, receipt: Receipt): void
  /** How many are neither searchable nor given up. */
  readonly open: number
  /** Waits until all are searchable or given up. */
  drain(store: Store, signal: AbortSignal): Promise<void>
}

export function followReceipts(errors: ErrorCount): Receipts {
  let open = 0
  let rejected = 0
  return {
    follow(operation, { indexed }) {
      open += 1
      indexed
        .catch((error: unknown) => {
          rejected += 1
          errors.add(operation, error)
        })
        .finally(() => {
          open -= 1
        })
    },
    get open() {
      return open
    },
    async drain(store, signal) {
      try {
        await store.flush({ signal })
      } catch (error) {
        signal.throwIfAborted()
        await setImmediate()
        // flush() tells once more of those whose receipts have said so.
        if (rejected === 0) errors.add('put', error)
      }
    },
  }
}
