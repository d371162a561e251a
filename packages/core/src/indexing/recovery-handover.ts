import { versionWriter } from '../document/version.js'
import { faultOf, type StoreError, toStoreError } from '../errors.js'
import type { Outbox } from '../outbox/outbox.js'
import type { Version } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { Intent } from '../ports/kv-records.js'
import { claimOf, groupIntents } from './claimed-intents.js'
import type { Indexer } from './indexer.js'
import type { Leases } from './leases.js'
import type { PrefixDeletions } from './prefix-deletions.js'
import { RecoveryWaiter } from './recovery-waiter.js'

export interface RecoveryHandoverOptions {
  readonly kv: KVCollection
  /** Name of the space whose intents are recovered. */
  readonly space: string
  readonly outbox: Outbox
  readonly indexer: Indexer
  readonly prefixes: PrefixDeletions
  readonly leases: Pick<Leases, 'writer'>
}

/** Counts what becomes of what was handed over. */
export interface RecoveryTally {
  projected(): void
  /** By a document's own fault. */
  failed(): void
  /** It waits for another attempt, for this reason. */
  kept(error: StoreError): void
}

/** Makes entries of intents that recovery has found, and hands them over to the indexer. */
export class RecoveryHandover {
  readonly #options: RecoveryHandoverOptions

  constructor(options: RecoveryHandoverOptions) {
    this.#options = options
  }

  /** Resolves when each is projected, has failed or is delayed. */
  async project(intents: readonly Intent[], tally: RecoveryTally): Promise<void> {
    const { outbox, indexer, space } = this.#options
    const { prefixes, documents } = groupIntents(intents)
    for (const intent of prefixes) await this.#projectPrefix(intent, tally)
    const waiters: RecoveryWaiter[] = []
    const entries = [...documents].map(([id, same]) => {
      const waiter = this.#waiterOf(same, tally)
      waiters.push(waiter)
      const isConfirmed = same.every(({ version }) => this.#isKnown(version))
      return outbox.accept({ ...claimOf(same, { searched: space, isConfirmed }), id, waiter })
    })
    indexer.project(entries.map((entry) => ({ entry, mayHavePoints: true })))
    await Promise.all(waiters.map(({ told }) => told))
  }

  /** The writer may have died half way, so the deletion is done again from the start: it is bounded by its version. */
  async #projectPrefix(intent: Intent, tally: RecoveryTally): Promise<void> {
    const { kv, space, outbox, prefixes } = this.#options
    const { namespace, version } = intent
    try {
      await kv.deletePrefix(namespace, version)
    } catch (error) {
      tally.kept(toStoreError(error, 'KV_FAILED', 'Recovering the deletion of a namespace failed'))
      return
    }
    const waiter = this.#waiterOf([intent], tally)
    const claim = claimOf([intent], { searched: space, isConfirmed: true })
    prefixes.project(outbox.accept({ ...claim, waiter }))
    await waiter.told
  }

  /** Whether a write of this store was done or refused, so that nothing of it can arrive any more. */
  #isKnown(version: Version): boolean {
    const { outbox, leases } = this.#options
    return versionWriter(version) === leases.writer && !outbox.isUnknown(version)
  }

  #waiterOf(intents: readonly Intent[], tally: RecoveryTally): RecoveryWaiter {
    const { outbox, leases } = this.#options
    const isOwn = intents.some(({ version }) => versionWriter(version) === leases.writer)
    return new RecoveryWaiter({
      // A flush tells of this store's own writes, whoever projected them.
      reportsFailure: !isOwn,
      counted: () => tally.projected(),
      failed: (error) => {
        if (faultOf(error) !== 'document') tally.kept(error)
        else {
          tally.failed()
          for (const { version } of intents) outbox.manual.failed(version, error)
        }
      },
    })
  }
}
