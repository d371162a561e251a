import { checkBoolean, checkOneOf, checkOptions, checkTtl, checkVersion } from '../api/arguments.js'
import type { DeleteOptions, PutManyDocument, PutOptions, Receipt, SyncMode } from '../api/documents.js'
import { refId, toRef } from '../document/namespace.js'
import { type Json, parsePath } from '../document/paths.js'
import { validateBySchema } from '../document/schema.js'
import { parseValue, serializeValue } from '../document/value.js'
import { invalid, StoreError } from '../errors.js'
import { documentIntents } from '../indexing/intents.js'
import type { ManualGroup } from '../indexing/manual-writes.js'
import type { Operation, Target } from '../indexing/operation.js'
import type { DocumentTexts } from '../indexing/point-maker.js'
import type { StoreContext } from '../open/context.js'
import type { DocumentRef, Namespace, Version } from '../ports/common.js'
import type { WriteCondition } from '../ports/kv-records.js'
import { orAborted } from '../resilience/abort.js'
import type { WriteBatches, WriteRequest } from './write-batches.js'

type WriteOptions = Pick<PutOptions, 'ttlMs' | 'index' | 'ifAbsent' | 'ifVersion'>

const writeOptions = ['ttlMs', 'index', 'ifAbsent', 'ifVersion']
const putOptions = [...writeOptions, 'sync', 'signal']
const documentFields = ['namespace', 'key', 'value', ...writeOptions]
const deleteOptions = ['ifVersion', 'sync', 'signal']
export const syncModes = ['wait', 'background', 'manual'] as const

/** A checked document before it has a version. Nothing of it changes with the caller's value. */
export interface Draft extends WriteOptions {
  readonly ref: DocumentRef
  /** The value as JSON. */
  readonly json: string
  readonly sync: SyncMode
  /** What is to be embedded, or that this is found later, from the JSON. Absent where nothing is embedded now. */
  readonly texts: DocumentTexts | 'later' | undefined
}

/** How the caller hears of what becomes of a write. */
export interface Listener {
  /** Durable; or not, for this reason. */
  written(error: StoreError | undefined, version: Version): void
  /** Searchable; or never, for this reason. */
  indexed(error?: StoreError): void
  /** Not searchable yet, as an attempt failed. */
  delayed?(error: StoreError): void
  /** Whether somebody waits until it is searchable. */
  readonly isAwaited: boolean
  /** In mode `manual`: the writes that wait for a flush together with this one. */
  readonly flushGroup?: ManualGroup | undefined
}

/** Accepts writes: check once, stamp a version, write intent and document, hand over to the index. */
export class Writer {
  readonly #context: StoreContext
  readonly #batches: WriteBatches

  constructor(context: StoreContext, batches: WriteBatches) {
    this.#context = context
    this.#batches = batches
  }

  async put(namespace: Namespace, key: string, value: unknown, options: PutOptions = {}): Promise<Receipt> {
    checkOptions(options, putOptions)
    checkOneOf(options.sync, 'options.sync', syncModes)
    const sync = options.sync ?? this.#context.sync
    const checked = this.#check(toRef(namespace, key), value, options, 'options', sync)
    const draft = checked instanceof Promise ? await checked : checked
    // Everything else is made when there is room: of many puts at once most wait for it, and keep what they have.
    const place = this.#context.pending.tryReserve() ?? (await this.#context.pending.reserve(options.signal))
    return await this.#single(sync, options.signal, (listener) => this.#put(place, draft, listener))
  }

  async delete(namespace: Namespace, key: string, options: DeleteOptions = {}): Promise<Receipt> {
    checkOptions(options, deleteOptions)
    checkOneOf(options.sync, 'options.sync', syncModes)
    checkVersion(options.ifVersion, 'options.ifVersion')
    const ref = toRef(namespace, key)
    if (options.ifVersion !== undefined) this.#checkConditions(ref)
    const sync = options.sync ?? this.#context.sync
    const place = this.#context.pending.tryReserve() ?? (await this.#context.pending.reserve(options.signal))
    return await this.#single(sync, options.signal, (listener) => this.#delete(place, ref, listener, sync, options))
  }

