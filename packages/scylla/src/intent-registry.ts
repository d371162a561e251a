import { hashText } from './hash.js'
import { mapWindow } from './rolling-window.js'
import type { Tables } from './schema.js'
import type { Session, StatementOptions } from './session.js'
import type { Stamp } from './stamp.js'

/** Partitions that the places of one minute are spread over. Part of the stored format. */
const SHARDS = 16
/** Requests of one call that are under way at a time. */
const WINDOW = 64
/** How long a process relies on having registered something. Milliseconds. */
export const REGISTERED_MS = 30_000

/** A partition of the documents that intents lie in. */
export interface Place {
  readonly namespace: string
  readonly bucket: number
}

/** Where one intent is looked for: in the minute of its version, and beside documents also in their partition. */
export interface Registration {
  readonly space: string
  readonly minute: number
  readonly place?: Place | undefined
}

/** Where a reader of places goes on. */
export interface PlacePosition extends Place {
  readonly shard: number
}

/** Where intents may lie. Something is registered before the first intent is written there, so that recovery finds it without a scan. */
export interface IntentRegistry {
  register(registrations: Iterable<Registration>, options: StatementOptions): Promise<void>
  /** The minutes of a space from one on, oldest first. */
  minutes(space: string, from: number, options: StatementOptions): AsyncGenerator<number>
  /** The places of a minute, from a position on (inclusive). */
  places(
    space: string,
    minute: number,
    from: PlacePosition | undefined,
    options: StatementOptions,
  ): AsyncGenerator<PlacePosition>
  /** Forgets a minute and its places, as far as they were registered up to a time, in microseconds. */
  unregister(space: string, minute: number, upTo: string, options: StatementOptions): Promise<void>
  /** The minutes that this process registered, and when it did last, in milliseconds. */
  readonly own: Iterable<{ readonly space: string; readonly minute: number; readonly at: number }>
  /** Forgets that this process registered a minute. */
  forget(space: string, minute: number): void
}

export function makeIntentRegistry(session: Session, { minutes, places }: Tables, stamp: Stamp): IntentRegistry {
  const ofPlaces = 'space = ? AND minute = ? AND shard = ?'
  const statements = {
    addMinute: `INSERT INTO ${minutes} (space, minute) VALUES (?, ?) USING TIMESTAMP ?`,
    minutes: `SELECT minute FROM ${minutes} WHERE space = ? AND minute >= ? LIMIT ?`,
    dropMinute: `DELETE FROM ${minutes} USING TIMESTAMP ? WHERE space = ? AND minute = ?`,
    addPlace: `INSERT INTO ${places} (space, minute, shard, namespace, bucket) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?`,
    places: `SELECT namespace, bucket FROM ${places} WHERE ${ofPlaces} AND (namespace, bucket) >= (?, ?) LIMIT ?`,
    dropPlaces: `DELETE FROM ${places} USING TIMESTAMP ? WHERE ${ofPlaces}`,
  }
  const ownMinutes = new Map<string, { readonly space: string; readonly minute: number; at: number }>()
  /** When this process registered a place; those of one time are forgotten together. */
  const ownPlaces = new Map<string, number>()
  let placesTidiedAt = Date.now()

  const forgetOldPlaces = (now: number): void => {
    if (now - placesTidiedAt < REGISTERED_MS) return
    placesTidiedAt = now
    for (const [id, at] of ownPlaces) if (now - at >= REGISTERED_MS) ownPlaces.delete(id)
  }

  return {
    async register(registrations, options) {
      const now = Date.now()
      forgetOldPlaces(now)
      const due = new Map<string, () => Promise<void>>()
      for (const { space, minute, place } of registrations) {
        const id = `${minute} ${space}`
        if (now - (ownMinutes.get(id)?.at ?? 0) >= REGISTERED_MS) {
          due.set(id, async () => {
            await session.write(statements.addMinute, [space, minute, stamp()], options)
            ownMinutes.set(id, { space, minute, at: now })
          })
        }
        if (place === undefined) continue
        const { namespace, bucket } = place
        const placeId = `${id} ${bucket} ${namespace}`
        if (now - (ownPlaces.get(placeId) ?? 0) < REGISTERED_MS) continue
        due.set(placeId, async () => {
          const params = [space, minute, shardOf(place), namespace, bucket, stamp()]
          await session.write(statements.addPlace, params, options)
          ownPlaces.set(placeId, now)
        })
      }
      if (due.size > 0) await mapWindow([...due.values()], WINDOW, (write) => write())
    },
    async *minutes(space, from, options) {
      for (let start = from; ; ) {
        const { items, end } = await session.page(statements.minutes, [space, start], 500, options)
        for (const { minute } of items) yield Number(minute)
        if (end) return
        start = Number(items.at(-1)?.minute) + 1
      }
    },
    async *places(space, minute, from, options) {
      for (let shard = from?.shard ?? 0; shard < SHARDS; shard += 1) {
        let start: Place = from?.shard === shard ? from : { namespace: '', bucket: 0 }
        for (let isEnd = false; !isEnd; ) {
          const params = [space, minute, shard, start.namespace, start.bucket]
          const { items, end } = await session.page(statements.places, params, 500, options)
          for (const { namespace, bucket } of items) {
            const place = { namespace: String(namespace), bucket: Number(bucket) }
            yield { shard, ...place }
            start = { ...place, bucket: place.bucket + 1 }
          }
          isEnd = end
        }
      }
    },
    async unregister(space, minute, upTo, options) {
      const shards = Array.from({ length: SHARDS }, (_, shard) => shard)
      await mapWindow(shards, SHARDS, (shard) =>
        session.write(statements.dropPlaces, [upTo, space, minute, shard], options),
      )
      await session.write(statements.dropMinute, [upTo, space, minute], options)
    },
    own: { [Symbol.iterator]: () => ownMinutes.values() },
    forget(space, minute) {
      ownMinutes.delete(`${minute} ${space}`)
    },
  }
}

function shardOf({ namespace, bucket }: Place): number {
  return hashText(`${bucket} ${namespace}`) % SHARDS
}
