import type { CoLocatedIntents } from './co-located-intents.js'
import { type IntentMinute, type IntentMinutes, REGISTERED_MS } from './intent-minutes.js'
import type { IntentPartitions } from './intent-partitions.js'
import { occupiedPartitions } from './occupied-partitions.js'
import type { StatementOptions } from './session.js'
import type { ShardedIntents } from './sharded-intents.js'

const MINUTE_MS = 60_000
/**
 * A look drops nothing that was written this shortly before it. The margin covers how long a registration is relied
 * on (30 s), the difference of two clocks that are each as far from the database's as a store may be (twice
 * `maxDriftMs`, 60 s by default), and a request with its retries.
 */
const DROP_MARGIN_MS = 4 * MINUTE_MS
/** How often a process looks for minutes of its own to drop. */
const DROP_EVERY_MS = MINUTE_MS
/**
 * How long recovery looks for writes that were never answered. Later ones are rare, as nodes make hints for three
 * hours (`max_hint_window`), but possible, as hints are replayed until `gc_grace_seconds`. `verify()` is the net for
 * those.
 */
const LATE_MS = 180 * MINUTE_MS

/** Where intents are kept. */
export interface IntentParts {
  readonly minutes: IntentMinutes
  readonly sharded: ShardedIntents
  readonly partitions: IntentPartitions
  readonly coLocated: CoLocatedIntents
}

/** Drops minutes that are over and hold no intent, so that nobody reads their tombstones again. */
export interface MinuteCleanup {
  /** Whether recovery still looks for co-located intents of a minute that may arrive with their writes. */
  mayArrive(minute: number): boolean
  /** Drops a minute that is over, empty, and can get no more intents. Gives whether it is gone. */
  drop(minute: IntentMinute, options: StatementOptions): Promise<boolean>
  /** Drops minutes that this process registered and no longer needs, at most once a minute. */
  dropOwn(options: StatementOptions): Promise<void>
  /** Drops the registrations of partitions that this process no longer needs, whatever their minute. */
  dropOwnPartitions(options: StatementOptions): Promise<void>
}

export function makeMinuteCleanup(parts: IntentParts): MinuteCleanup {
  const { minutes, sharded, partitions, coLocated } = parts
  let lookedAt = Date.now()

  const mayArrive = (minute: number): boolean => (minute + 1) * MINUTE_MS + LATE_MS + DROP_MARGIN_MS > Date.now()

  const drop = async ({ space, minute }: IntentMinute, options: StatementOptions): Promise<boolean> => {
    const before = Date.now() - DROP_MARGIN_MS
    if ((minute + 1) * MINUTE_MS > before) return false
    if (!(await sharded.isEmpty(space, minute, options))) return false
    // A live writer drops its registration itself. One that is left means a crash, after which writes may still arrive.
    if (mayArrive(minute)) for await (const _ of partitions.list({ space, minute }, undefined, options)) return false
    let hasRegistrations = false
    const onRegistration = (): void => {
      hasRegistrations = true
    }
    for await (const _ of occupiedPartitions(
      { space, minute },
      undefined,
      { partitions, coLocated, onRegistration },
      options,
    ))
      return false
    // An intent that came while we looked, and its registration, are newer than the margin.
    const upTo = String(before * 1000)
    await sharded.drop(space, minute, upTo, options)
    if (hasRegistrations) await partitions.dropAll({ space, minute }, upTo, options)
    await minutes.drop(space, minute, upTo, options)
    return true
  }

  const dropOwnPartitions = (upToMinute: number, options: StatementOptions): Promise<void> =>
    partitions.dropOwn(upToMinute, (each) => coLocated.isEmpty(each.space, each.minute, each, options), options)

  return {
    mayArrive,
    drop,
    async dropOwn(options) {
      if (Date.now() - lookedAt < DROP_EVERY_MS) return
      lookedAt = Date.now()
      // Only of minutes that are over. A write that was delayed registers its partition again.
      await dropOwnPartitions(Math.floor(Date.now() / MINUTE_MS) - 1, options)
      for (const own of minutes.own()) {
        const isOver = Date.now() - own.at > REGISTERED_MS + DROP_MARGIN_MS
        if (isOver && (await drop(own, options))) minutes.forget(own.space, own.minute)
      }
    },
    dropOwnPartitions: (options) => dropOwnPartitions(Number.POSITIVE_INFINITY, options),
  }
}
