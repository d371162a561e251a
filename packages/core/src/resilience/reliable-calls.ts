import { StoreError, type StoreErrorCode, toStoreError } from '../errors.js'
import type { CallOptions } from '../ports/common.js'
import { checkAborted, joinedWith } from './abort.js'
import { retrying } from './retry.js'

/** How calls of a port are made: again while that may help, every error a StoreError, counts checked. */
export interface ReliableCalls<Name extends string> {
  /** Makes a call under the caller's signal and the store's. `attempts`: the first included, if not as usual. */
  call<T>(
    name: Name,
    options: CallOptions | undefined,
    run: (options: CallOptions) => Promise<T>,
    attempts?: number,
  ): Promise<T>
  /** The results, if there is one for each item. */
  checked<T>(name: Name, results: T[], expected: number): T[]
  /** The caller's signal, if there is one, joined with the store's. */
  joined(signal: AbortSignal | undefined): AbortSignal
}

/**
 * `what`: how errors name the adapter. `signal` fires when the store closes. `waits`: whether the adapter waits while
 * the database is UNAVAILABLE.
 */
export function reliableCalls<Name extends string>(
  what: 'database' | 'vector index',
  code: StoreErrorCode,
  signal: AbortSignal,
  waits: boolean | undefined,
): ReliableCalls<Name> {
  const joined = joinedWith(signal)
  const adapter = what === 'database' ? 'database' : 'index'
  return {
    call: (name, options, run, attempts) => {
      const ends = joined(options?.signal)
      return retrying(() => run({ signal: ends }), ends, { attempts, waits }).catch((error: unknown) => {
        // Whatever the adapter made of it. When the store closes, the reason says so.
        if (!signal.aborted) checkAborted(options?.signal)
        throw toStoreError(error, code, `The ${what} failed (${name})`)
      })
    },
    checked: (name, results, expected) => {
      if (results.length === expected) return results
      throw new StoreError(code, `The ${adapter} adapter's ${name} gave ${results.length} results for ${expected}`)
    },
    joined,
  }
}
