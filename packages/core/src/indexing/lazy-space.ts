import type { VectorSpace } from '../ports/vector-index.js'

/** A space that is opened by the first call, and again after an opening that failed. */
export function lazySpace(open: () => Promise<VectorSpace>): {
  readonly space: VectorSpace
  /** Closes it if it is open. */
  close(): Promise<void>
} {
  let opening: Promise<VectorSpace> | undefined
  const opened = (): Promise<VectorSpace> => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined
      throw error
    })
    return opening
  }
  const close = async (): Promise<void> => {
    const space = await opening?.catch(() => undefined)
    opening = undefined
    await space?.close()
  }
  const space: VectorSpace = {
    replace: async (documents, options) => (await opened()).replace(documents, options),
    deletePrefix: async (prefix, version, options) => (await opened()).deletePrefix(prefix, version, options),
    deleteExpired: async (before, options) => (await opened()).deleteExpired(before, options),
    get: async (ids, options) => (await opened()).get(ids, options),
    vectors: async (ids, options) => (await opened()).vectors(ids, options),
    query: async (query, options) => (await opened()).query(query, options),
    scan: async (query, options) => (await opened()).scan(query, options),
    count: async (options) => (await opened()).count(options),
    drop: async (options) => {
      await (await opened()).drop(options)
      // Dropping closes the handle.
      opening = undefined
    },
    ping: async (options) => (await opened()).ping(options),
    close,
  }
  return { space, close }
}
