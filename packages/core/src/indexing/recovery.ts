import { setTimeout as wait } from 'node:timers/promises'
import type { RecoverResult } from '../api/maintenance.js'
import { refId } from '../document/namespace.js'
import { versionMicros, versionWriter } from '../document/version.js'
import { aborted, mayPass, StoreError, type StoreErrorCode, toStoreError } from '../errors.js'
import type { Events } from '../observe/events.js'
import type { Version } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { Intent } from '../ports/kv-records.js'
import { checkAborted } from '../resilience/abort.js'
import { highestVersion } from './intents.js'
import type { Leases } from './leases.js'
import type { ManualWrites } from './manual-writes.js'
import type { Operation, Settle } from './operation.js'
import type { PendingWrites } from './pending.js'
import type { PrefixDeletions } from './prefix-deletions.js'
import type { Projector } from './projector.js'

export interface RecoveryOptions {
  readonly kv: KVCollection
  /** Name of the space whose intents are recovered. */
  readonly space: string
  readonly projector: Projector
  readonly prefixes: PrefixDeletions
  readonly pending: PendingWrites
  readonly events: Events
  readonly leases: Leases
  readonly manual: ManualWrites
  /** How long a write of unknown outcome may still arrive, milliseconds. */
  readonly settleMs: number
  /** Versions of this store's own writes that it is working on. */
  readonly active: ReadonlySet<Version>
  readonly signal: AbortSignal
}

/** Intents read at a time. */
const PAGE = 256
/** How long a lease that has run out is kept at least. */
const LEASE_KEPT_MS = 600_000
/** How often own writes of unknown outcome are looked at. */
const OWN_LOOK_MS = 30_000

/** What dead writers left and what is this store's own, or only the latter up to a version. */
type Which = 'dead' | { readonly upTo: Version }

interface PassOptions {
  readonly retryFailed: boolean
  /** Nobody asked for it, so it embeds nothing that waits for a flush. */
  readonly background?: boolean
  /** What this store wrote is in good hands, so that only what others left is looked at. */
  readonly othersOnly?: boolean
  readonly signal?: AbortSignal | undefined
}

interface Pass {
  readonly which: Which
  projected: number
  failed: number
  /** Of the failed, those that had failed before. */
  knownFailed: number
  /** Writers that were alive, and until when. */
  readonly alive: Map<string, number>
  error: StoreError | undefined
}

/** Projects what intents of dead writers name, and what this store wrote and has not projected. */
export class Recovery {
  readonly #options: RecoveryOptions
  #running: Promise<unknown> = Promise.resolve()
  #unsettled = false
  /** Intents that an earlier pass gave to the projector, and that are not at their end. */
  readonly #inHand = new Set<string>()
  /** Versions of own writes whose outcome is not known. */
  readonly #unknown = new Set<Version>()
  #nextLookAtOwn = 0
  /** Projected since `recover()` last told. */
  #projectedSinceTold = 0
  /** Dead writers whose intents this store has looked at, by when their lease ran out. Others may have yet to do so, for their spaces. */
  #lookedAfter: ReadonlyMap<string, number> = new Map()

  constructor(options: RecoveryOptions) {
    this.#options = options
  }