  /** Checks the document of a putMany that is at `position`, from 0; a schema may need time. */
  checkDocument(document: PutManyDocument<object>, position: number, sync: SyncMode): Draft | Promise<Draft> {
    const at = `documents[${position}]`
    if (typeof document !== 'object' || document === null) throw invalid(at, 'a document: namespace, key and value')
    const ref = toRef(document.namespace, document.key, `${at}.`)
    checkOptions(document, documentFields, at)
    return this.#check(ref, document.value, document, at, sync)
  }

  /** Begins the write of a checked document, at once where there is room for it. */
  write(draft: Draft, listener: Listener, signal: AbortSignal | undefined): WriteRequest | Promise<WriteRequest> {
    const { pending } = this.#context
    const place = pending.tryReserve()
    return place !== undefined
      ? this.#put(place, draft, listener)
      : pending.reserve(signal).then((later) => this.#put(later, draft, listener))
  }

  /** Begins a deletion, likewise. */
  deleteRef(
    ref: DocumentRef,
    listener: Listener,
    sync: SyncMode,
    options: Pick<DeleteOptions, 'ifVersion' | 'signal'>,
  ): WriteRequest | Promise<WriteRequest> {
    const { pending } = this.#context
    const place = pending.tryReserve()
    return place !== undefined
      ? this.#delete(place, ref, listener, sync, options)
      : pending.reserve(options.signal).then((later) => this.#delete(later, ref, listener, sync, options))
  }

  /** `field`: how errors name the options. */
  #check(
    ref: DocumentRef,
    value: unknown,
    options: WriteOptions,
    field: string,
    sync: SyncMode,
  ): Draft | Promise<Draft> {
    const { ttlMs, index, ifAbsent, ifVersion } = options
    checkTtl(ttlMs, `${field}.ttlMs`)
    checkBoolean(ifAbsent, `${field}.ifAbsent`)
    checkVersion(ifVersion, `${field}.ifVersion`)
    if (ifAbsent && ifVersion !== undefined) throw invalid(`${field}.ifVersion`, 'no ifAbsent beside it')
    if (index !== undefined && index !== false) {
      if (!Array.isArray(index)) throw invalid(`${field}.index`, 'false or a list of paths')
      index.forEach((path, i) => void parsePath(path, `${field}.index[${i}]`))
    }
    if (ifAbsent || ifVersion !== undefined) this.#checkConditions(ref)
    const { schema } = this.#context
    const draft = (checked: unknown): Draft => {
      const json = serializeValue(checked, ref)
      const texts = this.#textsOf(ref, checked as Json, index, sync)
      return { ref, json, sync, texts, ttlMs, index: index && [...index], ifAbsent, ifVersion }
    }
    if (schema === undefined) return draft(value)
    const validated = validateBySchema(schema, value, ref)
    return validated instanceof Promise ? validated.then(draft) : draft(validated)
  }

  #checkConditions(ref: DocumentRef): void {
    const { name, capabilities } = this.#context.kvAdapter
    if (capabilities.conditionalWrites) return
    throw new StoreError('NOT_SUPPORTED', `${name} cannot write on a condition`, { ...ref })
  }

