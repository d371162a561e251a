import { type CallOptions, type KVCollection, StoreError } from '@tandemstore/core/adapter'
import type { Client } from './client.js'
import { toAdapterNameError } from './errors.js'

/**
 * One collection. Each method is one call, or one transaction, of the database; the comments of the port say what it
 * has to do, and the conformance suite checks it. Replace them one by one.
 * @param release gives the connection back.
 */
export async function openCollection(
  client: Client,
  collection: string,
  release: () => Promise<void>,
): Promise<KVCollection> {
  // Here the tables are made: rows, deletions (of one document and of prefixes), intents, leases, spaces.
  const standIn = await client.collection(collection)
  let closed = false
  const call = async <T>(what: string, options: CallOptions | undefined, make: () => Promise<T>): Promise<T> => {
    if (closed) throw new StoreError('CLOSED', `The collection ${collection} has been closed`)
    options?.signal?.throwIfAborted()
    try {
      return await make()
    } catch (error) {
      options?.signal?.throwIfAborted()
      throw toAdapterNameError(error, what)
    }
  }
  return {
    get: (refs, options) => call('read', options, () => standIn.get(refs, options)),
    // Of each write: the condition, then the version of the row that is stored, then deletions.
    put: (writes, options) => call('write', options, () => standIn.put(writes, options)),
    delete: (deletes, options) => call('delete', options, () => standIn.delete(deletes, options)),
    deletePrefix: (prefix, version, options) =>
      call('delete', options, () => standIn.deletePrefix(prefix, version, options)),
    touch: (touches, options) => call('touch', options, () => standIn.touch(touches, options)),
    // In the order of UTF-8 bytes, label by label.
    list: (query, options) => call('list', options, () => standIn.list(query, options)),
    namespaces: (query, options) => call('list namespaces', options, () => standIn.namespaces(query, options)),
    deleteExpired: (query, options) => call('expire', options, () => standIn.deleteExpired(query, options)),

    addIntents: (intents, options) => call('note intents', options, () => standIn.addIntents(intents, options)),
    removeIntents: (intents, options) => call('forget intents', options, () => standIn.removeIntents(intents, options)),
    listIntents: (query, options) => call('list intents', options, () => standIn.listIntents(query, options)),
    putLease: (lease, options) => call('note a lease', options, () => standIn.putLease(lease, options)),
    leases: (options) => call('list leases', options, () => standIn.leases(options)),
    putSpace: (space, options) => call('note a space', options, () => standIn.putSpace(space, options)),
    deleteSpace: (name, options) => call('forget a space', options, () => standIn.deleteSpace(name, options)),
    spaces: (options) => call('list spaces', options, () => standIn.spaces(options)),

    clock: (options) => call('ask for the time', options, () => standIn.clock(options)),
    ping: (options) => call('answer', options, () => standIn.ping(options)),
    async close() {
      if (closed) return
      closed = true
      await release()
    },
  }
}
