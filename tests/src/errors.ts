import { StoreError, type StoreErrorCode } from '@tandemstore/core'
import { expect } from 'vitest'

/** A call timed out: what it asked for may have happened, or may do so later. Core makes such a call again. */
export const timedOut = (): StoreError => new StoreError('TIMEOUT', 'It timed out')

/** Core does not make a call again that failed like this. */
export const forGood = (): StoreError => new StoreError('INDEX_FAILED', 'It failed for good', { retryable: false })

/** A passing reason. Core makes such a call again, and then tries the whole operation again later. */
export const unavailable = (): StoreError => new StoreError('UNAVAILABLE', 'The index is away')

/** The error of this code that a call rejects with. */
export async function rejection(call: Promise<unknown> | (() => unknown), code: StoreErrorCode): Promise<StoreError> {
  try {
    await (typeof call === 'function' ? call() : call)
  } catch (error) {
    if (!StoreError.isInstance(error)) throw error
    expect(error.code, error.stack).toBe(code)
    return error
  }
  throw new Error(`It did not reject with ${code}`)
}
