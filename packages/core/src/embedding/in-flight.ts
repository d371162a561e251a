import type { StoreError } from '../errors.js'
import type { EmbedOptions } from '../ports/embedder.js'

export type Purpose = EmbedOptions['purpose']

/** A request that waits for one text or several. */
export interface Waiter {
  /** Called once for each text it joined, unless it left. */
  settle(index: number, vector: Float32Array | undefined, error: StoreError | undefined): void
  /** A call for one of its texts failed, and the next one has to wait: it may leave. */
  readonly delayed?: ((error: StoreError) => void) | undefined
}

/** One text on its way to a vector, and everybody who waits for it. */
export interface TextInFlight {
  readonly text: string
  readonly purpose: Purpose
  /** Key in the cache, where there is one. */
  readonly key: string | undefined
  /** Tokens counted or estimated; 0 while nothing needs them. */
  tokens: number
  /** The batch it is part of, once it has left the queue. */
  batch: Batch | undefined
  /** Where in the queue it stands; -1 elsewhere. */
  slot: number
  /** Whether it has been settled or dropped. */
  isGone: boolean
  waiters: { readonly waiter: Waiter; readonly index: number }[]
}

/** Texts that go to the embedder together. */
export interface Batch {
  readonly purpose: Purpose
  texts: TextInFlight[]
  /** How many of them somebody waits for. At 0 the batch has been given up, and its texts are in flight no more. */
  wanted: number
  /** Ends what the batch is waiting for: its call or the pause before the next. */
  stop: (() => void) | undefined
  /** Why the last who waited did so no longer, where it took too long. */
  tooLate?: StoreError | undefined
}
