import { StoreError } from '@tandemstore/core/adapter'
import { expect } from 'vitest'

/** The error that a call rejects with. Fails if it does not reject. */
export async function rejectionOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  return expect.fail('expected the call to reject, and it did not')
}

/** Expects that a call rejects when its signal was aborted before, with the signal's reason or an ABORTED error. */
export async function expectAborted(call: (signal: AbortSignal) => unknown): Promise<void> {
  const signal = AbortSignal.abort(new Error('called off by the suite'))
  const error = await rejectionOf(() => call(signal))
  if (error === signal.reason) return
  expect(StoreError.isInstance(error) && error.code, `rejected with ${String(error)}`).toBe('ABORTED')
}

export async function expectCode(code: string, call: () => unknown): Promise<void> {
  const error = await rejectionOf(call)
  expect(StoreError.isInstance(error) && error.code, `rejected with ${String(error)}`).toBe(code)
}

/** Those of some declared limits that are sensible. */
export function positiveIntegers(limits: object): Record<string, number> {
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => Number.isSafeInteger(limit) && limit > 0))
}
