import { type CallOptions, type Intent, invalid, type KVCollection } from '@tandemstore/core/adapter'
import { type IntentRegistry, type PlacePosition, REGISTERED_MS } from './intent-registry.js'
import type { IntentsBeside } from './intents-beside.js'
import { type IntentsInShards, minuteOf, type ShardPosition, shardPositionOf } from './intents-in-shards.js'
import { groupByPartition } from './partitions.js'
import { mapWindow } from './rolling-window.js'
import type { Session, Statement, StatementOptions } from './session.js'

/** Requests of one call that are under way at a time. */
const WINDOW = 64
/** Intents of one partition go together. */
const TOGETHER = { items: 64 }
/**
 * What was written within this time before a look is not dropped by it: longer than a registration is relied on, plus a request that
 * takes long, plus clocks that differ.
 */
const DROP_MARGIN_MS = 60_000
/** How often a process looks for minutes of its own to drop. */
const DROP_EVERY_MS = 60_000
/** Partitions that a process remembers as written into lately. */
const REMEMBERED = 100_000

/** Where an intent is: in a shard of its minute, or beside its document. Both if it was written twice. */
type Whereabouts = 'shard' | 'beside' | 'both'

/** Where a reader of intents goes on within a minute. */
type Position = { readonly shard: ShardPosition } | { readonly place: PlacePosition; readonly key: string }

export interface Intents extends Pick<KVCollection, 'addIntents' | 'removeIntents' | 'listIntents'> {
  /**
   * Statements that go with writes into the partition of these intents, one for each; or nothing, where they have to be added before. They pay where one
   * document after the other is written into a partition: what saves a request now costs one in registering the partition, every 30 s.
   */
  beside(intents: readonly Intent[], options: CallOptions): Promise<Statement[] | undefined>
}

/**
 * Intents lie in partitions of the minute of their version, or beside their documents; the minutes and those places are registered. A minute that is over
 * and empty is not looked at again, so that nobody has to read through the tombstones of what was done long ago.
 */
