import type { RecoverResult } from '../api/maintenance.js'
import { versionMicros, versionWriter } from '../document/version.js'
import { StoreError } from '../errors.js'
import type { Events } from '../observe/events.js'
import type { WaitingWrites } from '../outbox/manual-writes.js'
import type { Settlement } from '../outbox/settlement.js'
import type { Version } from '../ports/common.js'
import type { Intent } from '../ports/kv-records.js'
import { checkAborted, sleepWhileOpen } from '../resilience/abort.js'
import { DeadWriters } from './dead-writers.js'
import type { Leases } from './leases.js'
import type { OtherSpaces } from './other-spaces.js'
import { recoverableIntents } from './recoverable-intents.js'
import { RecoveryHandover, type RecoveryHandoverOptions, type RecoveryTally } from './recovery-handover.js'
import { knownFailure } from './recovery-waiter.js'
import type { RetryQueue } from './retry-queue.js'

export interface RecoveryOptions extends RecoveryHandoverOptions {
  readonly settlement: Settlement
  /** Spaces of other models, where deletions are recovered too. */
  readonly others: OtherSpaces
  readonly events: Events
  readonly retries: RetryQueue
  readonly leases: Leases
  /** How long a write of unknown outcome may still arrive, milliseconds. */
  readonly settleMs: number
  readonly signal: AbortSignal
}

/** How often own writes of unknown outcome are looked at, milliseconds. */
const OWN_LOOK_MS = 30_000
/** The longest lease of another process that is waited for, milliseconds. */
const LONGEST_LEASE_MS = 600_000

interface Scope {
  /** `dead`: what dead writers left, and what is this store's own. Else only own intents up to this version. */
  readonly which: 'dead' | { readonly upTo: Version }
  readonly retryFailed?: boolean
  /** Nobody asked for it: what waits for a flush is not embedded. */
  readonly isBackground?: boolean
  /** Passes over this store's own intents. */
  readonly othersOnly?: boolean
  readonly signal?: AbortSignal | undefined
}

interface Pass extends Scope {
  readonly leasesOfOthers: ReadonlyMap<string, number>
  /** Writers that were alive, and until when. */
  readonly alive: Map<string, number>
  projected: number
  failed: number
  /** Of the failed, those that had failed before. */
  knownFailed: number
  /** What kept it from projecting something. */
  error: StoreError | undefined
}

/**
 * Scans intents, and hands over to the indexer what no live writer owns: left by dead writers, or by this store
 * itself.
 */
export class Recovery {
  readonly #options: RecoveryOptions
  #running: Promise<unknown> = Promise.resolve()
  #nextLookAtOwn = 0
  /** Projected since `recover()` last told. */
  #untoldProjected = 0
  readonly #deadWriters: DeadWriters
  readonly #handover: RecoveryHandover

  constructor(options: RecoveryOptions) {
    this.#options = options
    this.#deadWriters = new DeadWriters(options.leases, options.settleMs)
    this.#handover = new RecoveryHandover(options)
  }

