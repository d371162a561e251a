import type { StoreError } from '../errors.js'
import type { Namespace } from '../ports/common.js'
import type { SignalOptions } from './documents.js'

export interface RecoverOptions extends SignalOptions {
  /** Also tries again what had failed for good. */
  readonly retryFailed?: boolean | undefined
}

export interface RecoverResult {
  /**
   * Documents that recovery has projected and is done with, also by itself, since the store was opened or `recover()`
   * last told.
   */
  readonly projected: number
  /** Those that failed for good, now or earlier. */
  readonly failed: number
  /**
   * Intents kept because they belong to a writer that lives, which looks after them, or because the database shows
   * nothing of their write, which may still arrive within `settleMs`: so it is with a deletion, and with a write that
   * its process did not live to make. The points of the latter are as their documents are stored. Nobody has to do
   * anything.
   */
  readonly waiting: number
}

export interface VerifyOptions extends SignalOptions {
  /** Default: []. */
  readonly prefix?: Namespace | undefined
  /** Whether to mend what is found. Default: false. */
  readonly repair?: boolean | undefined
  readonly onProgress?: ((progress: VerifyResult) => void) | undefined
}

/** In documents. */
export interface VerifyResult {
  readonly checked: number
  /** With no point, or not with all. */
  readonly missing: number
  /** With points of another version, text or configuration. */
  readonly stale: number
  /** With points that should not be there. */
  readonly orphaned: number
  /** That are right now, those in the spaces of other models included. */
  readonly repaired: number
  /**
   * Out of step with the index, but with an operation or an intent that will mend them; in none of the counts above.
   * Absent if there are none. What a writer left that died is among them until it is recovered.
   */
  readonly pending?: number
  /** Whose stored value is damaged, so that nothing can be compared: put or delete them. Absent if there are none. */
  readonly damaged?: number
  /** That are gone, with points left in the space of another model. Absent if there are none. */
  readonly orphanedElsewhere?: number
}

export interface Health {
  readonly ok: boolean
  readonly kv: ComponentHealth
  /** Absent in a store without an index. */
  readonly vectors?: ComponentHealth
  readonly space?: SpaceHealth
  /**
   * The fault of the set-up (a key, a configuration, a quota, a disk) that keeps documents from being searchable, and
   * how many wait for it to be mended. Absent where there is none; otherwise `ok` is false.
   */
  readonly blocked?: { readonly documents: number; readonly error: StoreError }
}

export interface ComponentHealth {
  readonly ok: boolean
  /** How long the answer took, milliseconds. */
  readonly latencyMs: number
  readonly error?: StoreError
}

export interface SpaceHealth {
  readonly name: string
  /** Absent: it holds words alone. */
  readonly dimensions?: number | undefined
  /**
   * Whether every write goes to this model's space, and those before it was opened have been brought there; if not,
   * `verify({ repair: true })` does it. Says nothing of what is on its way, or left to recovery.
   */
  readonly complete: boolean
  /** Points it holds, roughly. */
  readonly points?: number
}

/** The vector space of one model. */
export interface SpaceInfo {
  readonly name: string
  /** The model's whole identity. */
  readonly model: Readonly<Record<string, unknown>>
  /** Absent: it holds words alone. */
  readonly dimensions?: number | undefined
  readonly metric: 'cosine' | 'dot' | 'euclidean'
  /** Whether every document of the collection is in it. */
  readonly complete: boolean
  /** Whether it is the one that this store searches. */
  readonly current: boolean
  /** Points it holds, roughly. Absent in a store without an index, and where the index does not answer. */
  readonly points?: number
  readonly createdAt: Date
}

export interface CloseOptions {
  /** How long to wait for what is under way, milliseconds. Default: 30,000. */
  readonly timeoutMs?: number | undefined
}

export interface CloseResult {
  /**
   * Writes of this store whose points the next `recover()` has to write. What it was recovering of others is not
   * counted.
   */
  readonly leftToRecovery: number
}
