import { type CallOptions, type Intent, invalid, type KVCollection, versionWriter } from '@tandemstore/core/adapter'
import { groupByPartition } from './group-by-partition.js'
import type { PartitionRegistration } from './intent-partitions.js'
import { type IntentParts, makeMinuteCleanup } from './minute-cleanup.js'
import { occupiedPartitions } from './occupied-partitions.js'
import { makeRecentPartitions } from './recent-partitions.js'
import { mapWindow } from './rolling-window.js'
import type { Session, Statement, StatementOptions } from './session.js'
import { minuteOf, type ShardPosition, shardPositionOf } from './sharded-intents.js'

/** Requests of one call in flight. */
const WINDOW = 64
/** Intents of one partition that share a request. */
const BATCH = { items: 64 }
const CLOSE_MS = 2000
/**
 * Intents of one call that are co-located. With more, the request saved weighs little and their separate removal
 * much.
 */
const MAX_CO_LOCATED = 8

/** Where an intent is stored. `both` if it was written twice, or by another process. */
type Location = 'sharded' | 'co-located' | 'both'

/** Where a reader of intents goes on within a minute. */
type Position =
  | { readonly shard: ShardPosition }
  | { readonly registration: PartitionRegistration; readonly key: string }

/** Intents that are written by the requests of their documents. */
export interface CoLocatedWrite {
  /** One for each intent, for the request of its document. */
  readonly statements: readonly Statement[]
  /**
   * To be called once the writes were answered or given up. `unknown`: the intents of those that may still take
   * effect.
   */
  end(unknown: readonly Intent[]): Promise<void>
}

export interface Intents extends Pick<KVCollection, 'addIntents' | 'removeIntents' | 'listIntents'> {
  /**
   * Prepares intents to be written with their documents, all of one partition. Gives `undefined` where they have to
   * be added before: registering the partition costs a request a minute, which pays only for a partition that is
   * written to again and again.
   */
  coLocate(intents: readonly Intent[], options: CallOptions): Promise<CoLocatedWrite | undefined>
  /** Drops the registrations that nothing needs any more. */
  close(): Promise<void>
}

/**
 * The intent log. Intents are either sharded by the minute of their version, or co-located with their documents.
 * Minutes, and partitions with co-located intents, are registered, so that recovery reads them without a scan. A
 * minute that is over and empty is dropped: nobody reads its tombstones again.
 */
