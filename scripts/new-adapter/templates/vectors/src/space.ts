import { type CallOptions, type SpaceDefinition, StoreError, type VectorSpace } from '@tandemstore/core/adapter'
import type { Client } from './client.js'
import { toAdapterNameError } from './errors.js'

/**
 * One space. Each method is one call, or one transaction, of the database; the comments of the port say what it has to
 * do, and the conformance suite checks it. Replace them one by one.
 * @param release gives the connection back.
 */
export async function openSpace(
  client: Client,
  definition: SpaceDefinition,
  release: () => Promise<void>,
): Promise<VectorSpace> {
  // Here the table is made, with an index for each filterable path, and an existing one is compared: MODEL_MISMATCH.
  const standIn = await client.space(definition)
  let closed = false
  const call = async <T>(what: string, options: CallOptions | undefined, make: () => Promise<T>): Promise<T> => {
    if (closed) throw new StoreError('CLOSED', `The space ${definition.name} has been closed`)
    options?.signal?.throwIfAborted()
    try {
      return await make()
    } catch (error) {
      options?.signal?.throwIfAborted()
      throw toAdapterNameError(error, what)
    }
  }
  const close = async () => {
    if (closed) return
    closed = true
    await release()
  }
  return {
    // Guarded by version, point by point. A point without a vector keeps the one that is stored, or is `missing`.
    replace: (documents, options) => call('write points', options, () => standIn.replace(documents, options)),
    deletePrefix: (prefix, version, options) =>
      call('delete', options, () => standIn.deletePrefix(prefix, version, options)),
    deleteExpired: (before, options) => call('expire', options, () => standIn.deleteExpired(before, options)),
    get: (ids, options) => call('read points', options, () => standIn.get(ids, options)),
    vectors: (ids, options) => call('read vectors', options, () => standIn.vectors(ids, options)),
    // The filter goes into the query, never after it; `matchesFilter` says what it means.
    query: (query, options) => call('search', options, () => standIn.query(query, options)),
    queryTerms: async (query, options) => {
      const search = standIn.queryTerms
      if (search === undefined) throw new StoreError('NOT_SUPPORTED', 'The space has no terms')
      return call('search by terms', options, () => search(query, options))
    },
    scan: (query, options) => call('scan', options, () => standIn.scan(query, options)),
    count: (options) => call('count', options, () => standIn.count(options)),
    async drop(options) {
      await call('drop', options, () => standIn.drop(options))
      await close()
    },
    ping: (options) => call('answer', options, () => standIn.ping(options)),
    close,
  }
}
