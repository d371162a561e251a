import { aborted, onAbort, StoreError, type StoreErrorCode } from '@tandemstore/core/adapter'

/**
 * The fields of the driver's errors that are read. Errors are told apart by name and code, as the driver may be
 * another copy.
 */
interface DriverError extends Error {
  /** Of a ResponseError: the code of the native protocol. Of an error of a socket: a word such as `ECONNRESET`. */
  readonly code?: number | string
  /** Of an error about consistency: the level that was not reached. */
  readonly consistencies?: number
  /** The address of the node that answered, or did not. */
  readonly coordinator?: string
  readonly innerErrors?: Readonly<Record<string, unknown>>
  readonly innerError?: unknown
  readonly isSocketError?: boolean
  readonly requestNotWritten?: boolean
}

interface Meaning {
  readonly code: StoreErrorCode
  readonly detail: string
  /** The statement had no effect: the coordinator refused it, or it was never sent. */
  readonly refused?: boolean
  /** Default: that of the code. */
  readonly retryable?: boolean
}

/** Codes of the native protocol (native_protocol_v4.spec, section 9). */
const byCode: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  // ScyllaDB also answers so when changes of the schema conflict, and after failures that pass.
  [0x0000, { code: 'KV_FAILED', detail: 'the node failed', retryable: true }],
  [0x0100, { code: 'AUTHENTICATION', detail: 'the credentials were refused', refused: true }],
  [0x1000, { code: 'UNAVAILABLE', detail: 'too few replicas are alive', refused: true }],
  [0x1001, { code: 'RATE_LIMITED', detail: 'the node is overloaded' }],
  [0x1002, { code: 'UNAVAILABLE', detail: 'the node is still starting', refused: true }],
  [0x1100, { code: 'TIMEOUT', detail: 'too few replicas answered in time, and it may still take effect' }],
  [0x1200, { code: 'TIMEOUT', detail: 'too few replicas answered in time' }],
  // On ScyllaDB: a replica that sheds load.
  [0x1300, { code: 'KV_FAILED', detail: 'a replica failed to read', retryable: true }],
  // On ScyllaDB: a stale topology or a full disk.
  [0x1500, { code: 'KV_FAILED', detail: 'a replica failed to write, and it may still take effect', retryable: true }],
  [0x1600, { code: 'KV_FAILED', detail: 'a replica failed to write to its CDC log', retryable: true }],
  [0x1700, { code: 'TIMEOUT', detail: 'the outcome of a conditional write is unknown' }],
  [0x2000, { code: 'KV_FAILED', detail: 'a syntax error', refused: true }],
  [0x2100, { code: 'AUTHENTICATION', detail: 'this role may not do that', refused: true }],
  [0x2200, { code: 'KV_FAILED', detail: 'the request is invalid', refused: true }],
  [0x2300, { code: 'CONFIGURATION', detail: 'the configuration is refused', refused: true }],
  [0x2500, { code: 'UNAVAILABLE', detail: 'the statement could not be prepared again', refused: true }],
])

const UNAVAILABLE = 0x1000
const INVALID = 0x2200
const CONFIG_ERROR = 0x2300
const UNPREPARED = 0x2500
/** SERIAL and LOCAL_SERIAL. */
const serialLevels: readonly (number | undefined)[] = [8, 9]

