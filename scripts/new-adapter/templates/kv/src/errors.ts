import { connectionError, StoreError, toStoreError } from '@tandemstore/core/adapter'

/**
 * Any error of the driver as a StoreError: UNAVAILABLE for a connection that failed, KV_FAILED for the rest. Add what
 * the database says of time-outs (TIMEOUT), wrong passwords (AUTHENTICATION) and missing tables (CONFIGURATION).
 */
export function toAdapterNameError(error: unknown, what: string): StoreError {
  if (StoreError.isInstance(error)) return error
  return connectionError(error, 'adapter-name') ?? toStoreError(error, 'KV_FAILED', `adapter-name could not ${what}`)
}
