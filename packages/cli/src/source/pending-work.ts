import type { Intent } from '@tandemstore/core/adapter'
import type { Place } from './place.js'
import { withCollection } from './rows.js'

/** What is written and not yet in the index. */
export interface PendingWork {
  /** Writes that somebody is on the way to, or that `recover` will do. */
  readonly waiting: number
  /** Those that failed for good, with the reason. */
  readonly failed: readonly Intent[]
}

const PAGE = 1000
/** More of them are counted as waiting; whoever has so many needs no list. */
const MAX_FAILED = 10_000

export function pendingWork(place: Place, signal: AbortSignal): Promise<PendingWork> {
  return withCollection(place, async (kv) => {
    let waiting = 0
    const failed: Intent[] = []
    for (const { name: space } of await kv.spaces({ signal })) {
      let cursor: string | undefined
      do {
        const page = await kv.listIntents({ space, cursor, limit: PAGE }, { signal })
        for (const intent of page.intents) {
          if (intent.failure !== undefined && failed.length < MAX_FAILED) failed.push(intent)
          else waiting += 1
        }
        cursor = page.cursor
      } while (cursor !== undefined)
    }
    return { waiting, failed }
  })
}