/** The table or keyspace was dropped, or never made. In the words of Cassandra 4 and 5 and of ScyllaDB. */
const noTable =
  /unconfigured table|(?:table|keyspace) \S+ does(?: not|n't) exist|can't find a column family|no such (?:table|column family)/i
/** The certificate of the server is not trusted, or its answer is not TLS (codes of Node.js and OpenSSL). */
const tlsCode = /^(?:EPROTO|ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/
/** Errors whose statement cannot have had an effect. */
const notWritten = new WeakSet<object>()

export interface ErrorContext {
  /** Whether the statement is a conditional write. */
  readonly conditional?: boolean
}

/** Any error of the driver as a StoreError. `what` completes "could not …". */
export function toScyllaError(error: unknown, what: string, context: ErrorContext = {}): StoreError {
  if (StoreError.isInstance(error)) return error
  const cause = (error instanceof Error ? error : new Error(String(error))) as DriverError
  const { code, detail, refused, retryable } = meaningOf(cause, context)
  const at = cause.coordinator === undefined || detail.includes(cause.coordinator) ? '' : ` [${cause.coordinator}]`
  const made = new StoreError(code, `ScyllaDB/Cassandra could not ${what}: ${detail}${at}`, { cause: error, retryable })
  if (refused) notWritten.add(made)
  return made
}

/**
 * Whether a write is certain to have had no effect. This holds for statements that the driver does not repeat (not
 * marked idempotent): it then goes to another node only if the one before refused the statement or never got it.
 */
export function isNotWritten(error: unknown): boolean {
  return typeof error === 'object' && error !== null && notWritten.has(error)
}

function meaningOf(cause: DriverError, { conditional = false }: ErrorContext): Meaning {
  const known = typeof cause.code === 'number' ? byCode.get(cause.code) : undefined
  if (known !== undefined) {
    const meaning = { ...known, ...exceptionTo(cause, conditional) }
    return { ...meaning, detail: `${meaning.detail} (${describeError(cause)})` }
  }
  switch (cause.name) {
    case 'NoHostAvailableError':
      return meaningOfHosts(cause.innerErrors ?? {}, { conditional })
    case 'AuthenticationError':
      return { code: 'AUTHENTICATION', detail: cause.message, refused: true }
    case 'OperationTimedOutError':
      return { code: 'TIMEOUT', detail: `${cause.message} A write may still take effect.` }
    case 'BusyConnectionError':
      return { code: 'RATE_LIMITED', detail: cause.message, refused: true }
    case 'ArgumentError':
      return { code: 'CONFIGURATION', detail: cause.message, refused: true }
  }
  if (isMisconfiguration(cause)) return { code: 'CONFIGURATION', detail: describeError(cause), refused: true }
  if (cause.isSocketError)
    return { code: 'UNAVAILABLE', detail: describeError(cause), refused: cause.requestNotWritten === true }
  return { code: 'KV_FAILED', detail: cause.message }
}

/** What a code means in a case of its own. */
function exceptionTo(cause: DriverError, conditional: boolean): Partial<Meaning> {
  const { code, message } = cause
  // Of a partition, on ScyllaDB: replicas may have written before one refused.
  if (code === CONFIG_ERROR && /rate limit reached/i.test(message)) {
    return { code: 'RATE_LIMITED', detail: 'the rate limit of a partition is reached', refused: false, retryable: true }
  }
  // A matter of set-up, which no other value of the call would mend.
  if (code === INVALID && noTable.test(message)) return { code: 'CONFIGURATION', detail: 'the table does not exist' }
  if (code === INVALID && /not yet supported with tablets/i.test(message)) {
    return {
      code: 'CONFIGURATION',
      detail:
        "this release has no conditional writes with tablets: make the keyspace with tablets = {'enabled': false}",
    }
  }
  // What was decided at a serial level is then committed at that of writes, which can fail by itself.
  if (conditional && code === UNAVAILABLE && !serialLevels.includes(cause.consistencies)) {
    return {
      code: 'TIMEOUT',
      detail: 'too few replicas are alive to commit it, and it may take effect',
      refused: false,
    }
  }
  return {}
}

/** No node took the statement: each was not reached, or refused it. */
function meaningOfHosts(innerErrors: Readonly<Record<string, unknown>>, context: ErrorContext): Meaning {
  const inner = Object.entries(innerErrors)
  const errors = inner.map(([, error]) => (error ?? {}) as DriverError)
  const detail = inner.map(([host, error]) => `${host}: ${describeError(error)}`).join('; ')
  const isAuthentication = errors.some(({ name, code }) => name === 'AuthenticationError' || code === 0x0100)
  if (isAuthentication) return { code: 'AUTHENTICATION', detail, refused: true }
  const isWrong = errors.length > 0 && errors.every(isMisconfiguration)
  if (isWrong || errors.some(({ name }) => name === 'ArgumentError')) {
    return { code: 'CONFIGURATION', detail, refused: true }
  }
  const answered = errors.filter(({ code }) => typeof code === 'number').map((error) => meaningOf(error, context))
  // The driver asks another node after an answer that is no refusal for us.
  const open = answered.find(({ refused }) => refused !== true)
  if (open !== undefined) return { ...open, detail }
  return { code: 'UNAVAILABLE', detail: detail || 'no node is known to be up', refused: true }
}

/** Whether a connection fails for a reason that only the options or the server's set-up can mend. */
export function isMisconfiguration(error: unknown): boolean {
  const { code, innerError } = (error ?? {}) as DriverError
  if (typeof code === 'string' && (tlsCode.test(code) || code === 'ERR_SOCKET_BAD_PORT')) return true
  return innerError !== undefined && isMisconfiguration(innerError)
}

/** The message of an error and of what it was caused by, each cut to 300 characters. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { innerError } = error as DriverError
  const own = error instanceof AggregateError && error.message === '' ? error.errors.map(describeError).join(', ') : ''
  const message = (own || error.message).slice(0, 300)
  return innerError === undefined ? message : `${message} (${describeError(innerError)})`
}

/** Whether a statement failed as it could not be prepared again; the driver does not tell why. */
export function isUnprepared(error: unknown): boolean {
  const { innerErrors = {} } = (error ?? {}) as DriverError
  return Object.values(innerErrors).some((inner) => (inner as DriverError | undefined)?.code === UNPREPARED)
}

/** Waits for a promise of the driver, which cannot be interrupted, at most until the signal fires. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(aborted(signal))
    const stopListening = onAbort(signal, () => reject(aborted(signal)))
    promise.then(resolve, reject).finally(stopListening)
  })
}
