import {
  compareText,
  decodeNamespace,
  encodeNamespace,
  type Intent,
  invalid,
  type KVCollection,
  refId,
  versionMicros,
} from '@tandemstore/core/adapter'
import { hashText } from './hash.js'
import { mergeSorted } from './merge.js'
import { groupByPartition } from './partitions.js'
import { mapWindow } from './rolling-window.js'
import type { Tables } from './schema.js'
import type { Session, Statement, StatementOptions } from './session.js'
import type { Stamp } from './stamp.js'

/** Partitions that the intents of one minute are spread over. Part of the stored format. */
const SHARDS = 16
/** Requests of one call that are under way at a time. */
const WINDOW = 64
/** Intents of one partition go together. */
const TOGETHER = { items: 64 }
/** How long a process relies on having registered a minute. */
const REGISTERED_MS = 30_000
/**
 * What was written within this time before a look is not dropped by it: longer than a registration is relied on, plus a request that
 * takes long, plus clocks that differ.
 */
const DROP_MARGIN_MS = 60_000
/** How often a process looks for minutes of its own to drop. */
const DROP_EVERY_MS = 60_000

/** Where an intent stands within its minute. */
type Place = readonly [version: string, kind: string, namespace: string, key: string]

const FIRST: Place = ['', '', '', '']

/**
 * Intents lie in partitions of a minute (that of their version) and a shard. The minutes are registered; one that is over and empty goes as a
 * whole, by a partition delete, so that nobody has to read through the tombstones of what was done long ago.
 */
