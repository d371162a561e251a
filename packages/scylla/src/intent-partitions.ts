import { untilAborted } from './errors.js'
import { hashText } from './hash.js'
import type { IntentMinute } from './intent-minutes.js'
import { mapWindow } from './rolling-window.js'
import type { Session, StatementOptions } from './session.js'
import type { Stamp } from './stamp.js'
import type { Tables } from './tables.js'

/** Partitions that the places of one minute are spread over. Part of the stored format. */
const SHARDS = 16
/** Requests of one call that are under way at a time. */
const WINDOW = 64
const PAGE = 500
/**
 * Intents that a writer puts into one place in a minute. Each leaves a tombstone there, and who looks for intents reads those of a minute: Cassandra warns of a
 * read that meets 1,000, and refuses one that meets 100,000 (`tombstone_failure_threshold`).
 */
const MAX_INTENTS = 2000
/** How long a process remembers places that it does not drop, minutes. */
const KEPT_MINUTES = 180
/** Places that it remembers at most, but for those in use; it forgets the oldest. */
const MAX_KEPT = 100_000

/** A partition of the documents. */
export interface Place {
  readonly namespace: string
  readonly bucket: number
}

/** That a writer's intents of one minute may lie in a place. */
export interface PartitionRegistration extends IntentMinute, Place {
  readonly writer: string
}

/** A place that this process has registered. */
interface OwnPartition {
  readonly record: PartitionRegistration
  readonly registered: Promise<void>
  /** Writes into it whose outcome is not known yet. */
  uses: number
  /** Intents that were put there. */
  intents: number
  /** Whether something may still arrive there that is noted nowhere else. */
  isUncertain: boolean
}

/** Some places that intents are being written into. */
export interface PartitionUse {
  /** `isUncertain`: something may still arrive. */
  end(isUncertain: boolean): void
}

/**
 * Beside which documents intents may lie. A writer registers a place before its first write there, and unregisters it when all its writes have been answered and none of its
 * intents is left. One that dies leaves it, so that what was on its way is looked for as long as it can arrive.
 */
export interface IntentPartitions {
  /** Whether a place takes no more intents of this process. */
  isFull(record: PartitionRegistration): boolean
  /** Registers the places of intents, one for each intent, where they are not registered yet, and keeps them so at least until `end` of what it gives is called. */
  use(records: readonly PartitionRegistration[], options: StatementOptions): Promise<PartitionUse>
  /** The places of a minute from one on (inclusive), each once for each of its writers, one after the other. */
  list(
    minute: IntentMinute,
    from: PartitionRegistration | undefined,
    options: StatementOptions,
  ): AsyncGenerator<PartitionRegistration>
  /** Unregisters what this process has registered for minutes up to one, does not use, and finds to be empty. */
  dropOwn(
    upToMinute: number,
    isEmpty: (record: PartitionRegistration) => Promise<boolean>,
    options: StatementOptions,
  ): Promise<void>
  /** Unregisters all places of a minute, whoever registered them, as far as that was up to a time, in microseconds. */
  dropAll(minute: IntentMinute, upTo: string, options: StatementOptions): Promise<void>
}

