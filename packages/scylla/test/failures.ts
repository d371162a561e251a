import { StoreError } from '@tandemstore/core/adapter'

/** What a promise rejects with, which has to be a StoreError. */
export async function failureOf(promise: Promise<unknown>): Promise<StoreError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!StoreError.isInstance(error)) throw new Error(`Expected a StoreError, got ${String(error)}`)
  return error
}
