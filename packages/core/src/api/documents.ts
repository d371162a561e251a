import type { Json } from '../document/paths.js'
import type { StoreError } from '../errors.js'
import type { DocumentRef, Version } from '../ports/common.js'

/** The value of a document where no schema says more: any JSON object. */
export type JsonObject = { readonly [name: string]: Json }

export interface Document<T extends object = JsonObject> extends DocumentRef {
  readonly value: T
  /** Opaque; for `ifVersion`. A later version is a greater string. */
  readonly version: Version
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly expiresAt?: Date
}

export interface SignalOptions {
  /** Ends the wait with ABORTED. A write that had begun may still take effect. */
  readonly signal?: AbortSignal | undefined
}

export interface GetOptions extends SignalOptions {
  /** Overrides the store's `refreshTtlOnRead`. */
  readonly refreshTtl?: boolean | undefined
}

/**
 * When a write counts as done. `wait`: when its vector is searchable. `background`: when the document is durable, and
 * the vector follows by itself. `manual`: when the document is durable, and nothing is embedded until `flush()`.
 */
export type SyncMode = 'wait' | 'background' | 'manual'

export interface PutOptions extends SignalOptions {
  /** Time to live, milliseconds, at least 1. */
  readonly ttlMs?: number | undefined
  /** `false`: no vectors; a list: these paths instead of the collection's. Kept with the document. */
  readonly index?: false | readonly string[] | undefined
  /** Fails with CONFLICT if the document exists. */
  readonly ifAbsent?: boolean | undefined
  /** Fails with CONFLICT unless the document has this version. */
  readonly ifVersion?: Version | undefined
  readonly sync?: SyncMode | undefined
}

export interface PutManyDocument<Input extends object = JsonObject>
  extends DocumentRef,
    Pick<PutOptions, 'ttlMs' | 'index' | 'ifAbsent' | 'ifVersion'> {
  readonly value: Input
  /**
   * When a document that comes from elsewhere was made there. Default: now. Where the document exists, the database
   * may keep the time that it has.
   */
  readonly createdAt?: Date | undefined
  /** When it was last changed there. Default: now. */
  readonly updatedAt?: Date | undefined
  /** When it expires, whatever `ttlMs` says: that is then only what a refresh on reading extends by. */
  readonly expiresAt?: Date | undefined
}

export interface PutManyOptions extends SignalOptions {
  /**
   * Whether the result holds a receipt for each document, so that `ifVersion` and `search({ after })` work on it.
   * Default: false, as a receipt for each of a million documents takes memory.
   */
  readonly receipts?: boolean | undefined
  readonly sync?: SyncMode | undefined
  /**
   * Called when some are written, the last time before the call resolves. In mode `background` most are searchable
   * later: `result.indexed` and the event `indexed` tell.
   */
  readonly onProgress?: ((progress: PutManyProgress) => void) | undefined
}

export interface PutManyProgress {
  /** Documents durable so far. */
  readonly written: number
  readonly failed: number
  /** Documents whose vectors are searchable so far. */
  readonly indexed: number
}

export interface PutManyResult {
  /** Documents durable. */
  readonly written: number
  /** The documents that were not written, or in mode `wait` not indexed, and why. */
  readonly failed: readonly Failure[]
  /**
   * Resolves with their number when every document written is searchable; rejects, saying which, when some never will
   * be.
   */
  readonly indexed: Promise<number>
  /**
   * With `receipts: true`: for each document, in the order of the input, its receipt; `undefined` where it was not
   * written.
   */
  readonly receipts?: readonly (Receipt | undefined)[]
}

export interface Failure extends DocumentRef {
  readonly error: StoreError
}

/** What a write gives back. */
export interface Receipt {
  readonly version: Version
  /** Whether a newer version was stored already, so that this write changed nothing (last write wins). */
  readonly superseded: boolean
  /**
   * Resolves when this version, a newer one or its deletion is searchable; rejects when it never will be. Ignoring it
   * is safe.
   */
  readonly indexed: Promise<void>
}

export interface DeleteOptions extends SignalOptions {
  readonly ifVersion?: Version | undefined
  readonly sync?: SyncMode | undefined
}

/** What `deleteNamespace` gives back. */
export interface DeleteNamespaceReceipt extends Receipt {
  /** Documents that went. Absent where the database does not tell (ScyllaDB, Cassandra). */
  readonly deleted?: number
}

export interface DeleteManyOptions extends SignalOptions {
  /** Default: the store's. */
  readonly sync?: SyncMode | undefined
}

export interface DeleteManyResult {
  /** Deletions made; deleting what is not there counts too. */
  readonly deleted: number
  /** Of these, how many documents there were. Absent where the database does not tell (ScyllaDB, Cassandra). */
  readonly existed?: number
  readonly failed: readonly Failure[]
  /** Resolves with their number when no deleted document has a point any more. */
  readonly indexed: Promise<number>
}
