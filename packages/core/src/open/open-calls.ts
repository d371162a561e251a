import type { StoreError } from '../errors.js'

/** Calls of the store's methods that are under way: none is left unsettled when the store is closed. */
export class OpenCalls {
  readonly #open = new Set<(error: StoreError) => void>()

  /** Settles as the call does, or is refused with the store. */
  track<T>(call: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#open.add(reject)
      const leave = (): void => void this.#open.delete(reject)
      call.then(resolve, reject).finally(leave)
    })
  }

  /** Refuses all that is under way. */
  refuse(error: StoreError): void {
    for (const reject of this.#open) reject(error)
    this.#open.clear()
  }
}
