import { untilAborted } from './errors.js'
import { hashText } from './hash.js'
import type { IntentMinute } from './intent-minutes.js'
import { mapWindow } from './rolling-window.js'
import type { Session, StatementOptions } from './session.js'
import type { Stamp } from './stamp.js'
import type { Tables } from './tables.js'

/** Partitions that the registrations of one minute are spread over. Part of the stored format. */
const SHARDS = 16
/** Requests of one call in flight. */
const WINDOW = 64
const PAGE = 500
/**
 * Co-located intents that a writer puts into one partition in a minute. Each leaves a tombstone that readers of the
 * minute pass: Cassandra warns at 1,000 tombstones in a read, and fails it at 100,000
 * (`tombstone_failure_threshold`).
 */
const MAX_INTENTS = 2000
/** How long a process remembers registrations that it does not drop. Minutes. */
const KEPT_MINUTES = 180
/** Registrations that a process remembers. Beyond it forgets the oldest that are not in use. */
const MAX_KEPT = 100_000

/** A partition of the table of documents. */
export interface DocumentPartition {
  readonly namespace: string
  readonly bucket: number
}

/** Says that a partition may hold intents of a writer and a minute. */
export interface PartitionRegistration extends IntentMinute, DocumentPartition {
  readonly writer: string
}

/** A registration of this process. */
interface OwnRegistration {
  readonly registration: PartitionRegistration
  readonly registered: Promise<void>
  /** Writes into the partition that are in flight. */
  uses: number
  /** Intents that were written there. */
  intents: number
  /** Whether a write may still arrive of which nothing else tells. */
  isUncertain: boolean
}

/** Partitions that intents are being written into. */
export interface PartitionUse {
  /** `isUncertain`: a write may still arrive. */
  end(isUncertain: boolean): void
}

/**
 * Which document partitions may hold intents. A writer registers a partition before its first intent there. It drops
 * the registration once all its writes were answered and no intent is left. A writer that crashes leaves it, so that
 * recovery looks there while writes can arrive.
 */
export interface IntentPartitions {
  /** Whether a partition takes no more intents of this process. */
  isFull(registration: PartitionRegistration): boolean
  /** Registers what is not registered yet, one entry for each intent, and keeps it until `end` is called. */
  use(registrations: readonly PartitionRegistration[], options: StatementOptions): Promise<PartitionUse>
  /** The registrations of a minute from one on (inclusive), ordered by partition and writer. */
  list(
    minute: IntentMinute,
    from: PartitionRegistration | undefined,
    options: StatementOptions,
  ): AsyncGenerator<PartitionRegistration>
  /** Drops the registrations of this process for minutes up to one that are unused and whose partition is empty. */
  dropOwn(
    upToMinute: number,
    isEmpty: (registration: PartitionRegistration) => Promise<boolean>,
    options: StatementOptions,
  ): Promise<void>
  /** Drops every registration of a minute that was written up to a time, in microseconds. */
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
  const own = new Map<string, OwnRegistration>()
  let tidiedIn = 0

  /**
   * They stay in the table until a reader finds the minute empty. A process that removes no intents drops none
   * itself.
   */
  const forgetOld = (minute: number): void => {
    if (minute === tidiedIn) return
    tidiedIn = minute
    for (const [id, { registration, uses }] of own) {
      if (uses === 0 && (registration.minute < minute - KEPT_MINUTES || own.size > MAX_KEPT)) own.delete(id)
    }
  }

  const useOne = (id: string, registration: PartitionRegistration, what: string): OwnRegistration => {
    let entry = own.get(id)
    if (entry === undefined) {
      // Every writer of the partition waits for it, so no single caller's signal ends it.
      const registered: Promise<void> = session
        .write(statements.add, [...rowOf(registration), stamp()], { what })
        .catch((error: unknown) => {
          if (own.get(id)?.registered === registered) own.delete(id)
          throw error
        })
      entry = { registration, registered, uses: 0, intents: 0, isUncertain: false }
      own.set(id, entry)
      forgetOld(registration.minute)
    }
    entry.uses += 1
    entry.intents += 1
    return entry
  }

  return {
    isFull: (registration) => (own.get(idOf(registration))?.intents ?? 0) >= MAX_INTENTS,
    async use(registrations, { what, signal }) {
      const used = registrations.map((each) => useOne(idOf(each), each, what))
      const end = (isUncertain: boolean): void => {
        for (const entry of used) {
          entry.uses -= 1
          entry.isUncertain ||= isUncertain
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
        let start: DocumentPartition & { readonly writer: string } = { namespace: '', bucket: 0, writer: '' }
        if (from !== undefined && shard === shardOf(from)) start = from
        for (let isEnd = false; !isEnd; ) {
          const params = [space, minute, shard, start.namespace, start.bucket, start.writer]
          const { items, end } = await session.page(statements.list, params, PAGE, options)
          for (const { namespace, bucket, writer } of items) {
            const position = { namespace: String(namespace), bucket: Number(bucket), writer: String(writer) }
            yield { space, minute, ...position }
            start = { ...position, writer: `${position.writer}\0` }
          }
          isEnd = end
        }
      }
    },
    async dropOwn(upToMinute, isEmpty, options) {
      const isUnused = ({ registration, uses, isUncertain }: OwnRegistration): boolean =>
        registration.minute <= upToMinute && uses === 0 && !isUncertain
      const unused = [...own].filter(([, entry]) => isUnused(entry))
      await mapWindow(unused, WINDOW, async ([id, entry]) => {
        // It may have been used again while the others were dropped.
        if (!isUnused(entry) || own.get(id) !== entry) return
        // A writer from here on registers the partition again, with a later timestamp than that of our deletion.
        const upTo = stamp()
        own.delete(id)
        let mayDrop = false
        try {
          mayDrop = await isEmpty(entry.registration)
        } finally {
          if (!mayDrop && !own.has(id)) own.set(id, entry)
        }
        // Nobody relies on the registration once this is sent, even if its outcome stays unknown.
        if (mayDrop) await session.write(statements.drop, [upTo, ...rowOf(entry.registration)], options)
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

function shardOf({ namespace, bucket }: DocumentPartition): number {
  return hashText(`${bucket} ${namespace}`) % SHARDS
}

function rowOf(registration: PartitionRegistration): [string, number, number, string, number, string] {
  const { space, minute, namespace, bucket, writer } = registration
  return [space, minute, shardOf(registration), namespace, bucket, writer]
}
