import type { StoreError } from '../errors.js'

const unsaid = new WeakSet<StoreError>()

/** Marks the error of a model that has not said itself, by a StoreError, whose fault it is. Gives the error. */
export function markUnsaid(error: StoreError): StoreError {
  unsaid.add(error)
  return error
}

/** Whether the texts were blamed for want of anything better: the model did not say that they are at fault. */
export function isUnsaid(error: StoreError): boolean {
  return unsaid.has(error)
}