export function makeIntents(session: Session, parts: IntentParts): Intents {
  const { minutes, sharded, partitions, coLocated } = parts
  /** Of intents that this process wrote. */
  const locations = new WeakMap<Intent, Location>()
  const recent = makeRecentPartitions()
  const cleanup = makeMinuteCleanup(parts)

  const note = (intents: readonly Intent[], location: 'sharded' | 'co-located'): void => {
    for (const intent of intents) {
      const before = locations.get(intent)
      locations.set(intent, before === undefined || before === location ? location : 'both')
    }
  }

  const writeAll = async (
    writes: readonly { readonly partition: string; readonly statement: Statement }[],
    options: StatementOptions,
  ): Promise<void> => {
    const groups = groupByPartition(writes, ({ partition }) => partition, BATCH)
    await mapWindow(groups, WINDOW, (group) =>
      session.writePartition(
        group.map(({ statement }) => statement),
        options,
      ),
    )
  }
  const documentPartitionOf = (intent: Intent): string => {
    const { namespace, bucket } = coLocated.partitionOf(intent)
    return `documents ${bucket} ${namespace}`
  }
  const removalsOf = (intent: Intent) => {
    const location = intent.kind === 'prefix' ? 'sharded' : (locations.get(intent) ?? 'both')
    const inShard = { partition: sharded.partitionOf(intent), statement: sharded.remove(intent) }
    const atDocument = { partition: documentPartitionOf(intent), statement: coLocated.remove(intent) }
    if (location === 'both') return [inShard, atDocument]
    return location === 'sharded' ? [inShard] : [atDocument]
  }

  const add = async (added: readonly Intent[], options: StatementOptions): Promise<void> => {
    await minutes.register(
      added.map(({ space, version }) => ({ space, minute: minuteOf(version) })),
      options,
    )
    note(added, 'sharded')
    await writeAll(
      added.map((intent) => ({ partition: sharded.partitionOf(intent), statement: sharded.add(intent) })),
      options,
    )
    // Failures are recorded in the shards, so a co-located intent moves there.
    const failed = added.filter(({ kind, failure }) => kind === 'document' && failure !== undefined)
    await writeAll(
      failed.map((intent) => ({ partition: documentPartitionOf(intent), statement: coLocated.remove(intent) })),
      options,
    )
  }

  /** The intents of a minute. `writers` collects those whose co-located intents may still arrive. */
  async function* intentsOf(
    space: string,
    minute: number,
    { from, limit, writers }: { from: Position | undefined; limit: number; writers: Set<string> },
    options: StatementOptions,
  ): AsyncGenerator<{ readonly intent: Intent; readonly position: Position }> {
    if (from === undefined || 'shard' in from) {
      const merged = sharded.list(space, minute, from?.shard, limit, options)
      for (let next = await merged.next(); next !== undefined; next = await merged.next()) {
        yield { intent: next, position: { shard: shardPositionOf(next) } }
      }
    }
    const start = from === undefined || 'shard' in from ? undefined : from
    const onRegistration = ({ writer }: PartitionRegistration): void => {
      if (cleanup.mayArrive(minute)) writers.add(writer)
    }
    const occupied = occupiedPartitions(
      { space, minute },
      start?.registration,
      { partitions, coLocated, onRegistration },
      options,
    )
    for await (const registration of occupied) {
      const isStart =
        start?.registration.bucket === registration.bucket && start.registration.namespace === registration.namespace
      const after = isStart ? start.key : undefined
      for await (const { intent, key } of coLocated.list(space, minute, registration, after, options)) {
        yield { intent, position: { registration, key } }
      }
    }
  }

  return {
    async coLocate(intents, { signal }) {
      const [first] = intents
      if (first === undefined) return { statements: [], end: async () => {} }
      if (intents.length > MAX_CO_LOCATED) return undefined
      const partition = coLocated.partitionOf(first)
      if (!recent.note(`${partition.bucket} ${partition.namespace}`)) return undefined
      const options = { what: 'write an intent', signal }
      const registrations = intents.map(({ space, version }) => {
        return { ...partition, space, minute: minuteOf(version), writer: versionWriter(version) }
      })
      if (registrations.some((registration) => partitions.isFull(registration))) return undefined
      const [use, registered] = await Promise.allSettled([
        partitions.use(registrations, options),
        minutes.register(registrations, options),
      ])
      if (use.status === 'rejected') throw use.reason
      if (registered.status === 'rejected') {
        use.value.end(false)
        throw registered.reason
      }
      note(intents, 'co-located')
      return {
        statements: intents.map((intent) => coLocated.add(intent)),
        async end(unknown) {
          let isUncertain = false
          try {
            // Recovery has to know of them, whatever became of the writes.
            if (unknown.length > 0) await add(unknown, { what: options.what })
          } catch {
            // The caller gets the failure of the write itself. The registration stays, so that recovery looks for its
            // intent.
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
            return { intents: found, cursor: encodeCursor(minute, position), ...mayArriveFrom(writers) }
        }
        if (found.length === before && from === undefined) await cleanup.drop({ space, minute }, options)
      }
      return { intents: found, ...mayArriveFrom(writers) }
    },
    async close() {
      await cleanup.dropOwnPartitions({ what: 'close', signal: AbortSignal.timeout(CLOSE_MS) }).catch(
        // What stays registered costs recovery some reads, and nothing else.
        () => {},
      )
    },
  }
}

function mayArriveFrom(writers: ReadonlySet<string>): { readonly writers?: readonly string[] } {
  return writers.size === 0 ? {} : { writers: [...writers] }
}

function encodeCursor(minute: number, position: Position): string {
  return Buffer.from(JSON.stringify({ minute, ...position })).toString('base64url')
}

function decodeCursor(cursor: string): { readonly minute: number; readonly position: Position } {
  try {
    const { minute, ...position } = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const isShard = Array.isArray(position.shard) && position.shard.length === 4
    const isPartition = typeof position.key === 'string' && typeof position.registration?.namespace === 'string'
    if (Number.isInteger(minute) && (isShard || isPartition)) return { minute, position }
  } catch {
    // Told below.
  }
  throw invalid('cursor', 'a cursor that listIntents gave')
}