export function makeIntents(
  session: Session,
  {
    registry,
    shards,
    besides,
  }: { readonly registry: IntentRegistry; readonly shards: IntentsInShards; readonly besides: IntentsBeside },
): Intents {
  /** Of the intents that this process wrote or read. Of another object, or none, it is not known. */
  const whereabouts = new WeakMap<Intent, Whereabouts>()
  const written = makeLatelyWritten()
  let lookedAt = Date.now()

  const note = (intents: readonly Intent[], where: 'shard' | 'beside'): void => {
    for (const intent of intents) {
      const before = whereabouts.get(intent)
      whereabouts.set(intent, before === undefined || before === where ? where : 'both')
    }
  }

  const writeAll = async (
    writes: readonly { readonly partition: string; readonly statement: Statement }[],
    options: StatementOptions,
  ): Promise<void> => {
    const groups = groupByPartition(writes, ({ partition }) => partition, TOGETHER)
    await mapWindow(groups, WINDOW, (group) =>
      session.writePartition(
        group.map(({ statement }) => statement),
        options,
      ),
    )
  }
  const besidePartition = (intent: Intent): string => {
    const { namespace, bucket } = besides.placeOf(intent)
    return `beside ${bucket} ${namespace}`
  }
  const removalsOf = (intent: Intent) => {
    const where = intent.kind === 'prefix' ? 'shard' : (whereabouts.get(intent) ?? 'both')
    return [
      ...(where === 'beside' ? [] : [{ partition: shards.partitionOf(intent), statement: shards.remove(intent) }]),
      ...(where === 'shard' ? [] : [{ partition: besidePartition(intent), statement: besides.remove(intent) }]),
    ]
  }

  async function* intentsOf(
    space: string,
    minute: number,
    from: Position | undefined,
    limit: number,
    options: StatementOptions,
  ): AsyncGenerator<{ readonly intent: Intent; readonly position: Position }> {
    if (from === undefined || 'shard' in from) {
      const merged = shards.list(space, minute, from?.shard, limit, options)
      for (let next = await merged.next(); next !== undefined; next = await merged.next()) {
        note([next], 'shard')
        yield { intent: next, position: { shard: shardPositionOf(next) } }
      }
    }
    const start = from === undefined || 'shard' in from ? undefined : from
    for await (const place of registry.places(space, minute, start?.place, options)) {
      const after = start !== undefined && isSamePlace(place, start.place) ? start.key : undefined
      for await (const { intent, key } of besides.list(space, minute, place, after, options)) {
        note([intent], 'beside')
        yield { intent, position: { place, key } }
      }
    }
  }

  /** Drops a minute if it is over and nothing is left in it. Gives whether it is gone. */
  const dropIfDone = async (space: string, minute: number, options: StatementOptions): Promise<boolean> => {
    const before = Date.now() - DROP_MARGIN_MS
    if ((minute + 1) * 60_000 > before) return false
    if (!(await shards.isEmpty(space, minute, options))) return false
    let some: PlacePosition[] = []
    const areEmpty = async (): Promise<boolean> => {
      const empty = await mapWindow(some, WINDOW, (place) => besides.isEmpty(space, minute, place, options))
      some = []
      return empty.every(Boolean)
    }
    for await (const place of registry.places(space, minute, undefined, options)) {
      if (some.push(place) === WINDOW && !(await areEmpty())) return false
    }
    if (!(await areEmpty())) return false
    // Only what is older than the margin: an intent that came while we looked, and its registration, are newer.
    const upTo = String(before * 1000)
    await shards.drop(space, minute, upTo, options)
    await registry.unregister(space, minute, upTo, options)
    return true
  }

  const dropOwn = async (options: StatementOptions): Promise<void> => {
    if (Date.now() - lookedAt < DROP_EVERY_MS) return
    lookedAt = Date.now()
    for (const { space, minute, at } of registry.own) {
      const isOver = Date.now() - at > REGISTERED_MS + DROP_MARGIN_MS
      if (isOver && (await dropIfDone(space, minute, options))) registry.forget(space, minute)
    }
  }

  return {
    async beside(intents, { signal }) {
      const [first] = intents
      if (first === undefined) return []
      const place = besides.placeOf(first)
      if (!written.wasBefore(`${place.bucket} ${place.namespace}`)) return undefined
      const registrations = intents.map(({ space, version }) => ({ space, minute: minuteOf(version), place }))
      await registry.register(registrations, { what: 'write an intent', signal })
      note(intents, 'beside')
      return intents.map((intent) => besides.add(intent))
    },
    async addIntents(added, { signal } = {}) {
      const options = { what: 'write an intent', signal }
      await registry.register(
        added.map(({ space, version }) => ({ space, minute: minuteOf(version) })),
        options,
      )
      note(added, 'shard')
      await writeAll(
        added.map((intent) => ({ partition: shards.partitionOf(intent), statement: shards.add(intent) })),
        options,
      )
      // A failure is kept in the shards; the intent that it is about may be beside its document, and is there no longer.
      const failed = added.filter(({ kind, failure }) => kind === 'document' && failure !== undefined)
      await writeAll(
        failed.map((intent) => ({ partition: besidePartition(intent), statement: besides.remove(intent) })),
        options,
      )
    },
    async removeIntents(removed, { signal } = {}) {
      const options = { what: 'remove an intent', signal }
      await writeAll(removed.flatMap(removalsOf), options)
      if (removed.length > 0) await dropOwn(options)
    },
    async listIntents({ space, cursor, limit }, { signal } = {}) {
      const options = { what: 'list intents', signal }
      const start = cursor === undefined ? undefined : decodeCursor(cursor)
      const found: Intent[] = []
      for await (const minute of registry.minutes(space, start?.minute ?? -(2 ** 31), options)) {
        const from = start?.minute === minute ? start.position : undefined
        const before = found.length
        for await (const { intent, position } of intentsOf(space, minute, from, limit, options)) {
          found.push(intent)
          if (found.length === limit) return { intents: found, cursor: encodeCursor(minute, position) }
        }
        if (found.length === before && from === undefined) await dropIfDone(space, minute, options)
      }
      return { intents: found }
    },
  }
}

/** Which partitions were written into in this minute or the one before. */
function makeLatelyWritten(): { wasBefore(partition: string): boolean } {
  let minute = 0
  let current = new Set<string>()
  let last = new Set<string>()
  return {
    /** Whether it was; from now on it was. */
    wasBefore(partition) {
      const now = Math.floor(Date.now() / 60_000)
      if (now !== minute || current.size >= REMEMBERED) {
        last = now - minute > 1 ? new Set() : current
        current = new Set()
        minute = now
      }
      const was = current.has(partition) || last.has(partition)
      current.add(partition)
      return was
    },
  }
}

function isSamePlace(a: PlacePosition, b: PlacePosition): boolean {
  return a.shard === b.shard && a.namespace === b.namespace && a.bucket === b.bucket
}

function encodeCursor(minute: number, position: Position): string {
  return Buffer.from(JSON.stringify({ minute, ...position })).toString('base64url')
}

function decodeCursor(cursor: string): { readonly minute: number; readonly position: Position } {
  try {
    const { minute, ...position } = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const isShard = Array.isArray(position.shard) && position.shard.length === 4
    const isPlace = typeof position.key === 'string' && typeof position.place?.namespace === 'string'
    if (Number.isInteger(minute) && (isShard || isPlace)) return { minute, position }
  } catch {
    // Told below.
  }
  throw invalid('cursor', 'a cursor that listIntents gave')
}
