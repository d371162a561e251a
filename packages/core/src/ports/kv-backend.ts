import type { CallOptions, DocumentRef, Namespace, Version } from './common.js'
import type { DeleteRow, DocumentRow, Intent, Lease, PutRow, SpaceRecord, WriteOutcome } from './kv-records.js'

export interface KVCapabilities {
  /**
   * Whether conditions are checked atomically against every other writer. Without it, a conditional write is
   * NOT_SUPPORTED.
   */
  readonly conditionalWrites: boolean
  /** Whether expired rows go away by themselves; otherwise core calls `deleteExpired` from time to time. */
  readonly nativeExpiry: boolean
  /** How long a deletion is remembered, so that an older write that arrives late stays without effect. Milliseconds. */
  readonly deletionMemoryMs: number
  /** Whether overwriting a live row keeps its `createdAt`. */
  readonly keepsCreatedAt: boolean
  /**
   * Whether `put` and `delete` make the `intents` of each write durable, no later than the write. Without it, core
   * adds them before.
   */
  readonly intentsWithWrites: boolean
  /**
   * Whether a call that fails with UNAVAILABLE has waited by itself, for a lock say, so that core does not make it
   * again at once. Default: false.
   */
  readonly waitsWhileUnavailable?: boolean | undefined
}

export interface KVLimits {
  /** Writes, reads or intents in one call; the intents that come with writes do not count. */
  readonly maxBatchSize: number
  /** UTF-8 bytes of all the values in one call. */
  readonly maxBatchBytes: number
  /** Calls at the same time that this database serves well. */
  readonly maxConcurrency: number
}

/** The truth: documents by namespace and key, and the intent log. Opened once for each collection. */
export interface KVBackend {
  /** For messages only, such as `sqlite`. */
  readonly name: string
  readonly capabilities: KVCapabilities
  readonly limits: KVLimits
  /**
   * Opens a collection and makes what it needs (tables). The backend connects on the first open and disconnects when
   * the last collection is closed; an injected client stays open.
   */
  open(collection: string, options?: CallOptions): Promise<KVCollection>
}

/**
 * Results have the length and the order of the input; an empty input does no I/O. Text order is the order of UTF-8
 * bytes, of namespaces label by label (a prefix comes before what it begins).
 */
export interface KVCollection {
  /** The rows, `undefined` where there is none. A row that has expired may still be given. */
  get(refs: readonly DocumentRef[], options?: CallOptions): Promise<(DocumentRow | undefined)[]>
  /**
   * Stores rows, each atomically, the batch not. A plain write that is older than what is stored (or was deleted)
   * changes nothing; the same version again counts as written. Two writes of one document in one batch end as the
   * higher version. With `intentsWithWrites`, whoever sees a row finds the intents that came with it; whatever
   * becomes of the write, they may be there.
   */
  put(writes: readonly PutRow[], options?: CallOptions): Promise<WriteOutcome[]>
  /**
   * Deletes rows, each atomically, by the rules of `put`; a deletion of the very version that is stored deletes it. A
   * deletion is remembered for `deletionMemoryMs`, so that a put of a lower version that comes after it changes
   * nothing. Deleting what is not there is `written`, with `existed: false`.
   */
  delete(deletes: readonly DeleteRow[], options?: CallOptions): Promise<WriteOutcome[]>
  /**
   * Deletes every row whose namespace begins with `prefix` (never empty) and whose version is at or below `version`.
   * It is remembered as a whole, for `deletionMemoryMs`: a put of such a version that comes later changes nothing, of
   * keys that were never seen too. Returns how many rows went, where that is known at no cost.
   */
  deletePrefix(prefix: Namespace, version: Version, options?: CallOptions): Promise<number | undefined>
  /**
   * Moves the expiry of rows that still have this version and expire earlier (or never would: then nothing changes),
   * without a new version. Returns the rows as they are now, `undefined` where the version is another.
   */
  touch(
    touches: readonly (DocumentRef & { readonly version: Version; readonly expiresAt: number })[],
    options?: CallOptions,
  ): Promise<(DocumentRow | undefined)[]>
  /**
   * The rows under a prefix ([] is all) that come after `after`, in order of namespace and key. May give fewer than
   * `limit`; `next` is where to go on and is absent at the end. Expired rows may be given.
   */
  list(
    query: { readonly prefix: Namespace; readonly after?: DocumentRef | undefined; readonly limit: number },
    options?: CallOptions,
  ): Promise<{ readonly rows: DocumentRow[]; readonly next?: DocumentRef | undefined }>
  /**
   * The namespaces under a prefix that hold a row not expired by `now`, in order, after `after`. With `maxDepth` they
   * are cut to so many labels and each is given once; `after` is then such a cut one, and everything it begins is
   * passed over.
   */
  namespaces(
    query: {
      readonly prefix: Namespace
      readonly maxDepth?: number | undefined
      readonly after?: Namespace | undefined
      readonly limit: number
      readonly now: number
    },
    options?: CallOptions,
  ): Promise<{ readonly namespaces: Namespace[]; readonly next?: Namespace | undefined }>
  /**
   * Deletes up to `limit` rows that had expired by `before`, as a deletion of their version would (older puts that
   * come later change nothing), and forgets deletions older than `deletionMemoryMs`. Returns how many rows went.
   */
  deleteExpired(query: { readonly before: number; readonly limit: number }, options?: CallOptions): Promise<number>

  /** Makes intents durable. One that is there (same kind, namespace, key, version, space) takes the new `failure`. */
  addIntents(intents: readonly Intent[], options?: CallOptions): Promise<void>
  /**
   * Removes exactly these intents; one that is not there is passed over. An adapter may take it as a hint that one is
   * the object that was written.
   */
  removeIntents(intents: readonly Intent[], options?: CallOptions): Promise<void>
  /**
   * Intents of a space, oldest version first where that is cheap. `cursor` goes on after an earlier page. `writers`,
   * with `intentsWithWrites`: those whose writes, with the intents that come with them, may be on their way; if such
   * a writer is gone, they may still arrive.
   */
  listIntents(
    query: { readonly space: string; readonly cursor?: string | undefined; readonly limit: number },
    options?: CallOptions,
  ): Promise<{
    readonly intents: Intent[]
    readonly cursor?: string | undefined
    readonly writers?: readonly string[] | undefined
  }>

  /**
   * Writes this writer's lease, or removes it (`expiresAt` 0). One that has run out is kept and told for an hour or
   * longer.
   */
  putLease(lease: Lease, options?: CallOptions): Promise<void>
  leases(options?: CallOptions): Promise<Lease[]>
  putSpace(space: SpaceRecord, options?: CallOptions): Promise<void>
  deleteSpace(name: string, options?: CallOptions): Promise<void>
  spaces(options?: CallOptions): Promise<SpaceRecord[]>

  /**
   * The database's clock in milliseconds since the Unix epoch and, where that is cheap, the highest version it has
   * stored.
   */
  clock(options?: CallOptions): Promise<{ readonly now: number; readonly latest?: Version | undefined }>
  /** Resolves when the database answers. */
  ping(options?: CallOptions): Promise<void>
  close(): Promise<void>
}
