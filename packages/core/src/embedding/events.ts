import type { StoreError } from '../errors.js'

/** What the embedding pipeline tells as it happens. */
export type EmbeddingEvent =
  /** A call failed in a passing way and is made again. `attempt`: how many were made. */
  | {
      readonly type: 'retry'
      readonly attempt: number
      readonly delayMs: number
      readonly texts: number
      readonly error: StoreError
    }
  /** The provider asked for less. `pauseMs`: how long nobody calls it. `concurrency`: the lowered limit. */
  | {
      readonly type: 'rate-limited'
      readonly pauseMs: number
      readonly concurrency: number
      readonly error: StoreError
    }
  /** A batch was refused for its content and is halved. */
  | { readonly type: 'bisected'; readonly texts: number; readonly error: StoreError }
  /** The cache failed, was too slow or gave what is no vector of this model. It counts as a miss. */
  | { readonly type: 'cache-error'; readonly operation: 'read' | 'write'; readonly error: unknown }
  /** The circuit changed. `open`: texts fail at once for `pauseMs`, because of `error`. */
  | {
      readonly type: 'circuit'
      readonly state: 'open' | 'half-open' | 'closed'
      readonly pauseMs?: number | undefined
      readonly error?: StoreError | undefined
    }
