import { checkOneOf, checkOptions, checkVersion } from '../api/arguments.js'
import type { DeleteOptions, PutOptions, Receipt, SyncMode } from '../api/documents.js'
import { refId, toRef } from '../document/namespace.js'
import { parseValue } from '../document/value.js'
import type { DocumentTexts } from '../indexing/point-maker.js'
import type { StoreContext } from '../open/context.js'
import type { Waiter } from '../outbox/entry.js'
import { documentIntents } from '../outbox/intents.js'
import type { ManualGroup } from '../outbox/manual-writes.js'
import type { Room, WriteKind } from '../outbox/rooms.js'
import type { DocumentRef, MaybePromise, Namespace } from '../ports/common.js'
import { onAbort, raceAbort } from '../resilience/abort.js'
import { checkConditions, conditionOf, type Draft, draftOf, putOptions } from './draft.js'
import { SingleWrite } from './receipt.js'
import { UpdateTimes } from './update-times.js'
import type { DocumentWrite, WriteStage } from './write-stage.js'

const deleteOptions = ['ifVersion', 'sync', 'signal']
export const syncModes = ['wait', 'background', 'manual'] as const

/** Who waits for a write, and in mode `manual` what waits for a flush together with it. */
export interface WriteWaiter extends Waiter {
  readonly flushGroup?: ManualGroup | undefined
}

/** Accepts writes: waits for room, stamps a version, and hands an entry of the outbox to the write stage. */
export class Writer {
  readonly #context: StoreContext
  readonly #stage: WriteStage
  readonly #updateTimes = new UpdateTimes()

  constructor(context: StoreContext, stage: WriteStage) {
    this.#context = context
    this.#stage = stage
  }

  async put(namespace: Namespace, key: string, value: unknown, options: PutOptions = {}): Promise<Receipt> {
    checkOptions(options, putOptions)
    checkOneOf(options.sync, 'options.sync', syncModes)
    const sync = options.sync ?? this.#context.sync
    const checked = draftOf(this.#context, toRef(namespace, key), value, options, 'options', sync)
    const draft = checked instanceof Promise ? await checked : checked
    return await this.#single(sync, options.signal, (waiter) => this.write(draft, waiter, options.signal))
  }

  async delete(namespace: Namespace, key: string, options: DeleteOptions = {}): Promise<Receipt> {
    checkOptions(options, deleteOptions)
    checkOneOf(options.sync, 'options.sync', syncModes)
    checkVersion(options.ifVersion, 'options.ifVersion')
    const ref = toRef(namespace, key)
    if (options.ifVersion !== undefined) checkConditions(this.#context, ref)
    const sync = options.sync ?? this.#context.sync
    return await this.#single(sync, options.signal, (waiter) => this.deleteRef(ref, waiter, sync, options))
  }

  /** Begins the write of a checked document, at once where there is room for it. */
  write(draft: Draft, waiter: WriteWaiter, signal: AbortSignal | undefined): MaybePromise<DocumentWrite> {
    return this.#withRoom('put', refId(draft.ref), signal, (room, id) => this.#put(room, id, draft, waiter))
  }

  /** Begins a deletion, likewise. */
  deleteRef(
    ref: DocumentRef,
    waiter: WriteWaiter,
    sync: SyncMode,
    options: Pick<DeleteOptions, 'ifVersion' | 'signal'>,
  ): MaybePromise<DocumentWrite> {
    return this.#withRoom('deletion', refId(ref), options.signal, (room, id) =>
      this.#delete(room, id, ref, waiter, sync, options),
    )
  }

  #withRoom<T>(
    kind: WriteKind,
    id: string,
    signal: AbortSignal | undefined,
    begin: (room: Room, id: string) => T,
  ): MaybePromise<T> {
    const { outbox } = this.#context
    const beginOrRelease = (room: Room): T => {
      try {
        return begin(room, id)
      } catch (error) {
        outbox.release(room)
        throw error
      }
    }
    const room = outbox.tryReserve(kind, id)
    return room === undefined ? outbox.reserve(kind, id, signal).then(beginOrRelease) : beginOrRelease(room)
  }

  #put(room: Room, id: string, draft: Draft, waiter: WriteWaiter): DocumentWrite {
    const { ref, json, sync, index } = draft
    const texts = draft.texts === 'later' ? this.#textsOf(draft) : draft.texts
    const { namespace, key } = ref
    const version = this.#context.clock.next()
    const now = Date.now()
    const { createdAt = now, ...times } = draft.times ?? {}
    const updatedAt = times.updatedAt ?? this.#updateTimes.next(id, now)
    const ttlMs = draft.ttlMs ?? this.#context.ttlMs
    const expiresAt = times.expiresAt ?? (ttlMs === undefined ? undefined : now + ttlMs)
    const row = { namespace, key, value: json, version, createdAt, updatedAt, expiresAt, ttlMs, index }
    const put = { row, condition: conditionOf(draft, now) }
    const target = texts && ({ kind: 'present', version, expiresAt, texts, replaces: undefined } as const)
    return this.#start(room, { ref, id, version, put, target }, waiter, sync)
  }

  #textsOf({ ref, json, index }: Draft): DocumentTexts | undefined {
    return this.#context.index?.points.make(ref, parseValue(json), index)
  }

  #delete(
    room: Room,
    id: string,
    ref: DocumentRef,
    waiter: WriteWaiter,
    sync: SyncMode,
    options: Pick<DeleteOptions, 'ifVersion'>,
  ): DocumentWrite {
    const version = this.#context.clock.next()
    const deletion = { ...ref, version, condition: conditionOf(options, Date.now()) }
    const target = { kind: 'absent', upTo: version } as const
    return this.#start(room, { ref, id, version, delete: deletion, target }, waiter, sync)
  }

  /** From here on the outbox owns the write. */
  #start(
    room: Room,
    what: Pick<DocumentRef & DocumentWrite, 'put' | 'delete' | 'target'> &
      Pick<DocumentWrite['entry'], 'ref' | 'id' | 'version'>,
    waiter: WriteWaiter,
    sync: SyncMode,
  ): DocumentWrite {
    const { outbox, index } = this.#context
    const { ref, id, version, put, delete: deletion, target } = what
    const { spaces, searched, intentSpaces } = this.#context.spaces.follow(put === undefined ? 'deletion' : 'put')
    const intents = documentIntents(ref, version, intentSpaces)
    const entry = outbox.accept(
      { ref, id, version, intents, spaces, searched, origin: 'write', isConfirmed: true, waiter },
      room,
    )
    const goesTo = index === undefined ? 'others' : sync === 'manual' ? 'flush' : 'index'
    const write: DocumentWrite = { entry, put, delete: deletion, target, goesTo, flushGroup: waiter.flushGroup }
    this.#stage.add(write)
    return write
  }

  /** One write with a receipt. */
  async #single(
    sync: SyncMode,
    signal: AbortSignal | undefined,
    start: (waiter: SingleWrite) => MaybePromise<DocumentWrite>,
  ): Promise<Receipt> {
    const waiter = new SingleWrite(sync)
    const started = start(waiter)
    const write = started instanceof Promise ? await started : started
    const written = waiter.durable.promise
    if (signal !== undefined) {
      const withdraw = (): void => void this.#stage.withdraw(write)
      if (signal.aborted) withdraw()
      written.catch(() => {}).finally(onAbort(signal, withdraw))
    }
    const { superseded } = await raceAbort(written, signal)
    if (waiter.searchable !== undefined) await raceAbort(waiter.searchable.promise, signal)
    return waiter.receipt(write.entry.version, superseded, () => this.#context.outbox.drain())
  }
}
