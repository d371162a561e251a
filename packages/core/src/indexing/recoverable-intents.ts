import type { Outbox } from '../outbox/outbox.js'
import type { Settlement } from '../outbox/settlement.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { Intent } from '../ports/kv-records.js'

/** Intents read at a time. */
const PAGE = 256

export interface RecoverableIntents {
  readonly intents: readonly Intent[]
  /** Writers whose writes may be on their way, with the intents that come with them. */
  readonly writers: readonly string[] | undefined
}

/**
 * The intents of a space that this store's outbox does not own, page by page. A listing is a snapshot: what an entry
 * owned when it was asked for may be removed by now, so it counts as owned. What recovery claimed and is trying again
 * is given, and what failed for good.
 */
export async function* recoverableIntents(options: {
  readonly kv: Pick<KVCollection, 'listIntents'>
  readonly space: string
  readonly outbox: Outbox
  readonly settlement: Settlement
}): AsyncGenerator<RecoverableIntents> {
  const { kv, space, outbox, settlement } = options
  let cursor: string | undefined
  do {
    // Waiters are told before intents are removed: what they saw done must not be found again.
    await settlement.untilRemoved()
    const watch = outbox.watch()
    const page = await kv.listIntents({ space, cursor, limit: PAGE }).finally(() => watch.end())
    const intents = page.intents.filter((intent) => {
      const owner = watch.ownerOf(intent)
      if (owner === undefined) return true
      if (owner.state === 'ended') return intent.failure !== undefined
      return owner.origin === 'recovery' && owner.state !== 'settling'
    })
    yield { intents, writers: page.writers }
    cursor = page.cursor
  } while (cursor !== undefined)
}
