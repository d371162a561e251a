import { versionMicros } from '../document/version.js'
import { StoreError } from '../errors.js'
import type { Events } from '../observe/events.js'
import type { Counters } from '../observe/stats.js'
import type { Version } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { DocumentRow, Intent } from '../ports/kv-records.js'
import { highestVersion, recordFailure, removeIntents } from './intents.js'
import type { Operation } from './operation.js'
import type { PendingWrites } from './pending.js'
import { lacksText } from './target.js'

export interface OutcomesOptions {
  readonly kv: Pick<KVCollection, 'addIntents' | 'removeIntents'>
  readonly pending: PendingWrites
  readonly events: Events
  readonly counters: Counters
  /** Versions of this store whose intents it looks after. Recovery takes those of others, so they stay here until this store is done with their intents. */
  readonly active: Set<Version>
  /** How long a write of unknown outcome may still arrive, milliseconds. */
  readonly settleMs: number
  readonly signal: AbortSignal
  /** Intents are left that recovery has to look at. */
  noteUnsettled(): void
}

/** An operation whose points are those of the row that was read after they were written. */
export interface Projected {
  readonly operation: Operation
  readonly row: DocumentRow | undefined
}

/** What comes of operations that have ended: who waits is told, and their intents are removed, or keep what went wrong. */
export class Outcomes {
  readonly #options: OutcomesOptions
  readonly #removals = new Map<Promise<void>, readonly Intent[]>()

  constructor(options: OutcomesOptions) {
    this.#options = options
  }

  /** Settles operations, then removes the intents that no late write can follow any more. What arrived after `readAt` has not been seen. */
  async projected(done: readonly Projected[], readAt: number): Promise<void> {
    const { events, counters, settleMs } = this.#options
    const arrivedBy = (readAt - settleMs) * 1000
    const intents: Intent[] = []
    const heard = events.heard('indexed')
    for (const { operation, row } of done) {
      const withoutText = lacksText(operation)
      for (const each of operation.all()) {
        for (const cover of each.covers) intents.push(cover)
        const settled = each.intents.filter(
          ({ version }) =>
            each.confirmed || (row !== undefined && row.version >= version) || versionMicros(version) < arrivedBy,
        )
        intents.push(...settled)
        const isKept = !each.confirmed && settled.length === 0
        if (!isKept) {
          counters.projected += 1
          if (withoutText) counters.withoutText += 1
        }
        each.settle?.(undefined, isKept)
        if (heard && !isKept) {
          const version = each.confirmed ? each.version : highestVersion(settled)
          events.emit('indexed', { ...each.ref, version })
        }
      }
    }
    const removal = removeIntents(intents, this.#options)
    this.#removals.set(removal, intents)
    await removal
    this.#removals.delete(removal)
    for (const { operation } of done) for (const each of operation.all()) this.#close(each)
  }

  /** Resolves when the intents of all that was told to be projected are removed, or could not be. */
  async untilRemoved(): Promise<void> {
    await Promise.all(this.#removals.keys())
  }

  /** The versions whose intents are being removed. */
  *removing(): Generator<Version> {
    for (const intents of this.#removals.values()) for (const { version } of intents) yield version
  }

  /** Records on the intents of an operation that trying again is no use. */
  async failed(operation: Operation, error: StoreError): Promise<void> {
    const { events, counters } = this.#options
    const intents = operation.all().flatMap((each) => [...each.intents, ...each.covers])
    await recordFailure(intents, error, this.#options)
    for (const each of operation.all()) {
      counters.indexFailed += 1
      const about = new StoreError(error.code, error.message, {
        ...each.ref,
        field: error.field,
        cause: error.cause,
        retryable: false,
      })
      events.emit('indexFailed', { ...each.ref, version: each.version, error: about })
      each.settle?.(about)
      this.#close(each, each.toldByPut ? undefined : about)
    }
  }

  /** Leaves an operation to the next recovery, as the store is closing: its intents stay. */
  left(operation: Operation): void {
    this.#options.noteUnsettled()
    for (const each of operation.all()) {
      const message = 'The store was closed before this was searchable; recovery does it'
      each.settle?.(new StoreError('CLOSED', message, { ...each.ref, retryable: true }))
      this.#close(each)
    }
  }

  #close(operation: Operation, failure?: StoreError): void {
    const { active, pending } = this.#options
    for (const { version } of operation.intents) active.delete(version)
    for (const { version } of operation.covers) active.delete(version)
    pending.close(operation, failure)
  }
}
