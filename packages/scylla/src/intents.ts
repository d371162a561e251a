import { type CallOptions, type Intent, invalid, type KVCollection, versionWriter } from '@tandemstore/core/adapter'
import { type IntentParts, makeDoneMinutes } from './done-minutes.js'
import { filledPlaces } from './filled-places.js'
import type { PlaceRecord } from './intent-places.js'
import { minuteOf, type ShardPosition, shardPositionOf } from './intents-in-shards.js'
import { groupByPartition } from './partitions.js'
import { mapWindow } from './rolling-window.js'
import type { Session, Statement, StatementOptions } from './session.js'
import { makeWrittenLately } from './written-lately.js'

/** Requests of one call that are under way at a time. */
const WINDOW = 64
/** Intents of one partition go together. */
const TOGETHER = { items: 64 }
const CLOSE_MS = 2000
/** Intents that go along with the writes of one call. With more, a second request weighs little, and to remove them beside documents much. */
const MAX_ALONG = 8

/** Where an intent is: in a shard of its minute, or beside its document. Both if it was written twice. */
type Whereabouts = 'shard' | 'beside' | 'both'

/** Where a reader of intents goes on within a minute. */
type Position = { readonly shard: ShardPosition } | { readonly place: PlaceRecord; readonly key: string }

/** Intents that go along with the writes that they are about. */
export interface IntentsAlong {
  /** One for each intent, to go into the request of its write. */
  readonly statements: readonly Statement[]
  /** Has to be called when the writes have been answered, or given up. `unknown`: the intents of those that may still take effect. */
  end(unknown: readonly Intent[]): Promise<void>
}

export interface Intents extends Pick<KVCollection, 'addIntents' | 'removeIntents' | 'listIntents'> {
  /**
   * Lets intents go along with writes into their partition, which is one for all; or gives nothing, where they have to be added before. It pays where
   * one document after the other is written into a partition: what saves each a request costs one a minute.
   */
  along(intents: readonly Intent[], options: CallOptions): Promise<IntentsAlong | undefined>
  /** Unregisters what this process need not be looked for any more. */
  close(): Promise<void>
}

/**
 * Intents lie in partitions of the minute of their version, or beside their documents; the minutes and those places are registered. A minute that is over
 * and empty is not looked at again, so that nobody has to read through the tombstones of what was done long ago.
 */
export function makeIntents(session: Session, parts: IntentParts): Intents {
  const { minutes, shards, places, besides } = parts
  /** Of the intents that this process wrote. Of others it is not known: one that came late may be in both. */
  const whereabouts = new WeakMap<Intent, Whereabouts>()
  const lately = makeWrittenLately()
  const done = makeDoneMinutes(parts)

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

  const add = async (added: readonly Intent[], options: StatementOptions): Promise<void> => {
    await minutes.register(
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
  }

  /** The intents of a minute; `writers` takes those that may still have some beside documents. */
  async function* intentsOf(
    space: string,
    minute: number,
    { from, limit, writers }: { from: Position | undefined; limit: number; writers: Set<string> },
    options: StatementOptions,
  ): AsyncGenerator<{ readonly intent: Intent; readonly position: Position }> {
    if (from === undefined || 'shard' in from) {
      const merged = shards.list(space, minute, from?.shard, limit, options)
      for (let next = await merged.next(); next !== undefined; next = await merged.next()) {
        yield { intent: next, position: { shard: shardPositionOf(next) } }
      }
    }
    const start = from === undefined || 'shard' in from ? undefined : from
    const onPlace = ({ writer }: PlaceRecord): void => {
      if (done.mayArrive(minute)) writers.add(writer)
    }
    for await (const place of filledPlaces({ space, minute }, start?.place, { places, besides, onPlace }, options)) {
      const isStart = start?.place.bucket === place.bucket && start.place.namespace === place.namespace
      for await (const { intent, key } of besides.list(
        space,
        minute,
        place,
        isStart ? start.key : undefined,
        options,
      )) {
        yield { intent, position: { place, key } }
      }
    }
  }

  return {
    async along(intents, { signal }) {
      const [first] = intents
      if (first === undefined) return { statements: [], end: async () => {} }
      if (intents.length > MAX_ALONG) return undefined
      const place = besides.placeOf(first)
      if (!lately.note(`${place.bucket} ${place.namespace}`)) return undefined
      const options = { what: 'write an intent', signal }
      const records = intents.map(({ space, version }) => {
        return { ...place, space, minute: minuteOf(version), writer: versionWriter(version) }
      })
      if (records.some((record) => places.isFull(record))) return undefined
      const [use, registered] = await Promise.allSettled([
        places.use(records, options),
        minutes.register(records, options),
      ])
      if (use.status === 'rejected') throw use.reason
      if (registered.status === 'rejected') {
        use.value.end(false)
        throw registered.reason
      }
      note(intents, 'beside')
      return {
        statements: intents.map((intent) => besides.add(intent)),
        async end(unknown) {
          let isUncertain = false
          try {
            // As if they had been added before: noted whatever becomes of the writes.
            if (unknown.length > 0) await add(unknown, { what: options.what })
          } catch {
            // The write that was not answered has failed already. The place stays registered, so that it is looked for there.
            isUncertain = true
          }
          use.value.end(isUncertain)
        },
      }
    },
    addIntents: (added, { signal } = {}) => add(added, { what: 'write an intent', signal }),
    async removeIntents(removed, { signal } = {}) {
      const options = { what: 'remove an intent', signal }
      await writeAll(removed.flatMap(removalsOf), options)
      if (removed.length > 0) await done.dropOwn(options)
    },
    async listIntents({ space, cursor, limit }, { signal } = {}) {
      const options = { what: 'list intents', signal }
      const start = cursor === undefined ? undefined : decodeCursor(cursor)
      const found: Intent[] = []
      const writers = new Set<string>()
      for await (const minute of minutes.list(space, start?.minute ?? -(2 ** 31), options)) {
        const from = start?.minute === minute ? start.position : undefined
        const before = found.length
        for await (const { intent, position } of intentsOf(space, minute, { from, limit, writers }, options)) {
          found.push(intent)
          if (found.length === limit)
            return { intents: found, cursor: encodeCursor(minute, position), ...mayCome(writers) }
        }
        if (found.length === before && from === undefined) await done.drop({ space, minute }, options)
      }
      return { intents: found, ...mayCome(writers) }
    },
    async close() {
      await done.dropOwnPlaces({ what: 'close', signal: AbortSignal.timeout(CLOSE_MS) }).catch(
        // Whoever recovers looks at them in vain for a while.
        () => {},
      )
    },
  }
}

function mayCome(writers: ReadonlySet<string>): { readonly writers?: readonly string[] } {
  return writers.size === 0 ? {} : { writers: [...writers] }
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