export function makeIntentPartitions(session: Session, { intentPartitions }: Tables, stamp: Stamp): IntentPartitions {
  const partition = 'space = ? AND minute = ? AND shard = ?'
  const statements = {
    add: `INSERT INTO ${intentPartitions} (space, minute, shard, namespace, bucket, writer) VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    list: `SELECT namespace, bucket, writer FROM ${intentPartitions} WHERE ${partition} AND (namespace, bucket, writer) >= (?, ?, ?) LIMIT ?`,
    drop: `DELETE FROM ${intentPartitions} USING TIMESTAMP ? WHERE ${partition} AND namespace = ? AND bucket = ? AND writer = ?`,
    dropAll: `DELETE FROM ${intentPartitions} USING TIMESTAMP ? WHERE ${partition}`,
  }
  const own = new Map<string, OwnPartition>()
  let tidiedIn = 0

  /** They stay registered, until whoever finds them empty drops them: a process that removes no intents never drops its own. */
  const forgetOld = (minute: number): void => {
    if (minute === tidiedIn) return
    tidiedIn = minute
    for (const [id, { record, uses }] of own) {
      if (uses === 0 && (record.minute < minute - KEPT_MINUTES || own.size > MAX_KEPT)) own.delete(id)
    }
  }

  const useOne = (id: string, record: PartitionRegistration, what: string): OwnPartition => {
    let place = own.get(id)
    if (place === undefined) {
      // Shared by all that write there now, so no single caller's signal ends it.
      const registered: Promise<void> = session
        .write(statements.add, [...rowOf(record), stamp()], { what })
        .catch((error: unknown) => {
          if (own.get(id)?.registered === registered) own.delete(id)
          throw error
        })
      place = { record, registered, uses: 0, intents: 0, isUncertain: false }
      own.set(id, place)
      forgetOld(record.minute)
    }
    place.uses += 1
    place.intents += 1
    return place
  }

  return {
    isFull: (record) => (own.get(idOf(record))?.intents ?? 0) >= MAX_INTENTS,
    async use(records, { what, signal }) {
      const used = records.map((record) => useOne(idOf(record), record, what))
      const end = (isUncertain: boolean): void => {
        for (const place of used) {
          place.uses -= 1
          place.isUncertain ||= isUncertain
        }
      }
      try {
        await untilAborted(Promise.all(used.map(({ registered }) => registered)), signal)
      } catch (error) {
        end(false)
        throw error
      }
      return { end }
    },
    async *list({ space, minute }, from, options) {
      for (let shard = from === undefined ? 0 : shardOf(from); shard < SHARDS; shard += 1) {
        let start: Place & { readonly writer: string } = { namespace: '', bucket: 0, writer: '' }
        if (from !== undefined && shard === shardOf(from)) start = from
        for (let isEnd = false; !isEnd; ) {
          const params = [space, minute, shard, start.namespace, start.bucket, start.writer]
          const { items, end } = await session.page(statements.list, params, PAGE, options)
          for (const { namespace, bucket, writer } of items) {
            const record = { namespace: String(namespace), bucket: Number(bucket), writer: String(writer) }
            yield { space, minute, ...record }
            start = { ...record, writer: `${record.writer}\0` }
          }
          isEnd = end
        }
      }
    },
    async dropOwn(upToMinute, isEmpty, options) {
      // Where something may still arrive it stays registered, until nothing can any more.
      const isUnused = ({ record, uses, isUncertain }: OwnPartition): boolean =>
        record.minute <= upToMinute && uses === 0 && !isUncertain
      const unused = [...own].filter(([, place]) => isUnused(place))
      await mapWindow(unused, WINDOW, async ([id, place]) => {
        // Others were dropped before it, and meanwhile it may have been used.
        if (!isUnused(place) || own.get(id) !== place) return
        // From here on whoever writes there registers it anew, later than what is dropped.
        const upTo = stamp()
        own.delete(id)
        let mayGo = false
        try {
          mayGo = await isEmpty(place.record)
        } finally {
          if (!mayGo && !own.has(id)) own.set(id, place)
        }
        // Once this is sent nobody relies on the registration, whatever comes of it.
        if (mayGo) await session.write(statements.drop, [upTo, ...rowOf(place.record)], options)
      })
    },
    async dropAll({ space, minute }, upTo, options) {
      const shards = Array.from({ length: SHARDS }, (_, shard) => shard)
      await mapWindow(shards, SHARDS, (shard) =>
        session.write(statements.dropAll, [upTo, space, minute, shard], options),
      )
    },
  }
}

function idOf({ space, minute, namespace, bucket, writer }: PartitionRegistration): string {
  return `${writer} ${minute} ${bucket} ${space} ${namespace}`
}

function shardOf({ namespace, bucket }: Place): number {
  return hashText(`${bucket} ${namespace}`) % SHARDS
}

function rowOf(record: PartitionRegistration): [string, number, number, string, number, string] {
  const { space, minute, namespace, bucket, writer } = record
  return [space, minute, shardOf(record), namespace, bucket, writer]
}