  /**
   * Waits for leases to run out, and projects all that is left behind. Throws what kept it from projecting something.
   */
  async recover(options: Pick<Scope, 'retryFailed' | 'signal'>): Promise<RecoverResult> {
    const { outbox, retries } = this.#options
    // What an earlier recovery claimed and could not project.
    retries.retryNow()
    const claimed = outbox.barrierOfClaimed(options.signal)
    outbox.drain()
    await claimed
    const scope: Scope = { ...options, which: 'dead' }
    const first = await this.#alone(async () => {
      const ownWaiting = outbox.manual.waiting
      const pass = await this.#completePass(scope)
      return pass.alive.size > 0 ? pass : this.#conclude(pass, 0, ownWaiting, options.signal)
    })
    if (!('alive' in first)) return first
    // Others may have their turn meanwhile, such as a flush of mode manual.
    await this.#untilRunOut(first.alive, options.signal)
    return this.#alone(async () => {
      const ownWaiting = outbox.manual.waiting
      // What has just failed is known by now, and counted again.
      const pass = await this.#completePass({ ...scope, retryFailed: false })
      return this.#conclude(pass, first.projected, ownWaiting, options.signal)
    })
  }

  /** Throws what kept it from projecting something. */
  async #completePass(scope: Scope): Promise<Pass> {
    const pass = await this.#pass(scope)
    if (pass.error !== undefined) throw pass.error
    return pass
  }

  async #conclude(
    pass: Pass,
    projectedBefore: number,
    ownWaiting: WaitingWrites | undefined,
    signal: AbortSignal | undefined,
  ): Promise<RecoverResult> {
    const { outbox, events, others } = this.#options
    const projected = projectedBefore + pass.projected
    const { failed } = pass
    await others.recoverDeletions()
    if (ownWaiting !== undefined) outbox.manual.flushed(ownWaiting)
    if (projected + failed > 0) events.emit('recovered', { projected, failed })
    const waiting = await this.#countLeft()
    checkAborted(signal)
    const told = this.#untoldProjected
    this.#untoldProjected = 0
    return { projected: told, failed, waiting }
  }

  /** Projects what this store wrote in mode `manual`, up to a version. */
  projectOwn(upTo: Version, signal: AbortSignal | undefined): Promise<void> {
    return this.#alone(async () => {
      const { error } = await this.#pass({ which: { upTo }, signal })
      if (error !== undefined) throw error
    })
  }

  /**
   * Recovers without waiting for leases: on opening, and for the heartbeat when a writer has died or an own outcome
   * is unknown.
   */
  recoverNow({ opening }: { readonly opening: boolean }): Promise<void> {
    const { leases, outbox, events } = this.#options
    return this.#alone(async () => {
      const now = leases.now()
      const looksAtDead = await this.#deadWriters.look()
      const looksAtOwn = outbox.needsRecovery && now >= this.#nextLookAtOwn
      if (!opening && !looksAtOwn && !looksAtDead) {
        await this.#deadWriters.noteRecovered()
        return
      }
      if (looksAtOwn) {
        outbox.takeRecoveryRequest()
        this.#nextLookAtOwn = now + OWN_LOOK_MS
        const arrivedBy = (now - this.#options.settleMs) * 1000
        outbox.forgetUnknown((version) => versionMicros(version) >= arrivedBy)
      }
      const scope = { which: 'dead', isBackground: true, othersOnly: !looksAtOwn } as const
      const { projected, failed, knownFailed, error } = await this.#pass(scope).catch((cause: unknown) => {
        // Broken off: the request still stands.
        if (looksAtOwn) outbox.requestRecovery()
        throw cause
      })
      if (error !== undefined) {
        outbox.requestRecovery()
        throw error
      }
      await this.#options.others.recoverDeletions()
      await this.#deadWriters.noteRecovered()
      if (projected + failed > knownFailed) events.emit('recovered', { projected, failed: failed - knownFailed })
    })
  }

  /** One recovery at a time. */
  #alone<T>(run: () => Promise<T>): Promise<T> {
    const next = this.#running.then(run, run)
    this.#running = next.catch(() => {})
    return next
  }

  /** Waits until each of these writers has renewed its lease, given it up, or let it run out. */
  async #untilRunOut(alive: ReadonlyMap<string, number>, signal: AbortSignal | undefined): Promise<void> {
    const { leases } = this.#options
    const { durationMs } = leases
    // A clock that is wrong by hours must not make us wait for hours.
    const longest = Math.max(durationMs * 2, LONGEST_LEASE_MS)
    const endsAt = performance.now() + Math.min(longest, Math.max(...alive.values()) - leases.now() + 1)
    let left = [...alive]
    while (left.length > 0 && performance.now() < endsAt) {
      const ms = Math.min(durationMs, endsAt - performance.now())
      await sleepWhileOpen(Math.max(1, Math.ceil(ms)), this.#options.signal, signal)
      const now = await leases.others()
      left = left.filter(([writer, expiresAt]) => expiresAt > leases.now() && now.get(writer) === expiresAt)
    }
  }

  /** Intents that nobody owns here and that are still there. */
  async #countLeft(): Promise<number> {
    let left = 0
    for await (const { intents } of recoverableIntents(this.#options))
      left += intents.filter(({ failure }) => failure === undefined).length
    return left
  }

  async #pass(scope: Scope): Promise<Pass> {
    const { leases, outbox } = this.#options
    const { which } = scope
    const leasesOfOthers = which === 'dead' ? await leases.others() : new Map<string, number>()
    const pass: Pass = {
      ...scope,
      leasesOfOthers,
      alive: new Map(),
      projected: 0,
      failed: 0,
      knownFailed: 0,
      error: undefined,
    }
    checkAborted(scope.signal)
    for await (const { intents, writers } of recoverableIntents(this.#options)) {
      if (which === 'dead' && writers?.some((writer) => this.#isGone(writer, leasesOfOthers))) outbox.requestRecovery()
      const taken = intents.filter((intent) => this.#takes(intent, pass))
      // Some of it may have to be looked at again, when a write has arrived.
      if (taken.length > 0 && which === 'dead') outbox.requestRecovery()
      await this.#handover.project(taken, this.#tallyOf(pass))
      // A transient failure is retried by the indexer; more of it would only pile up.
      if (pass.error !== undefined) break
      checkAborted(scope.signal)
    }
    return pass
  }

  #tallyOf(pass: Pass): RecoveryTally {
    return {
      projected: () => {
        pass.projected += 1
        if (pass.which === 'dead') this.#untoldProjected += 1
      },
      failed: () => {
        pass.failed += 1
      },
      kept: (error) => {
        pass.error ??= error
      },
    }
  }

  /** Whether a writer is neither this store nor has a lease. */
  #isGone(writer: string, leasesOfOthers: ReadonlyMap<string, number>): boolean {
    const { leases } = this.#options
    return writer !== leases.writer && (leasesOfOthers.get(writer) ?? 0) <= leases.now()
  }

  #takes(intent: Intent, pass: Pass): boolean {
    const { leases, outbox } = this.#options
    const { which, retryFailed = false, isBackground = false, othersOnly = false, leasesOfOthers } = pass
    const writer = versionWriter(intent.version)
    const isOwn = writer === leases.writer
    if (!isOwn && which !== 'dead') return false
    if (isOwn && (othersOnly || (isBackground && outbox.manual.size > 0))) return false
    if (which !== 'dead' && intent.version > which.upTo) return false
    const owner = outbox.ownerOf(intent)
    if (owner !== undefined) {
      pass.error ??= owner.lastFailure ?? new StoreError('UNAVAILABLE', 'What is left behind is being tried again')
      return false
    }
    if (intent.failure !== undefined && !retryFailed) {
      pass.failed += 1
      pass.knownFailed += 1
      if (isOwn) outbox.manual.failed(intent.version, knownFailure(intent))
      return false
    }
    const expiresAt = leasesOfOthers.get(writer) ?? 0
    if (expiresAt <= leases.now()) return true
    pass.alive.set(writer, expiresAt)
    return false
  }
}
