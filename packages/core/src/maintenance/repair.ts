import { type StoreError, toStoreError } from '../errors.js'
import type { IndexContext, StoreContext } from '../open/context.js'
import type { Waiter } from '../outbox/entry.js'
import type { DocumentRef, Version } from '../ports/common.js'

/** A document whose points have to be made again. */
export interface Repair {
  readonly ref: DocumentRef
  /** Versions of points that have to give way, one after the other; or else the document's own version. */
  readonly versions: readonly Version[]
}

/** Repairs under way at a time: enough to keep the embedder busy while the next page is compared. */
const MAX_UNDER_WAY = 1000

/** Projects documents as the KV holds them, through intents, as a write would be. */
export class Repairs {
  readonly #context: StoreContext
  readonly #index: IndexContext
  readonly #underWay = new Set<Promise<void>>()
  #repaired = 0

  constructor(context: StoreContext, index: IndexContext) {
    this.#context = context
    this.#index = index
  }

  /** Documents that are right now. */
  get repaired(): number {
    return this.#repaired
  }

  /** Begins repairs. Waits only while too many are under way. Throws if their intents cannot be written. */
  async add(repairs: readonly Repair[]): Promise<void> {
    await this.#begin(repairs, 0)
    while (this.#underWay.size > MAX_UNDER_WAY) {
      this.#context.outbox.drain()
      await Promise.race(this.#underWay)
    }
  }

  /** Waits until all repairs have ended. Returns how many documents are right now. */
  async finish(): Promise<number> {
    while (this.#underWay.size > 0) {
      this.#context.outbox.drain()
      await Promise.all(this.#underWay)
    }
    return this.#repaired
  }

  /** Makes the points of the version at position `at` of each give way. */
  async #begin(repairs: readonly Repair[], at: number): Promise<void> {
    const { kv, outbox } = this.#context
    const { indexer, record } = this.#index
    const begun = repairs.map((repair) => {
      const { ref, versions } = repair
      const version = versions[at] as Version
      const intents = [{ kind: 'document' as const, ...ref, version, space: record.name }]
      const waiter = new RepairWaiter()
      const init = {
        ref,
        version,
        intents,
        spaces: [record.name],
        searched: record.name,
        origin: 'repair',
        isConfirmed: true,
        waiter,
      } as const
      this.#track(waiter.isRepaired.then((isRepaired) => this.#go(repair, at, isRepaired)))
      return outbox.accept(init)
    })
    try {
      await kv.addIntents(begun.flatMap(({ intents }) => intents))
    } catch (error) {
      outbox.requestRecovery()
      for (const entry of begun) {
        entry.waiter.settled(toStoreError(error, 'KV_FAILED', 'Writing intents failed'))
        outbox.close(entry)
      }
      throw error
    }
    indexer.project(begun.map((entry) => ({ entry, mayHavePoints: true })))
  }

  async #go(repair: Repair, at: number, isRepaired: boolean): Promise<void> {
    if (!isRepaired) return
    if (at + 1 < repair.versions.length) await this.#begin([repair], at + 1)
    else this.#repaired += 1
  }

  #track(run: Promise<void>): void {
    const tracked = run.catch(() => {}).finally(() => this.#underWay.delete(tracked))
    this.#underWay.add(tracked)
  }
}

/** Tells whether an entry was projected with its first attempt. What is delayed goes on without this. */
class RepairWaiter implements Waiter {
  readonly isAwaited = false
  readonly reportsFailure = true
  readonly isRepaired: Promise<boolean>
  readonly #resolve: (isRepaired: boolean) => void

  constructor() {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.isRepaired = promise
    this.#resolve = resolve
  }

  settled(error?: StoreError): void {
    this.#resolve(error === undefined)
  }

  delayed(): void {
    this.#resolve(false)
  }
}
