import { aborted, onAbort, StoreError, type StoreErrorCode } from '@tandemstore/core/adapter'

/** The fields of the driver's errors that are read. They are told apart by name and code, as the driver may be another copy. */
interface DriverError extends Error {
  /** Of a ResponseError: the code of the native protocol (native_protocol_v4.spec, section 9). */
  readonly code?: number | string
  readonly innerErrors?: Readonly<Record<string, unknown>>
  readonly isSocketError?: boolean
  readonly requestNotWritten?: boolean
}

/** What a code of the native protocol means. `refused`: the coordinator answered before it did anything. */
const byCode: ReadonlyMap<number, { code: StoreErrorCode; detail: string; refused?: true }> = new Map([
  [0x0100, { code: 'AUTHENTICATION', detail: 'the credentials were refused', refused: true }],
  [0x1000, { code: 'UNAVAILABLE', detail: 'too few replicas are alive', refused: true }],
  [0x1001, { code: 'RATE_LIMITED', detail: 'the node is overloaded' }],
  [0x1002, { code: 'UNAVAILABLE', detail: 'the node is still starting', refused: true }],
  [0x1100, { code: 'TIMEOUT', detail: 'too few replicas answered in time, and it may still take effect' }],
  [0x1200, { code: 'TIMEOUT', detail: 'too few replicas answered in time' }],
  [0x1300, { code: 'KV_FAILED', detail: 'a replica failed to read' }],
  [0x1500, { code: 'KV_FAILED', detail: 'a replica failed to write, and it may still take effect' }],
  [0x1700, { code: 'TIMEOUT', detail: 'the outcome of a conditional write is unknown' }],
  [0x2000, { code: 'KV_FAILED', detail: 'a syntax error', refused: true }],
  [0x2100, { code: 'AUTHENTICATION', detail: 'this role may not do that', refused: true }],
  [0x2200, { code: 'KV_FAILED', detail: 'the request is invalid', refused: true }],
  [0x2300, { code: 'CONFIGURATION', detail: 'the configuration is refused', refused: true }],
])

/** Any error of the driver as a StoreError. `what` completes "could not …". */
export function toScyllaError(error: unknown, what: string): StoreError {
  if (StoreError.isInstance(error)) return error
  const cause = (error instanceof Error ? error : new Error(String(error))) as DriverError
  const make = (code: StoreErrorCode, detail: string, retryable?: boolean): StoreError =>
    new StoreError(code, `ScyllaDB/Cassandra could not ${what}: ${detail}`, { cause: error, retryable })

  const known = typeof cause.code === 'number' ? byCode.get(cause.code) : undefined
  if (known !== undefined) {
    // A table that is not there (any more) is a matter of set-up, which no other value of the call would mend.
    const noTable = cause.code === 0x2200 && /unconfigured table|keyspace .* does not exist/i.test(cause.message)
    return make(noTable ? 'CONFIGURATION' : known.code, `${known.detail} (${cause.message})`)
  }
  switch (cause.name) {
    case 'NoHostAvailableError': {
      const inner = Object.entries(cause.innerErrors ?? {})
      const detail =
        inner.map(([host, each]) => `${host}: ${messageOf(each)}`).join('; ') || 'no node is known to be up'
      if (inner.some(([, each]) => isAuthentication(each))) return make('AUTHENTICATION', detail)
      const isMisconfigured = inner.some(([, each]) => (each as DriverError).name === 'ArgumentError')
      return make(isMisconfigured ? 'CONFIGURATION' : 'UNAVAILABLE', detail)
    }
    case 'AuthenticationError':
      return make('AUTHENTICATION', cause.message)
    case 'OperationTimedOutError':
      return make('TIMEOUT', `${cause.message} A write may still take effect.`)
    case 'BusyConnectionError':
      return make('RATE_LIMITED', cause.message)
    case 'ArgumentError':
      return make('CONFIGURATION', cause.message)
  }
  if (cause.isSocketError) return make('UNAVAILABLE', cause.message)
  return make('KV_FAILED', cause.message)
}

/**
 * Whether a write is certain to have had no effect. This holds for statements that the driver does not repeat (not marked idempotent):
 * it then goes to another node only if the one before refused the statement or never got it.
 */
export function isNotWritten(error: unknown): boolean {
  const cause = (StoreError.isInstance(error) ? error.cause : error) as DriverError | undefined
  if (!(cause instanceof Error)) return false
  if (typeof cause.code === 'number') return byCode.get(cause.code)?.refused === true
  if (cause.isSocketError) return cause.requestNotWritten === true
  return ['NoHostAvailableError', 'AuthenticationError', 'BusyConnectionError', 'ArgumentError'].includes(cause.name)
}

function isAuthentication(error: unknown): boolean {
  const { name, code } = (error ?? {}) as DriverError
  return name === 'AuthenticationError' || code === 0x0100
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
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
