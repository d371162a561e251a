import type { CoLocatedIntents } from './co-located-intents.js'
import { type IntentMinute, type IntentMinutes, REGISTERED_MS } from './intent-minutes.js'
import type { IntentPartitions } from './intent-partitions.js'
import { occupiedPartitions } from './occupied-partitions.js'
import type { StatementOptions } from './session.js'
import type { ShardedIntents } from './sharded-intents.js'

const MINUTE_MS = 60_000
/**
 * What was written within this time before a look is not dropped by it. Longer than a registration is relied on (30 s), and two clocks differ that are each as far from the
 * database's as a store may be opened with (twice `maxDriftMs`, 60 s by default), and a request takes with its repetitions.
 */
const DROP_MARGIN_MS = 4 * MINUTE_MS
/** How often a process looks for minutes of its own to drop. */
const DROP_EVERY_MS = MINUTE_MS
/** How long a write that was not answered can arrive: nodes keep hints for three hours (`max_hint_window`). */
const LATE_MS = 180 * MINUTE_MS

/** Where intents are kept. */
export interface IntentParts {
  readonly minutes: IntentMinutes
  readonly shards: ShardedIntents
  readonly places: IntentPartitions
  readonly coLocated: CoLocatedIntents
}

/** Drops minutes that are over, and in which no intent is left, so that nobody reads through the tombstones of what was done long ago. */
export interface MinuteCleanup {
  /** Whether an intent may still arrive in a minute with its write, of which only the place is noted. */
  mayArrive(minute: number): boolean
  /** Drops a minute if it is over, nothing is left in it, and nothing can come. Gives whether it is gone. */
  drop(minute: IntentMinute, options: StatementOptions): Promise<boolean>
  /** Once a minute: drops what this process has registered and is done with. */
  dropOwn(options: StatementOptions): Promise<void>
  /** Unregisters all places of this process that it is done with, whatever their minute. */
  dropOwnPartitions(options: StatementOptions): Promise<void>
}

export function makeMinuteCleanup(parts: IntentParts): MinuteCleanup {
  const { minutes, shards, places, coLocated } = parts
  let lookedAt = Date.now()

  const mayArrive = (minute: number): boolean => (minute + 1) * MINUTE_MS + LATE_MS + DROP_MARGIN_MS > Date.now()

  const drop = async ({ space, minute }: IntentMinute, options: StatementOptions): Promise<boolean> => {
    const before = Date.now() - DROP_MARGIN_MS
    if ((minute + 1) * MINUTE_MS > before) return false
    if (!(await shards.isEmpty(space, minute, options))) return false
    // A place's writer unregisters it, or has died; then what was on its way may still arrive.
    if (mayArrive(minute)) for await (const _ of places.list({ space, minute }, undefined, options)) return false
    let hasRegistrations = false
    const onRegistration = (): void => {
      hasRegistrations = true
    }
    for await (const _ of occupiedPartitions(
      { space, minute },
      undefined,
      { places, coLocated, onRegistration },
      options,
    ))
      return false
    // Only what is older than the margin: an intent that came while we looked, and its registration, are newer.
    const upTo = String(before * 1000)
    await shards.drop(space, minute, upTo, options)
    if (hasRegistrations) await places.dropAll({ space, minute }, upTo, options)
    await minutes.drop(space, minute, upTo, options)
    return true
  }

  const dropOwnPartitions = (upToMinute: number, options: StatementOptions): Promise<void> =>
    places.dropOwn(upToMinute, (place) => coLocated.isEmpty(place.space, place.minute, place, options), options)

  return {
    mayArrive,
    drop,
    async dropOwn(options) {
      if (Date.now() - lookedAt < DROP_EVERY_MS) return
      lookedAt = Date.now()
      // Of minutes that are over: a write of one that has waited registers its place anew.
      await dropOwnPartitions(Math.floor(Date.now() / MINUTE_MS) - 1, options)
      for (const own of minutes.own()) {
        const isOver = Date.now() - own.at > REGISTERED_MS + DROP_MARGIN_MS
        if (isOver && (await drop(own, options))) minutes.forget(own.space, own.minute)
      }
    },
    dropOwnPartitions: (options) => dropOwnPartitions(Number.POSITIVE_INFINITY, options),
  }
}
