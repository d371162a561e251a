import type { Namespace } from './ports/common.js'

/** What went wrong, as a stable word to branch on. */
export type StoreErrorCode =
  | 'INVALID_ARGUMENT'
  | 'CONFLICT'
  | 'NOT_SUPPORTED'
  | 'CONFIGURATION'
  | 'MODEL_MISMATCH'
  | 'EMBEDDING_FAILED'
  | 'RERANK_FAILED'
  | 'RATE_LIMITED'
  | 'INDEX_FAILED'
  | 'KV_FAILED'
  | 'UNAVAILABLE'
  | 'TIMEOUT'
  | 'AUTHENTICATION'
  | 'ABORTED'
  | 'CLOSED'

export interface StoreErrorOptions {
  /** What it was caused by. Never part of the JSON form: it may hold headers, keys or texts. */
  readonly cause?: unknown
  /**
   * Whether the same call may succeed later by itself. Default: true for RATE_LIMITED, UNAVAILABLE and TIMEOUT, unless
   * `setup`.
   */
  readonly retryable?: boolean | undefined
  /**
   * Somebody has to mend the set-up first, whatever the document: an empty account, a full disk, an answer that is not
   * the protocol's; see `faultOf`. Default: true for AUTHENTICATION, CONFIGURATION, MODEL_MISMATCH and NOT_SUPPORTED,
   * unless `retryable`; and for RATE_LIMITED, UNAVAILABLE and TIMEOUT that are not `retryable`.
   */
  readonly setup?: boolean | undefined
  /** When the next attempt makes sense, milliseconds from now: what the other side asks for, where it does. */
  readonly retryAfterMs?: number | undefined
  /** INVALID_ARGUMENT: the argument that is wrong, such as `namespace[1]`. */
  readonly field?: string | undefined
  readonly namespace?: Namespace | undefined
  readonly key?: string | undefined
}

const marker = Symbol.for('tandemstore.StoreError')
const retryableByNature: ReadonlySet<StoreErrorCode> = new Set(['RATE_LIMITED', 'UNAVAILABLE', 'TIMEOUT'])
const faultsOfSetup: ReadonlySet<StoreErrorCode> = new Set([
  'AUTHENTICATION',
  'CONFIGURATION',
  'MODEL_MISMATCH',
  'NOT_SUPPORTED',
])

/** The one error type of Tandem and its adapters. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  readonly retryable: boolean
  readonly setup: boolean
  readonly retryAfterMs: number | undefined
  readonly field: string | undefined
  readonly namespace: Namespace | undefined
  readonly key: string | undefined

  constructor(code: StoreErrorCode, message: string, options: StoreErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    const { retryable, setup } = options
    this.setup = setup ?? (retryable === true ? false : isFaultOfSetup(code, retryable))
    this.retryable = retryable ?? (retryableByNature.has(code) && !this.setup)
    this.retryAfterMs = options.retryAfterMs
    this.field = options.field
    this.namespace = options.namespace
    this.key = options.key
    Object.defineProperty(this, marker, { value: true })
  }

  /** Whether a value is a StoreError, also one of another copy of this package. */
  static isInstance(value: unknown): value is StoreError {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[marker] === true
  }

  /** Code, message and what it is about; never the cause. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, retryable, setup, retryAfterMs, field, namespace, key } = this
    return { name, code, message, retryable, ...(setup ? { setup } : {}), retryAfterMs, field, namespace, key }
  }
}

function isFaultOfSetup(code: StoreErrorCode, retryable: boolean | undefined): boolean {
  return faultsOfSetup.has(code) || (retryableByNature.has(code) && retryable === false)
}

/** An INVALID_ARGUMENT that names the field and what was expected of it. */
export function invalid(
  field: string,
  expected: string,
  about: Pick<StoreErrorOptions, 'namespace' | 'key'> = {},
): StoreError {
  return new StoreError('INVALID_ARGUMENT', `${field}: expected ${expected}`, { field, ...about })
}

/** The ABORTED error for a signal, with its reason as cause. */
export function aborted(signal: AbortSignal): StoreError {
  return new StoreError('ABORTED', 'The operation was aborted', { cause: signal.reason })
}

/** Gives any error the form of a StoreError; one that is a StoreError stays itself. */
export function toStoreError(
  error: unknown,
  code: StoreErrorCode,
  message: string,
  options: StoreErrorOptions = {},
): StoreError {
  if (StoreError.isInstance(error)) return error
  if (error instanceof Error && error.name === 'AbortError')
    return new StoreError('ABORTED', message, { ...options, cause: error })
  return new StoreError(code, `${message}: ${error instanceof Error ? error.message : String(error)}`, {
    ...options,
    cause: error,
  })
}

/** Whose fault a failed call of an adapter is; see `faultOf`. */
export type Fault = 'document' | 'setup' | 'transient'

const faultsOfDocuments: ReadonlySet<StoreErrorCode> = new Set([
  'EMBEDDING_FAILED',
  'RERANK_FAILED',
  'INDEX_FAILED',
  'INVALID_ARGUMENT',
])

/**
 * Whose fault a failed call of an adapter is:
 * - `transient`: nobody's for long; the same call may succeed later by itself. An adapter that gave up by itself
 *   (ABORTED) may be asked again.
 * - `document`: only another document mends it, so this one fails for good.
 * - `setup`: somebody has to mend a key, a configuration, a quota or a disk, and then the same call succeeds. Whatever
 *   is not known to be the document's fault counts as this, for work that waits can still be done.
 */
export function faultOf(error: StoreError): Fault {
  // An error of an older copy of this package has no `setup`.
  if (error.setup === true) return 'setup'
  if (error.code === 'ABORTED' || (error.retryable && error.code !== 'CLOSED')) return 'transient'
  return faultsOfDocuments.has(error.code) ? 'document' : 'setup'
}
