import { maxVersion, versionMicros } from '../document/version.js'
import { StoreError, toStoreError } from '../errors.js'
import type { Events } from '../observe/events.js'
import type { Counters } from '../observe/stats.js'
import type { Version } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { Intent } from '../ports/kv-records.js'
import type { Entry } from './entry.js'
import { FailedIntents } from './failed-intents.js'
import { highestVersion } from './intents.js'
import type { Outbox } from './outbox.js'

export interface SettlementOptions {
  readonly kv: Pick<KVCollection, 'addIntents' | 'removeIntents'>
  readonly outbox: Outbox
  readonly events: Events
  readonly counters: Counters
  /** How long a write of unknown outcome may still arrive, milliseconds. */
  readonly settleMs: number
  /** Fires when the store closes. */
  readonly signal: AbortSignal
}

/** Entries whose points in one space are those of the document as it was read after they were written. */
export interface Settled {
  readonly entries: readonly Entry[]
  /** Version of the document that was read; absent where there is none. */
  readonly seen: Version | undefined
  /** Intents that the projection itself added. */
  readonly fences: readonly Intent[]
  /** Whether the document is to be indexed and has no text for it. */
  readonly lacksText: boolean
}

/** Ends entries: tells who waits, and removes their intents or records on them what went wrong. */
export class Settlement {
  readonly #options: SettlementOptions
  readonly #removals = new Set<Promise<void>>()
  readonly #failedIntents = new FailedIntents()

  constructor(options: SettlementOptions) {
    this.#options = options
  }

  /**
   * The points of entries are right in a space. `readAt`: when the documents were read again; what arrived later was
   * not seen.
   */
  async projected(space: string, settled: readonly Settled[], readAt: number): Promise<void> {
    const arrivedBy = (readAt - this.#options.settleMs) * 1000
    const intents: Intent[] = []
    const entries: Entry[] = []
    for (const each of settled) {
      for (const fence of each.fences) intents.push(fence)
      for (const entry of each.entries) {
        const removable = entry
          .intentsOf(space)
          .filter(
            ({ version }) =>
              entry.isConfirmed ||
              (each.seen !== undefined && each.seen >= version) ||
              versionMicros(version) < arrivedBy,
          )
        intents.push(...removable, ...this.#failuresBefore(entry, space, each.seen))
        this.#tellProjected(entry, space, removable, each.lacksText)
        const isLast = entry.settleIn(space)
        if (space === entry.searched && !isLast) this.#options.outbox.freeRoom(entry)
        if (isLast) {
          entry.state = 'settling'
          entries.push(entry)
        }
      }
    }
    const removal = this.#remove(intents, () => {
      for (const { version } of intents) this.#options.outbox.noteKnown(version)
      for (const { fences } of settled) for (const fence of fences) this.#options.outbox.disown(fence)
      for (const entry of entries) this.#options.outbox.close(entry)
    })
    this.#removals.add(removal)
    await removal
    this.#removals.delete(removal)
  }

  /** Entries were surely not written: nothing has to follow them. */
  async refused(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) entry.state = 'settling'
    await this.#remove(
      entries.flatMap(({ intents }) => intents),
      () => {
        for (const entry of entries) this.#options.outbox.close(entry)
      },
    )
  }

  /**
   * No repetition helps: the intents of entries in a space, and fences, record why, so that recovery passes over
   * them.
   */
  async failed(
    space: string,
    { entries, fences }: Omit<Settled, 'seen' | 'lacksText'>,
    error: StoreError,
  ): Promise<void> {
    const { outbox, events, counters } = this.#options
    const intents = [...entries.flatMap((entry) => entry.intentsOf(space)), ...fences]
    await this.#record(intents, error)
    this.#failedIntents.add(intents)
    for (const fence of fences) outbox.disown(fence)
    for (const entry of entries) {
      const { ref, version, searched, waiter } = entry
      const about = failureOf(entry, error)
      const isSearched = space === searched
      if (isSearched) {
        counters.indexFailed += 1
        events.emit('indexFailed', { ...ref, version, error: about })
        waiter.settled(about)
      } else events.emit('backgroundError', { during: `deleting points of space ${space}`, error: about })
      if (isSearched && !waiter.reportsFailure) entry.untold = about
      if (entry.settleIn(space)) outbox.close(entry)
    }
  }

  /** The store closes: the intents stay, and the next recovery does the rest. */
  left(entries: readonly Entry[]): void {
    const { outbox } = this.#options
    outbox.requestRecovery()
    for (const entry of entries) {
      const message = 'The store was closed before this was searchable; recovery does it'
      entry.waiter.settled(new StoreError('CLOSED', message, { ...entry.ref, retryable: true }))
      outbox.close(entry)
    }
  }

  /**
   * Resolves when no entry whose waiter was told that it is projected has an intent left, but where removing it
   * failed.
   */
  async untilRemoved(): Promise<void> {
    await Promise.all(this.#removals)
  }

  /** Intents of older writes of the same document that had failed, and are over now. */
  #failuresBefore({ ref, version, intents, isConfirmed }: Entry, space: string, seen: Version | undefined): Intent[] {
    const upTo = isConfirmed ? maxVersion(version, seen ?? version) : seen
    return upTo === undefined ? [] : this.#failedIntents.takeOver(space, intents[0]?.kind ?? 'document', ref, upTo)
  }

  #tellProjected(entry: Entry, space: string, removable: readonly Intent[], lacksText: boolean): void {
    if (space !== entry.searched) return
    const { events, counters } = this.#options
    const isKept = !entry.isConfirmed && removable.length === 0
    entry.waiter.settled(undefined, isKept)
    if (isKept) return
    counters.projected += 1
    if (lacksText) counters.withoutText += 1
    if (!events.heard('indexed')) return
    const version = entry.isConfirmed ? entry.version : highestVersion(removable)
    events.emit('indexed', { ...entry.ref, version })
  }

  /** Where removing intents fails, recovery looks at them once more. */
  async #remove(intents: readonly Intent[], end: () => void): Promise<void> {
    const { kv, outbox, events, signal } = this.#options
    try {
      await kv.removeIntents(intents)
    } catch (error) {
      outbox.requestRecovery()
      if (!signal.aborted) {
        const failure = toStoreError(error, 'KV_FAILED', 'Removing intents failed')
        events.emit('backgroundError', { during: 'removing intents', error: failure })
      }
    }
    end()
  }

  /** Where this fails, recovery meets the intents as they are, tries them again, and records why not. */
  async #record(intents: readonly Intent[], { code, message }: StoreError): Promise<void> {
    const { kv, outbox, events } = this.#options
    const failure = { code, message: message.slice(0, 1000) }
    try {
      await kv.addIntents(intents.map((intent) => ({ ...intent, failure })))
    } catch (cause) {
      outbox.requestRecovery()
      const error = toStoreError(cause, 'KV_FAILED', 'Recording a failure failed')
      events.emit('backgroundError', { during: 'recording a failure', error })
    }
  }
}

function failureOf({ ref }: Entry, { code, message, field, cause }: StoreError): StoreError {
  return new StoreError(code, message, { ...ref, field, cause, retryable: false })
}