  /** Hashing the texts is most of the work, so that a write which waits for room waits with that too: of many at once the first begin sooner. */
  #textsOf(ref: DocumentRef, value: Json, directive: WriteOptions['index'], sync: SyncMode): Draft['texts'] {
    const { index, pending } = this.#context
    if (index === undefined || sync === 'manual') return undefined
    return pending.hasRoom ? index.points.make(ref, value, directive) : 'later'
  }

  #textsLater(place: number, { ref, json, index }: Draft): DocumentTexts | undefined {
    try {
      return this.#context.index?.points.make(ref, parseValue(json), index)
    } catch (error) {
      this.#context.pending.release(place)
      throw error
    }
  }

  #put(place: number, draft: Draft, listener: Listener): WriteRequest {
    const { ref, json, sync, index } = draft
    const texts = draft.texts === 'later' ? this.#textsLater(place, draft) : draft.texts
    const { namespace, key } = ref
    const version = this.#context.clock.next()
    const now = Date.now()
    const ttlMs = draft.ttlMs ?? this.#context.ttlMs
    const expiresAt = ttlMs === undefined ? undefined : now + ttlMs
    const row = { namespace, key, value: json, version, createdAt: now, updatedAt: now, expiresAt, ttlMs, index }
    const put = { row, condition: conditionOf(draft, now) }
    const target = texts && ({ kind: 'present', version, expiresAt, texts, replaces: undefined } as const)
    return this.#start(place, ref, version, { put, delete: undefined, target }, listener, sync)
  }

  #delete(
    place: number,
    ref: DocumentRef,
    listener: Listener,
    sync: SyncMode,
    options: Pick<DeleteOptions, 'ifVersion'>,
  ): WriteRequest {
    const version = this.#context.clock.next()
    const { namespace, key } = ref
    const deletion = { namespace, key, version, condition: conditionOf(options, Date.now()) }
    const target = { kind: 'absent', upTo: version } as const
    return this.#start(place, ref, version, { put: undefined, delete: deletion, target }, listener, sync)
  }

  /** Registers the write with the index, so that a flush knows of it, and puts it into a batch. */
  #start(
    sequence: number,
    ref: DocumentRef,
    version: Version,
    what: Pick<WriteRequest, 'put' | 'delete'> & { readonly target: Target | undefined },
    listener: Listener,
    sync: SyncMode,
  ): WriteRequest {
    const { index, pending, active } = this.#context
    const { put, delete: deletion, target } = what
    const id = refId(ref)
    const manual = index !== undefined && sync === 'manual'
    const intents = documentIntents(ref, version, this.#context.spacesToFollow())
    active.add(version)
    let operation: Operation | undefined
    if (index === undefined || manual) pending.open({ sequence, ref }, true)
    else {
      const settle = (error?: StoreError): void => listener.indexed(error)
      const toldByPut = sync === 'wait'
      const delayed = toldByPut ? (error: StoreError): void => listener.delayed?.(error) : undefined
      operation = index.projector.accept(
        { ref, id, version, intents, confirmed: true, target, mayHavePoints: true, settle, delayed, toldByPut },
        sequence,
      )
    }
    const place = operation ?? { sequence, ref }
    const request: WriteRequest = {
      ref,
      id,
      version,
      put,
      delete: deletion,
      intents,
      operation,
      place,
      manual,
      listener,
    }
    this.#batches.add(request)
    return request
  }

  /** One write with a receipt. */
  async #single(
    sync: SyncMode,
    signal: AbortSignal | undefined,
    start: (listener: Listener) => WriteRequest,
  ): Promise<Receipt> {
    const listener = new SingleWrite(sync)
    const request = start(listener)
    const written = listener.durable.promise
    if (signal !== undefined) {
      const onAbort = (): void => void this.#batches.withdraw(request)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
      written.catch(() => {}).finally(() => signal.removeEventListener('abort', onAbort))
    }
    const version = await orAborted(written, signal)
    if (listener.searchable !== undefined) await orAborted(listener.searchable.promise, signal)
    const { projector } = this.#context.index ?? {}
    return {
      version,
      get indexed() {
        listener.isAwaited = true
        projector?.hurry()
        return listener.projected.promise
      },
    }
  }
}

/** The promises of one write. */
class SingleWrite implements Listener {
  isAwaited = false
  readonly durable = Promise.withResolvers<Version>()
  /** What the receipt waits for. */
  readonly projected = Promise.withResolvers<void>()
  /** In mode `wait` put tells of an attempt that failed; the receipt goes on waiting for the next one. */
  readonly searchable: PromiseWithResolvers<void> | undefined

  constructor(sync: SyncMode) {
    if (sync === 'wait') this.searchable = Promise.withResolvers()
    this.projected.promise.catch(() => {})
    this.searchable?.promise.catch(() => {})
  }

  written(error: StoreError | undefined, version: Version): void {
    if (error === undefined) this.durable.resolve(version)
    else this.durable.reject(error)
  }

  indexed(error?: StoreError): void {
    if (error === undefined) {
      this.projected.resolve()
      this.searchable?.resolve()
    } else {
      this.projected.reject(error)
      this.searchable?.reject(error)
    }
  }

  delayed({ code, message }: StoreError): void {
    this.searchable?.reject(new StoreError(code, `Stored, but not searchable yet: ${message}`, { retryable: true }))
  }
}

function conditionOf(options: Pick<PutOptions, 'ifAbsent' | 'ifVersion'>, now: number): WriteCondition | undefined {
  if (options.ifAbsent) return { kind: 'absent', now }
  if (options.ifVersion !== undefined) return { kind: 'version', version: options.ifVersion, now }
  return undefined
}
