/** Makes one more handle of a shared resource. The handle calls `release` when it is closed; more than once is fine. */
export type Hold<T> = <H>(make: (resource: T, release: () => Promise<void>) => Promise<H>) => Promise<H>

/** A resource that is opened for the first handle and closed after the last. What failed to open is opened anew. */
export function shared<T>(open: () => Promise<T>, close: (resource: T) => Promise<void>): Hold<T> {
  let handles = 0
  let resource: Promise<T> | undefined
  const giveBack = async (held: Promise<T>) => {
    handles -= 1
    if (handles > 0) return
    resource = undefined
    await close(await held)
  }
  return async (make) => {
    resource ??= open()
    const held = resource
    handles += 1
    let released = false
    const release = async () => {
      if (released) return
      released = true
      await giveBack(held)
    }
    try {
      return await make(await held, release)
    } catch (error) {
      // Whatever closing says then is the consequence of this error.
      await release().catch(() => undefined)
      throw error
    }
  }
}
