import { type CallOptions, type Intent, invalid, type KVCollection, versionWriter } from '@tandemstore/core/adapter'
import { groupByPartition } from './group-by-partition.js'
import type { PartitionRegistration } from './intent-partitions.js'
import { type IntentParts, makeMinuteCleanup } from './minute-cleanup.js'
import { occupiedPartitions } from './occupied-partitions.js'
import { makeRecentPartitions } from './recent-partitions.js'
import { mapWindow } from './rolling-window.js'
import type { Session, Statement, StatementOptions } from './session.js'
import { minuteOf, type ShardPosition, shardPositionOf } from './sharded-intents.js'

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
type Position = { readonly shard: ShardPosition } | { readonly place: PartitionRegistration; readonly key: string }

/** Intents that go along with the writes that they are about. */
export interface CoLocatedWrite {
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
  along(intents: readonly Intent[], options: CallOptions): Promise<CoLocatedWrite | undefined>
  /** Unregisters what this process need not be looked for any more. */
  close(): Promise<void>
}

/**
 * Intents lie in partitions of the minute of their version, or beside their documents; the minutes and those places are registered. A minute that is over
 * and empty is not looked at again, so that nobody has to read through the tombstones of what was done long ago.
 */
export function makeIntents(session: Session, parts: IntentParts): Intents {
  const { minutes, shards, places, coLocated } = parts
  /** Of the intents that this process wrote. Of others it is not known: one that came late may be in both. */
  const whereabouts = new WeakMap<Intent, Whereabouts>()
  const recent = makeRecentPartitions()
  const cleanup = makeMinuteCleanup(parts)

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
  const coLocatedPartitionOf = (intent: Intent): string => {
    const { namespace, bucket } = coLocated.placeOf(intent)
    return `beside ${bucket} ${namespace}`
  }
  const removalsOf = (intent: Intent) => {
    const where = intent.kind === 'prefix' ? 'shard' : (whereabouts.get(intent) ?? 'both')
    return [
      ...(where === 'beside' ? [] : [{ partition: shards.partitionOf(intent), statement: shards.remove(intent) }]),
      ...(where === 'shard' ? [] : [{ partition: coLocatedPartitionOf(intent), statement: coLocated.remove(intent) }]),
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
      failed.map((intent) => ({ partition: coLocatedPartitionOf(intent), statement: coLocated.remove(intent) })),
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
    const onRegistration = ({ writer }: PartitionRegistration): void => {
      if (cleanup.mayArrive(minute)) writers.add(writer)
    }
    for await (const place of occupiedPartitions(
      { space, minute },
      start?.place,
      { places, coLocated, onRegistration },
      options,
    )) {
      const isStart = start?.place.bucket === place.bucket && start.place.namespace === place.namespace
      for await (const { intent, key } of coLocated.list(
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
      const place = coLocated.placeOf(first)
      if (!recent.note(`${place.bucket} ${place.namespace}`)) return undefined
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
        statements: intents.map((intent) => coLocated.add(intent)),
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
      if (removed.length > 0) await cleanup.dropOwn(options)
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
        if (found.length === before && from === undefined) await cleanup.drop({ space, minute }, options)
      }
      return { intents: found, ...mayCome(writers) }
    },
    async close() {
      await cleanup.dropOwnPartitions({ what: 'close', signal: AbortSignal.timeout(CLOSE_MS) }).catch(
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
