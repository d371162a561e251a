import { mapWindow } from './rolling-window.js'
import type { Session, StatementOptions } from './session.js'
import type { Stamp } from './stamp.js'
import type { Tables } from './tables.js'

/** Requests of one call in flight. */
const WINDOW = 64
/** How long a process relies on having registered a minute. */
export const REGISTERED_MS = 30_000

export interface IntentMinute {
  readonly space: string
  readonly minute: number
}

/**
 * Which minutes may hold intents. A minute is registered before its first intent, so that recovery finds it without a
 * scan.
 */
export interface IntentMinutes {
  register(minutes: Iterable<IntentMinute>, options: StatementOptions): Promise<void>
  /** The minutes of a space from one on, oldest first. */
  list(space: string, from: number, options: StatementOptions): AsyncGenerator<number>
  /** Forgets a minute, as far as it was registered up to a time, in microseconds. */
  drop(space: string, minute: number, upTo: string, options: StatementOptions): Promise<void>
  /** The minutes that this process registered, and when it did last, in milliseconds. */
  own(): Iterable<IntentMinute & { readonly at: number }>
  /** Forgets that this process registered a minute. */
  forget(space: string, minute: number): void
}

export function makeIntentMinutes(session: Session, { minutes }: Tables, stamp: Stamp): IntentMinutes {
  const statements = {
    add: `INSERT INTO ${minutes} (space, minute) VALUES (?, ?) USING TIMESTAMP ?`,
    list: `SELECT minute FROM ${minutes} WHERE space = ? AND minute >= ? LIMIT ?`,
    drop: `DELETE FROM ${minutes} USING TIMESTAMP ? WHERE space = ? AND minute = ?`,
  }
  const registered = new Map<string, IntentMinute & { at: number }>()
  return {
    async register(some, options) {
      const at = Date.now()
      const due = new Map<string, IntentMinute>()
      for (const { space, minute } of some) {
        const id = `${minute} ${space}`
        if (at - (registered.get(id)?.at ?? 0) >= REGISTERED_MS) due.set(id, { space, minute })
      }
      if (due.size === 0) return
      await mapWindow([...due], WINDOW, async ([id, { space, minute }]) => {
        await session.write(statements.add, [space, minute, stamp()], options)
        registered.set(id, { space, minute, at })
      })
    },
    async *list(space, from, options) {
      for (let start = from; ; ) {
        const { items, end } = await session.page(statements.list, [space, start], 500, options)
        for (const { minute } of items) yield Number(minute)
        if (end) return
        start = Number(items.at(-1)?.minute) + 1
      }
    },
    drop: (space, minute, upTo, options) => session.write(statements.drop, [upTo, space, minute], options),
    own: () => registered.values(),
    forget(space, minute) {
      registered.delete(`${minute} ${space}`)
    },
  }
}
