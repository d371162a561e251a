import { refId } from '../document/namespace.js'
import { StoreError } from '../errors.js'
import type { CallOptions } from '../ports/common.js'
import type { KVBackend, KVCollection } from '../ports/kv-backend.js'
import { IntentLog } from './intent-log.js'
import { listNamespaces, listRows } from './kv-listing.js'
import {
  type CollectionData,
  deleteExpiredRows,
  deleteRow,
  deleteUnder,
  newCollection,
  putRow,
  touchRow,
} from './kv-rows.js'

export interface MemoryKVOptions {
  /** Milliseconds since the Unix epoch; decides what has expired and how old a deletion is. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** How long a deletion is remembered: the three hours that a late write may take. */
const DELETION_MEMORY_MS = 3 * 60 * 60 * 1000

/**
 * A KVBackend that keeps everything in this object, for tests, examples and as the reference for other adapters. Its
 * collections outlive their handles: what was closed is found again when it is opened again on the same object.
 */
export function memoryKV(options: MemoryKVOptions = {}): KVBackend {
  const now = options.now ?? Date.now
  const collections = new Map<string, CollectionData>()
  return {
    name: 'memory',
    capabilities: {
      conditionalWrites: true,
      nativeExpiry: false,
      deletionMemoryMs: DELETION_MEMORY_MS,
      keepsCreatedAt: true,
      intentsWithWrites: false,
    },
    limits: { maxBatchSize: 1000, maxBatchBytes: 64 * 1024 * 1024, maxConcurrency: 16 },
    async open(collection, callOptions) {
      callOptions?.signal?.throwIfAborted()
      let data = collections.get(collection)
      if (data === undefined) {
        data = newCollection()
        collections.set(collection, data)
      }
      return openCollection(data, now)
    },
  }
}

function openCollection(data: CollectionData, now: () => number): KVCollection {
  let closed = false
  const check = (options: CallOptions | undefined): void => {
    if (closed) throw new StoreError('CLOSED', 'The collection has been closed')
    options?.signal?.throwIfAborted()
  }
  return {
    async get(refs, options) {
      check(options)
      return refs.map((ref) => data.rows.get(refId(ref)))
    },
    async put(writes, options) {
      check(options)
      const at = now()
      return writes.map((write) => putRow(data, write, at))
    },
    async delete(deletes, options) {
      check(options)
      const at = now()
      return deletes.map((each) => deleteRow(data, each, at))
    },
    async deletePrefix(prefix, version, options) {
      check(options)
      return deleteUnder(data, prefix, version, now())
    },
    async touch(touches, options) {
      check(options)
      return touches.map((each) => touchRow(data, each))
    },
    async list(query, options) {
      check(options)
      return listRows(data, query)
    },
    async namespaces(query, options) {
      check(options)
      return listNamespaces(data, query)
    },
    async deleteExpired({ before, limit }, options) {
      check(options)
      return deleteExpiredRows(data, before, limit, now(), DELETION_MEMORY_MS)
    },
    async addIntents(intents, options) {
      check(options)
      for (const intent of intents) {
        let ofSpace = data.intents.get(intent.space)
        if (ofSpace === undefined) {
          ofSpace = new IntentLog()
          data.intents.set(intent.space, ofSpace)
        }
        ofSpace.add(intent)
      }
    },
    async removeIntents(intents, options) {
      check(options)
      for (const intent of intents) data.intents.get(intent.space)?.remove(intent)
    },
    async listIntents({ space, cursor, limit }, options) {
      check(options)
      return data.intents.get(space)?.list(cursor, limit) ?? { intents: [] }
    },
    async putLease(lease, options) {
      check(options)
      if (lease.expiresAt === 0) data.leases.delete(lease.writer)
      else data.leases.set(lease.writer, lease)
    },
    async leases(options) {
      check(options)
      return [...data.leases.values()]
    },
    async putSpace(space, options) {
      check(options)
      data.spaces.set(space.name, space)
    },
    async deleteSpace(name, options) {
      check(options)
      data.spaces.delete(name)
    },
    async spaces(options) {
      check(options)
      return [...data.spaces.values()]
    },
    async clock(options) {
      check(options)
      return { now: now(), latest: data.latest }
    },
    async ping(options) {
      check(options)
    },
    async close() {
      closed = true
    },
  }
}
