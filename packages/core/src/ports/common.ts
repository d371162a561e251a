/** A namespace: one to sixteen labels, such as `['users', '42']`. A prefix of it may be empty. */
export type Namespace = readonly string[]

/** What names one document in a collection. */
export interface DocumentRef {
  readonly namespace: Namespace
  readonly key: string
}

/**
 * The version of a document: a hybrid logical clock in microseconds since the Unix epoch and the writer that stamped
 * it, as sixteen decimal digits, `-`, twelve hexadecimal digits. The order of versions is the order of the strings.
 * `versionMicros` and `versionWriter` of `@tandemstore/core/adapter` take one apart.
 */
export type Version = string

/** Options that every method of a port takes. */
export interface CallOptions {
  /**
   * Ends the wait. A driver that cannot be interrupted stops waiting and rejects with the signal's reason; the
   * outcome of the call is then unknown.
   */
  readonly signal?: AbortSignal | undefined
}

/** A value now, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>

/** A scalar that a filter can compare. */
export type Scalar = string | number | boolean
