import type { Receipt, Store } from '@tandemstore/core'
import type { StressOperation } from '../result.js'
import type { ErrorCount } from './errors.js'

/** Writes that were accepted: counts those that will never be searchable. */
export interface Writes {
  accepted(operation: StressOperation, receipt: Receipt): void
  /** How many are neither searchable nor given up. */
  readonly open: number
  /** Waits until all are searchable or given up. */
  drain(signal: AbortSignal): Promise<void>
}

/**
 * Hears of them by the store's events: reading `indexed` of a receipt tells the store that somebody waits, and it
 * would hold no write back for others.
 */
export function followWrites(store: Store, errors: ErrorCount): Writes {
  const deletions = new Set<string>()
  let accepted = 0
  let settled = 0
  let failed = 0
  store.on('indexed', () => {
    settled += 1
  })
  store.on('indexFailed', ({ version, error }) => {
    settled += 1
    failed += 1
    errors.add(deletions.has(version) ? 'delete' : 'put', error)
  })
  return {
    accepted(operation, { version }) {
      accepted += 1
      if (operation === 'delete') deletions.add(version)
    },
    get open() {
      return Math.max(0, accepted - settled)
    },
    async drain(signal) {
      try {
        await store.flush({ signal })
      } catch (error) {
        signal.throwIfAborted()
        // flush() tells once more of those that an event has told of.
        if (failed === 0) errors.add('put', error)
      }
    },
  }
}
