import { explainConnectionError, isNetworkError, StoreError, type StoreErrorCode } from '@tandemstore/core/adapter'

/** The fields of an error of the server; all drivers have them. */
interface ServerError {
  readonly code?: unknown
  readonly message?: unknown
}

/** The five characters of an error of the server; `undefined` for any other error. */
function sqlState(error: unknown): string | undefined {
  const code = (error as ServerError | null)?.code
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** What drivers say, without a code, where a connection ended or a pool gave none. */
const CONNECTION_LOST = /connection terminated|connection ended|not queryable|timeout exceeded when trying to connect/i

/**
 * Any error of a driver as a StoreError. `failed` is the code of the port. See
 * https://www.postgresql.org/docs/current/errcodes-appendix.html for the codes.
 */
export async function toPostgresError(
  error: unknown,
  failed: 'KV_FAILED' | 'INDEX_FAILED',
  what: string,
): Promise<StoreError> {
  if (StoreError.isInstance(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  const make = (code: StoreErrorCode, more: { retryable?: boolean; setup?: boolean } = {}): StoreError =>
    new StoreError(code, `Postgres could not ${what}: ${message}`, { cause: error, ...more })
  const state = sqlState(error)
  if (state === undefined) {
    if (CONNECTION_LOST.test(message)) return make('UNAVAILABLE')
    if (isNetworkError(error)) {
      const explained = await explainConnectionError(error, `Postgres, to ${what},`, undefined)
      return explained ?? make('UNAVAILABLE')
    }
    return make(failed)
  }
  // Cancelled by statement_timeout, or by an administrator.
  if (state === '57014') return make('TIMEOUT')
  if (state === '55P03') return make('TIMEOUT')
  // Failed login, and missing privileges.
  if (state.startsWith('28') || state === '42501') return make('AUTHENTICATION')
  // Too many connections, out of memory.
  if (state === '53300' || state === '53200') return make('UNAVAILABLE')
  if (state === '53100') return make(failed, { setup: true, retryable: false })
  // A connection that broke, a server that ends or starts, a rival transaction, a server that has become a replica.
  if (/^(08|57P|40|25006)/.test(state)) return make('UNAVAILABLE')
  // No such database, schema, table or function.
  if (/^(3D000|3F000|42P01|42883|0A000|58P01)$/.test(state)) return make('CONFIGURATION')
  return make(failed)
}