export function makeIntents(
  session: Session,
  { intents, minutes }: Tables,
  stamp: Stamp,
): Pick<KVCollection, 'addIntents' | 'removeIntents' | 'listIntents'> {
  const key = 'space = ? AND minute = ? AND shard = ?'
  const statements = {
    register: `INSERT INTO ${minutes} (space, minute) VALUES (?, ?) USING TIMESTAMP ?`,
    minutes: `SELECT minute FROM ${minutes} WHERE space = ? AND minute >= ? LIMIT ?`,
    unregister: `DELETE FROM ${minutes} USING TIMESTAMP ? WHERE space = ? AND minute = ?`,
    add: `INSERT INTO ${intents} (space, minute, shard, version, kind, namespace, "key", failure) VALUES (?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    remove: `DELETE FROM ${intents} USING TIMESTAMP ? WHERE ${key} AND version = ? AND kind = ? AND namespace = ? AND "key" = ?`,
    list: `SELECT version, kind, namespace, "key", failure FROM ${intents} WHERE ${key} AND (version, kind, namespace, "key") >= (?, ?, ?, ?) LIMIT ?`,
    any: `SELECT version FROM ${intents} WHERE ${key} LIMIT ?`,
    drop: `DELETE FROM ${intents} USING TIMESTAMP ? WHERE ${key}`,
  }
  /** The minutes that this process registered, and when. */
  const registered = new Map<string, { readonly space: string; readonly minute: number; at: number }>()
  let lookedAt = Date.now()

  const partitionOf = ({ space, version, namespace, key }: Intent): [string, number, number] => [
    space,
    minuteOf(version),
    hashText(refId({ namespace, key })) % SHARDS,
  ]
  const allShards = Array.from({ length: SHARDS }, (_, shard) => shard)

  const register = async (some: readonly Intent[], options: StatementOptions): Promise<void> => {
    const due = new Map<string, { space: string; minute: number }>()
    for (const { space, version } of some) {
      const minute = minuteOf(version)
      const id = `${minute} ${space}`
      if (Date.now() - (registered.get(id)?.at ?? 0) >= REGISTERED_MS) due.set(id, { space, minute })
    }
    await mapWindow([...due], WINDOW, async ([id, { space, minute }]) => {
      const at = Date.now()
      await session.write(statements.register, [space, minute, stamp()], options)
      registered.set(id, { space, minute, at })
    })
  }

  const writeAll = async (
    some: readonly Intent[],
    options: StatementOptions,
    toStatement: (intent: Intent, partition: ReturnType<typeof partitionOf>) => Statement,
  ): Promise<void> => {
    const writes = some.map((intent) => ({ intent, partition: partitionOf(intent) }))
    const groups = groupByPartition(writes, ({ partition }) => partition.join(' '), TOGETHER)
    await mapWindow(groups, WINDOW, (group) =>
      session.writePartition(
        group.map(({ intent, partition }) => toStatement(intent, partition)),
        options,
      ),
    )
  }

  /** Drops a minute if it is over and nothing is left in it. Gives whether it is gone. */
  const dropIfDone = async (space: string, minute: number, options: StatementOptions): Promise<boolean> => {
    const before = Date.now() - DROP_MARGIN_MS
    if ((minute + 1) * 60_000 > before) return false
    const left = await mapWindow(allShards, SHARDS, (shard) =>
      session.page(statements.any, [space, minute, shard], 1, options),
    )
    if (left.some(({ items }) => items.length > 0)) return false
    // Only what is older than the margin: an intent that came while we looked, and its registration, are newer.
    const at = String(before * 1000)
    await mapWindow(allShards, SHARDS, (shard) => session.write(statements.drop, [at, space, minute, shard], options))
    await session.write(statements.unregister, [at, space, minute], options)
    return true
  }

  const dropOwn = async (options: StatementOptions): Promise<void> => {
    if (Date.now() - lookedAt < DROP_EVERY_MS) return
    lookedAt = Date.now()
    for (const [id, { space, minute, at }] of registered) {
      const isOver = Date.now() - at > REGISTERED_MS + DROP_MARGIN_MS
      if (isOver && (await dropIfDone(space, minute, options))) registered.delete(id)
    }
  }

  /** The minutes of a space from one on, oldest first. */
  const minutesOf = async function* (space: string, from: number, options: StatementOptions): AsyncGenerator<number> {
    for (let start = from; ; ) {
      const { items, end } = await session.page(statements.minutes, [space, start], 500, options)
      for (const { minute } of items) yield Number(minute)
      if (end) return
      start = Number(items.at(-1)?.minute) + 1
    }
  }

  return {
    async addIntents(added, { signal } = {}) {
      const options = { what: 'write an intent', signal }
      await register(added, options)
      await writeAll(added, options, (intent, partition) => {
        const { version, kind, namespace, key, failure } = intent
        const text = failure === undefined ? '' : JSON.stringify(failure)
        const params = [...partition, version, kind, encodeNamespace(namespace), key, text, stamp()]
        return { query: statements.add, params }
      })
    },
    async removeIntents(removed, { signal } = {}) {
      const options = { what: 'remove an intent', signal }
      await writeAll(removed, options, (intent, partition) => {
        const { version, kind, namespace, key } = intent
        const params = [stamp(), ...partition, version, kind, encodeNamespace(namespace), key]
        return { query: statements.remove, params }
      })
      if (removed.length > 0) await dropOwn(options)
    },
    async listIntents({ space, cursor, limit }, { signal } = {}) {
      const options = { what: 'list intents', signal }
      const start = cursor === undefined ? undefined : decodeCursor(cursor)
      const found: Intent[] = []
      for await (const minute of minutesOf(space, start?.minute ?? -(2 ** 31), options)) {
        const from = start?.minute === minute ? behind(start.place) : FIRST
        const merged = mergeSorted<Intent, Place>({
          sources: SHARDS,
          from,
          fetch: async (shard, place) => {
            const pageSize = Math.ceil((2 * limit) / SHARDS) + 1
            const page = await session.page(statements.list, [space, minute, shard, ...place], pageSize, options)
            return { items: page.items.map((row) => toIntent(space, row)), end: page.end }
          },
          placeOf,
          compare: comparePlaces,
          behind,
        })
        const before = found.length
        for (let next = await merged.next(); next !== undefined; next = await merged.next()) {
          found.push(next)
          if (found.length === limit) return { intents: found, cursor: encodeCursor(minute, placeOf(next)) }
        }
        if (found.length === before && from === FIRST) await dropIfDone(space, minute, options)
      }
      return { intents: found }
    },
  }
}

function minuteOf(version: string): number {
  return Math.floor(versionMicros(version) / 60_000_000)
}

function placeOf({ version, kind, namespace, key }: Intent): Place {
  return [version, kind, encodeNamespace(namespace), key]
}

function comparePlaces(a: Place, b: Place): number {
  for (const [i, text] of a.entries()) {
    const order = compareText(text, b[i] as string)
    if (order !== 0) return order
  }
  return 0
}

function behind([version, kind, namespace, key]: Place): Place {
  return [version, kind, namespace, `${key}\0`]
}

function toIntent(space: string, row: { readonly [column: string]: unknown }): Intent {
  const { version, kind, namespace, key, failure } = row
  return {
    kind: kind === 'prefix' ? 'prefix' : 'document',
    namespace: decodeNamespace(String(namespace)),
    key: String(key),
    version: String(version),
    space,
    ...(failure ? { failure: JSON.parse(String(failure)) as NonNullable<Intent['failure']> } : {}),
  }
}

function encodeCursor(minute: number, place: Place): string {
  return Buffer.from(JSON.stringify([minute, place])).toString('base64url')
}

function decodeCursor(cursor: string): { readonly minute: number; readonly place: Place } {
  try {
    const [minute, place] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [number, Place]
    if (Number.isInteger(minute) && place.length === 4) return { minute, place }
  } catch {
    // Told below.
  }
  throw invalid('cursor', 'a cursor that listIntents gave')
}
