import { type CallOptions, type KVBackend, type KVCollection, StoreError } from '@tandemstore/core/adapter'
import type { Connection, Session } from '../connection.js'
import type { OperationArgs, OperationName, OperationResult } from '../protocol.js'
import { DELETION_MEMORY_MS } from './deletion-memory.js'
import { unpackRow } from './packed-rows.js'
import { packWrites } from './packed-writes.js'

export function createKVBackend(connection: Connection): KVBackend {
  return {
    name: 'sqlite',
    capabilities: {
      conditionalWrites: true,
      nativeExpiry: false,
      deletionMemoryMs: DELETION_MEMORY_MS,
      keepsCreatedAt: true,
      intentsWithWrites: false,
      waitsWhileUnavailable: true,
    },
    limits: { maxBatchSize: 1000, maxBatchBytes: 4 * 1024 * 1024, maxConcurrency: 8 },
    async open(collection, options) {
      const settings = { failed: 'KV_FAILED', signal: options?.signal } as const
      const session = await connection.open(settings)
      try {
        const id = await session.call('kvOpen', { name: collection }, settings)
        return openCollection(session, id)
      } catch (error) {
        await session.release('KV_FAILED')
        throw error
      }
    },
  }
}

function openCollection(session: Session, collection: number): KVCollection {
  let closed = false
  const check = (options: CallOptions | undefined): void => {
    if (closed) throw new StoreError('CLOSED', 'The collection has been closed')
    options?.signal?.throwIfAborted()
  }
  const call = async <K extends OperationName>(
    name: K,
    args: OperationArgs<K>,
    options: CallOptions | undefined,
  ): Promise<OperationResult<K>> => {
    check(options)
    return session.call(name, args, { failed: 'KV_FAILED', signal: options?.signal })
  }
  return {
    async get(refs, options) {
      check(options)
      if (refs.length === 0) return []
      const rows = await call('kvGet', { collection, refs: refs.map(toRef) }, options)
      return rows.map((row, i) => {
        const ref = toRef(refs[i] as (typeof refs)[number])
        return row && { ...ref, ...unpackRow(row, ref) }
      })
    },
    async put(writes, options) {
      check(options)
      if (writes.length === 0) return []
      return call('kvPut', { collection, writes: packWrites(writes), now: Date.now() }, options)
    },
    async delete(deletes, options) {
      check(options)
      if (deletes.length === 0) return []
      return call('kvDelete', { collection, deletes, now: Date.now() }, options)
    },
    async deletePrefix(prefix, version, options) {
      let deleted = 0
      for (;;) {
        const step = await call('kvDeletePrefix', { collection, prefix, version, now: Date.now() }, options)
        deleted += step.deleted
        if (!step.more) return deleted
      }
    },
    async touch(touches, options) {
      check(options)
      if (touches.length === 0) return []
      const rows = await call('kvTouch', { collection, touches }, options)
      return rows.map((row, i) => row && { ...toRef(touches[i] as (typeof touches)[number]), ...row })
    },
    async list(query, options) {
      return call('kvList', { collection, ...query }, options)
    },
    async namespaces(query, options) {
      return call('kvNamespaces', { collection, ...query }, options)
    },
    async deleteExpired(query, options) {
      return call('kvDeleteExpired', { collection, ...query, now: Date.now() }, options)
    },
    async addIntents(intents, options) {
      check(options)
      if (intents.length > 0) await call('kvAddIntents', { collection, intents: JSON.stringify(intents) }, options)
    },
    async removeIntents(intents, options) {
      check(options)
      if (intents.length > 0) await call('kvRemoveIntents', { collection, intents: JSON.stringify(intents) }, options)
    },
    async listIntents(query, options) {
      return call('kvListIntents', { collection, ...query }, options)
    },
    async putLease(lease, options) {
      await call('kvPutLease', { collection, lease }, options)
    },
    async leases(options) {
      return call('kvLeases', { collection }, options)
    },
    async putSpace(space, options) {
      await call('kvPutSpace', { collection, space }, options)
    },
    async deleteSpace(name, options) {
      await call('kvDeleteSpace', { collection, name }, options)
    },
    async spaces(options) {
      return call('kvSpaces', { collection }, options)
    },
    async clock(options) {
      // The database is on this machine, and so is its clock.
      return { latest: await call('kvLatest', { collection }, options), now: Date.now() }
    },
    async ping(options) {
      await call('ping', undefined, options)
    },
    async close() {
      closed = true
      await session.release('KV_FAILED')
    },
  }
}

function toRef({ namespace, key }: { readonly namespace: readonly string[]; readonly key: string }): {
  namespace: readonly string[]
  key: string
} {
  return { namespace, key }
}
