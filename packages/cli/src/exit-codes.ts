import { StoreError } from '@tandemstore/core'

/** What `tandem` ends with. After Ctrl-C it is 130, as a shell has it. */
export const exitCodes = {
  ok: 0,
  /** Something failed: a database that does not answer, a document that could not be written. */
  error: 1,
  /** A flag, the configuration file or the place of the store is wrong. */
  usage: 2,
  /** What was asked for is not so: no such document, drift that is left, a store that is not healthy. */
  not: 3,
  interrupted: 130,
} as const

const usageCodes: readonly string[] = ['CONFIGURATION', 'INVALID_ARGUMENT', 'MODEL_MISMATCH', 'NOT_SUPPORTED']

export function exitCodeOf(error: unknown): number {
  return StoreError.isInstance(error) && usageCodes.includes(error.code) ? exitCodes.usage : exitCodes.error
}

/** What a user mends in flags and configuration. */
export function wrongUsage(message: string, cause?: unknown): StoreError {
  return new StoreError('CONFIGURATION', message, cause === undefined ? {} : { cause })
}