  /** Waits for leases to run out, and projects all that is left behind. Throws what kept it from projecting something. */
  recover(options: {
    readonly retryFailed: boolean
    readonly signal?: AbortSignal | undefined
  }): Promise<RecoverResult> {
    return this.#alone(async () => {
      const { manual } = this.#options
      const ownWaiting = manual.waiting
      const first = await this.#pass(options, 'dead')
      let { projected, failed } = first
      if (first.alive.size > 0) {
        await this.#untilRunOut(first.alive, options.signal)
        // What has just failed is known by now, and counted again.
        const second = await this.#pass({ ...options, retryFailed: false }, 'dead')
        projected += second.projected
        failed = second.failed
        first.error ??= second.error
      }
      if (first.error !== undefined) throw first.error
      if (ownWaiting !== undefined) manual.flushed(ownWaiting)
      if (projected + failed > 0) this.#options.events.emit('recovered', { projected, failed })
      const waiting = await this.#countLeft()
      checkAborted(options.signal)
      const result = { projected: this.#projectedSinceTold, failed, waiting }
      this.#projectedSinceTold = 0
      return result
    })
  }

  /** Projects what this store wrote in mode `manual`, up to a version. */
  projectOwn(upTo: Version, signal: AbortSignal | undefined): Promise<void> {
    return this.#alone(async () => {
      const { error } = await this.#pass({ retryFailed: false, signal }, { upTo })
      if (error !== undefined) throw error
    })
  }

  /** Says that there are intents to look at again; `unknown`: versions of writes of this store that may have taken effect, or may do so later. */
  noteUnsettled(unknown: readonly Version[] = []): void {
    this.#unsettled = true
    for (const version of unknown) this.#unknown.add(version)
  }

  /** Whether there are intents to look at again. */
  get isUnsettled(): boolean {
    return this.#unsettled || this.#unknown.size > 0
  }

  /** Recovers without waiting for leases: on opening, and for the heartbeat when a writer has died or an own write is unsettled. */
  recoverNow(options: { readonly opening: boolean }): Promise<void> {
    const { leases, events } = this.#options
    return this.#alone(async () => {
      const now = Date.now()
      const dead = [...(await leases.others())].filter(([, expiresAt]) => expiresAt <= now)
      const lookAtDead = dead.some(([writer, expiresAt]) => this.#lookedAfter.get(writer) !== expiresAt)
      const lookAtOwn = this.isUnsettled && now >= this.#nextLookAtOwn
      if (!options.opening && !lookAtOwn && !lookAtDead) {
        await this.#noteLookedAfter(dead, now)
        return
      }
      if (lookAtOwn) {
        this.#unsettled = false
        this.#nextLookAtOwn = now + OWN_LOOK_MS
        this.#forgetArrived(now)
      }
      const pass = this.#pass({ retryFailed: false, background: true, othersOnly: !lookAtOwn }, 'dead')
      const { projected, failed, knownFailed, error } = await pass.catch((cause: unknown) => {
        // Broken off: what was to be looked at still is.
        this.#unsettled ||= lookAtOwn
        throw cause
      })
      if (error !== undefined) {
        this.#unsettled = true
        throw error
      }
      await this.#noteLookedAfter(dead, now)
      if (projected + failed > knownFailed) events.emit('recovered', { projected, failed: failed - knownFailed })
    })
  }

  /** Notes that these are looked after. Their leases are kept until all stores that are open have seen that they have run out: each looks after its own space. */
  async #noteLookedAfter(dead: readonly (readonly [writer: string, expiresAt: number])[], now: number): Promise<void> {
    const { leases, settleMs } = this.#options
    this.#lookedAfter = new Map(dead)
    const old = dead.filter(([, expiresAt]) => expiresAt <= now - Math.max(settleMs, LEASE_KEPT_MS))
    await leases.forget(old.map(([writer]) => writer))
  }

  #forgetArrived(now: number): void {
    const arrivedBy = (now - this.#options.settleMs) * 1000
    for (const version of this.#unknown) if (versionMicros(version) < arrivedBy) this.#unknown.delete(version)
  }

  /** Intents that nobody is working on here and that are still there. */
  async #countLeft(): Promise<number> {
    let left = 0
    let cursor: string | undefined
    do {
      const page = await this.#list(cursor)
      left += page.intents.filter(({ failure }) => failure === undefined).length
      cursor = page.cursor
    } while (cursor !== undefined)
    return left
  }

  /**
   * A page of the intents that this store is not working on. It may have been when it asked for them, and be done since: what the database read then may be removed by now. What has failed
   * for good is given all the same.
   */
  async #list(cursor: string | undefined): ReturnType<KVCollection['listIntents']> {
    const { kv, space, projector, active } = this.#options
    // What is projected is told before its intents are removed.
    await projector.untilIntentsRemoved()
    const wasActive = new Set([...active, ...projector.removing()])
    const wasInHand = new Set(this.#inHand)
    const page = await kv.listIntents({ space, cursor, limit: PAGE })
    const intents = page.intents.filter((intent) => {
      if (active.has(intent.version)) return false
      const hand = handOf(intent)
      if (intent.failure !== undefined || this.#inHand.has(hand)) return true
      // It may be kept, for a write that has yet to arrive.
      if (wasInHand.has(hand)) this.#unsettled = true
      return !wasInHand.has(hand) && !wasActive.has(intent.version)
    })
    return { ...page, intents }
  }

  /** One recovery at a time. */
  #alone<T>(run: () => Promise<T>): Promise<T> {
    const next = this.#running.then(run, run)
    this.#running = next.catch(() => {})
    return next
  }

  async #untilRunOut(alive: ReadonlyMap<string, number>, signal: AbortSignal | undefined): Promise<void> {
    const ends = signal === undefined ? this.#options.signal : AbortSignal.any([this.#options.signal, signal])
    // A clock that is wrong by hours must not make us wait for hours.
    const longest = this.#options.leases.durationMs * 2
    const ms = Math.min(longest, Math.max(...alive.values()) - Date.now() + 1)
    await wait(Math.max(1, ms), undefined, { signal: ends }).catch(() => {
      // The reason says that the store was closed.
      if (this.#options.signal.aborted) throw this.#options.signal.reason
      throw aborted(ends)
    })
  }

  async #pass(options: PassOptions, which: Which): Promise<Pass> {
    const { leases } = this.#options
    const pass: Pass = { which, projected: 0, failed: 0, knownFailed: 0, alive: new Map(), error: undefined }
    const leasesOfOthers = which === 'dead' ? await leases.others() : new Map<string, number>()
    let cursor: string | undefined
    do {
      checkAborted(options.signal)
      const page = await this.#list(cursor)
      if (which === 'dead' && page.writers?.some((writer) => this.#isGone(writer, leasesOfOthers)))
        this.#unsettled = true
      const taken = page.intents.filter((intent) => this.#takes(intent, which, options, leasesOfOthers, pass))
      // Some of it may have to be looked at again, when a write has arrived; also what others left, as their leases are forgotten.
      if (taken.length > 0 && which === 'dead') this.#unsettled = true
      await this.#project(taken, which, pass)
      cursor = page.cursor
      // What fails for a passing reason is in good hands with the projector; more of it would only pile up.
      if (pass.error !== undefined) break
    } while (cursor !== undefined)
    return pass
  }

  #count(pass: Pass): void {
    pass.projected += 1
    if (pass.which === 'dead') this.#projectedSinceTold += 1
  }

  /** Whether a writer is neither this store nor has a lease. */
  #isGone(writer: string, leasesOfOthers: ReadonlyMap<string, number>): boolean {
    return writer !== this.#options.leases.writer && (leasesOfOthers.get(writer) ?? 0) <= Date.now()
  }

  #takes(
    intent: Intent,
    which: Which,
    { retryFailed, background = false, othersOnly = false }: PassOptions,
    leasesOfOthers: ReadonlyMap<string, number>,
    pass: Pass,
  ): boolean {
    const writer = versionWriter(intent.version)
    const own = writer === this.#options.leases.writer
    if (!own && which !== 'dead') return false
    if (own && (othersOnly || (background && this.#options.manual.size > 0))) return false
    if (which !== 'dead' && intent.version > which.upTo) return false
    if (this.#inHand.has(handOf(intent))) {
      pass.error ??= new StoreError('UNAVAILABLE', 'What is left behind is being tried again')
      return false
    }
    if (intent.failure !== undefined && !retryFailed) {
      pass.failed += 1
      pass.knownFailed += 1
      if (own) this.#options.manual.failed(intent.version, knownFailure(intent))
      return false
    }
    const expiresAt = leasesOfOthers.get(writer) ?? 0
    if (expiresAt <= Date.now()) return true
    pass.alive.set(writer, expiresAt)
    return false
  }

  async #project(intents: readonly Intent[], which: Which, pass: Pass): Promise<void> {
    const documents = new Map<string, Intent[]>()
    const prefixes: Intent[] = []
    for (const intent of intents) {
      if (intent.kind === 'prefix') prefixes.push(intent)
      else {
        const id = refId(intent)
        const same = documents.get(id)
        if (same === undefined) documents.set(id, [intent])
        else same.push(intent)
      }
    }
    for (const intent of prefixes) await this.#projectPrefix(intent, pass)
    if (documents.size === 0) return
    await new Promise<void>((resolve) => {
      const operations: Operation[] = []
      let open = documents.size
      const settle: Settle = (error, isKept) => {
        if (error === undefined) {
          if (!isKept) this.#count(pass)
        } else if (error.code === 'CLOSED' || error.retryable) pass.error ??= error
        else pass.failed += 1
        open -= 1
        if (open === 0) resolve()
      }
      for (const same of documents.values()) {
        const [{ namespace, key }] = same as [Intent, ...Intent[]]
        let told = false
        for (const intent of same) this.#inHand.add(handOf(intent))
        const end: Settle = (error, isKept) => {
          for (const intent of same) this.#inHand.delete(handOf(intent))
          once(error, isKept)
        }
        const once: Settle = (error, isKept) => {
          if (error !== undefined && !error.retryable)
            for (const { version } of same) this.#options.manual.failed(version, error)
          if (told) {
            // It had been told as delayed.
            if (error === undefined && !isKept) this.#count(pass)
            return
          }
          told = true
          settle(error, isKept)
        }
        const init = {
          ref: { namespace, key },
          version: highestVersion(same),
          intents: same,
          confirmed: same.every((intent) => this.#isKnown(intent)),
          mayHavePoints: true,
        }
        operations.push(
          this.#options.projector.accept({ ...init, settle: end, delayed: once, toldByPut: which === 'dead' }),
        )
      }
      this.#options.projector.submit(operations)
    })
  }

  /** Whether an intent is of a write of this store that was done or refused, so that nothing of it can arrive any more. */
  #isKnown({ version }: Intent): boolean {
    return versionWriter(version) === this.#options.leases.writer && !this.#unknown.has(version)
  }

  /** The writer may have died half way, so the deletion is done again from the start: it is bounded by its version. */
  async #projectPrefix(intent: Intent, pass: Pass): Promise<void> {
    const { kv, pending, prefixes } = this.#options
    const { namespace: prefix, version } = intent
    const deletion = {
      sequence: pending.nextSequence(),
      ref: { namespace: prefix, key: '' },
      prefix,
      version,
      intents: [intent],
    }
    try {
      await kv.deletePrefix(prefix, version)
    } catch (error) {
      pass.error ??= toStoreError(error, 'KV_FAILED', 'Recovering the deletion of a namespace failed')
      return
    }
    pending.open(deletion, false)
    this.#inHand.add(handOf(intent))
    await new Promise<void>((resolve) => {
      const failed = (cause: unknown): void => {
        const error = toStoreError(cause, 'INDEX_FAILED', 'Recovering the deletion of a namespace failed')
        if (mayPass(error) || this.#options.signal.aborted) pass.error ??= error
        else pass.failed += 1
        resolve()
      }
      prefixes
        .project(deletion, failed)
        .then(() => {
          this.#count(pass)
          resolve()
        }, failed)
        .finally(() => this.#inHand.delete(handOf(intent)))
    })
  }
}

function handOf(intent: Intent): string {
  return `${intent.kind} ${intent.version} ${refId(intent)}`
}

/** The failure that an intent records, as an error. */
function knownFailure({ namespace, key, failure }: Intent): StoreError {
  const { code = 'INDEX_FAILED', message = '' } = failure ?? {}
  return new StoreError(code as StoreErrorCode, message, { namespace, key, retryable: false })
}
