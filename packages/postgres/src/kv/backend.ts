import {
  type CallOptions,
  type Intent,
  type KVBackend,
  type KVCollection,
  type Lease,
  type SpaceRecord,
  StoreError,
} from '@tandemstore/core/adapter'
import type { Connection, Row } from '../connection.js'
import { decodeNamespace, encodeNamespace, prefixEnd } from '../names.js'
import { DELETION_MEMORY_MS } from './deletion-memory.js'
import { fromCursor, packIntent, toCursor, toIntent } from './intents.js'
import { packDelete, packPut, toDocument, toOutcome, toRef } from './rows.js'
import { kvSql } from './sql.js'

/** Rows that one statement deletes, so that none holds its locks for long. */
const DELETE_STEP = 2000
/** A page of rows ends early at so many bytes of values. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024

export function createKVBackend(connection: Connection, schema: string): KVBackend {
  return {
    name: 'postgres',
    capabilities: {
      conditionalWrites: true,
      nativeExpiry: false,
      deletionMemoryMs: DELETION_MEMORY_MS,
      keepsCreatedAt: true,
      intentsWithWrites: true,
    },
    limits: { maxBatchSize: 1000, maxBatchBytes: 4 * 1024 * 1024, maxConcurrency: 10 },
    async open(collection, options) {
      const about = { failed: 'KV_FAILED', what: 'open a collection', signal: options?.signal } as const
      await connection.open('kv', about)
      try {
        const sql = kvSql(schema)
        await connection.run(sql.addCollection, [collection], about)
        const [row] = await connection.run(sql.collection, [collection], about)
        return openCollection(connection, sql, Number(row?.id))
      } catch (error) {
        await connection.release('KV_FAILED')
        throw error
      }
    },
  }
}

type Run = (
  what: string,
  sql: string,
  values: readonly unknown[],
  options: CallOptions | undefined,
) => Promise<readonly Row[]>

function openCollection(connection: Connection, sql: ReturnType<typeof kvSql>, collection: number): KVCollection {
  let closed = false
  const check = (options: CallOptions | undefined): void => {
    if (closed) throw new StoreError('CLOSED', 'The collection has been closed')
    options?.signal?.throwIfAborted()
  }
  const run: Run = async (what, text, values, options) => {
    check(options)
    return connection.run(text, [collection, ...values], { failed: 'KV_FAILED', what, signal: options?.signal })
  }
  const write = async (
    what: string,
    writes: readonly object[],
    intents: readonly object[],
    options: CallOptions | undefined,
  ) => {
    const values = [JSON.stringify(writes), intents.length === 0 ? null : JSON.stringify(intents)]
    const rows = await run(what, sql.write, values, options)
    return inOrder(rows, writes.length).map((row) => toOutcome(row as Row))
  }
  return {
    async get(refs, options) {
      check(options)
      if (refs.length === 0) return []
      const rows = await run('read documents', sql.get, [JSON.stringify(refs.map(packRef))], options)
      return inOrder(rows, refs.length).map((row) => row && toDocument(row))
    },
    async put(writes, options) {
      check(options)
      if (writes.length === 0) return []
      return write('put documents', writes.map(packPut), intentsOf(writes), options)
    },
    async delete(deletes, options) {
      check(options)
      if (deletes.length === 0) return []
      return write('delete documents', deletes.map(packDelete), intentsOf(deletes), options)
    },
    async deletePrefix(prefix, version, options) {
      const begin = encodeNamespace(prefix)
      await run('delete a prefix', sql.rememberPrefix, [begin, version], options)
      let deleted = 0
      for (;;) {
        const step = [begin, prefixEnd(begin), version, DELETE_STEP]
        const [row] = await run('delete a prefix', sql.deleteStep, step, options)
        const gone = Number(row?.gone)
        deleted += gone
        if (gone < DELETE_STEP) return deleted
      }
    },
    async touch(touches, options) {
      check(options)
      if (touches.length === 0) return []
      const packed = touches.map((touch, place) => ({
        ...packRef(touch, place),
        version: touch.version,
        expires_at: touch.expiresAt,
      }))
      const rows = await run('move expiries', sql.touch, [JSON.stringify(packed)], options)
      return inOrder(rows, touches.length).map((row) => row && toDocument(row))
    },
    async list({ prefix, after, limit }, options) {
      const begin = encodeNamespace(prefix)
      const from = after && encodeNamespace(after.namespace)
      // A key is never empty, so that (prefix, '') comes before every row under the prefix.
      const start = from !== undefined && compareEncoded(from, begin) >= 0 ? [from, after?.key] : [begin, '']
      const values = [...start, prefixEnd(begin), limit + 1, MAX_PAGE_BYTES]
      const found = await run('list documents', sql.list, values, options)
      const page = found.slice(0, limit)
      const rows = page.map(toDocument)
      const last = page.at(-1)
      return last !== undefined && page.length < Number(last.total) ? { rows, next: toRef(last) } : { rows }
    },
    async namespaces({ prefix, maxDepth, after, limit, now }, options) {
      const begin = encodeNamespace(prefix)
      let from = begin
      if (after !== undefined) {
        const cut = encodeNamespace(after.slice(0, maxDepth))
        const behind = maxDepth !== undefined && after.length >= maxDepth ? prefixEnd(cut) : `${cut}\u0001`
        if (compareEncoded(behind, begin) > 0) from = behind
      }
      const values = [from, prefixEnd(begin), maxDepth ?? null, now, limit + 1]
      const rows = await run('list namespaces', sql.namespaces, values, options)
      const all = rows.map((row) => decodeNamespace(row.namespace as string))
      const namespaces = all.slice(0, limit)
      const next = namespaces.at(-1)
      return all.length > limit && next !== undefined ? { namespaces, next } : { namespaces }
    },
    async deleteExpired({ before, limit }, options) {
      const [row] = await run('delete what has expired', sql.deleteExpired, [before, limit], options)
      return Number(row?.gone)
    },
    async addIntents(intents, options) {
      check(options)
      if (intents.length > 0)
        await run('add intents', sql.addIntents, [JSON.stringify(intents.map(packIntent))], options)
    },
    async removeIntents(intents, options) {
      check(options)
      if (intents.length > 0)
        await run('remove intents', sql.removeIntents, [JSON.stringify(intents.map(packIntent))], options)
    },
    async listIntents({ space, cursor, limit }, options) {
      const after = cursor === undefined ? ['', ''] : fromCursor(cursor)
      const rows = await run('list intents', sql.listIntents, [space, ...after, limit + 1], options)
      const page = rows.slice(0, limit)
      const intents = page.map((row) => toIntent(row, space))
      const last = page.at(-1)
      return rows.length > limit && last !== undefined ? { intents, cursor: toCursor(last) } : { intents }
    },
    async putLease({ writer, expiresAt, spaces = [] }, options) {
      if (expiresAt === 0) await run('end a lease', sql.deleteLease, [writer], options)
      else await run('renew a lease', sql.putLease, [writer, expiresAt, JSON.stringify(spaces)], options)
    },
    async leases(options) {
      return (await run('read leases', sql.leases, [], options)).map(toLease)
    },
    async putSpace(space, options) {
      await run('record a space', sql.putSpace, [space.name, JSON.stringify(space)], options)
    },
    async deleteSpace(name, options) {
      await run('forget a space', sql.deleteSpace, [name], options)
    },
    async spaces(options) {
      const rows = await run('read the spaces', sql.spaces, [], options)
      return rows.map((row) => JSON.parse(row.record as string) as SpaceRecord)
    },
    async clock(options) {
      const [row] = await run('tell the time', sql.clock, [], options)
      return { now: Number(row?.now) }
    },
    async ping(options) {
      await run('answer', sql.clock, [], options)
    },
    async close() {
      if (closed) return
      closed = true
      await connection.release('KV_FAILED')
    },
  }
}

function packRef({ namespace, key }: { readonly namespace: readonly string[]; readonly key: string }, place: number) {
  return { place, namespace: encodeNamespace(namespace), key }
}

function intentsOf(writes: readonly { readonly intents?: readonly Intent[] | undefined }[]): object[] {
  return writes.flatMap(({ intents = [] }, place) => intents.map((intent) => packIntent(intent, place)))
}

/** Rows by their `place`. */
function inOrder(rows: readonly Row[], length: number): (Row | undefined)[] {
  const ordered = new Array<Row | undefined>(length).fill(undefined)
  for (const row of rows) ordered[Number(row.place)] = row
  return ordered
}

/** Compares in the order of COLLATE "C". */
function compareEncoded(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function toLease(row: Row): Lease {
  const spaces = JSON.parse(row.spaces as string) as string[]
  const lease = { writer: row.writer as string, expiresAt: Number(row.expires_at) }
  return spaces.length === 0 ? lease : { ...lease, spaces }
}
