import { orAborted } from './abort.js'
import type { DeleteOptions, PutManyDocument, PutOptions, Receipt, SyncMode } from './api.js'
import { checkBoolean, checkOneOf, checkOptions, checkTtl, checkVersion } from './arguments.js'
import type { StoreContext } from './context.js'
import { refId, toRef } from './document/namespace.js'
import { type Json, parsePath } from './document/paths.js'
import { serializeValue } from './document/value.js'
import { invalid, StoreError } from './errors.js'
import type { Operation, Target } from './indexing/operation.js'
import type { DocumentTexts } from './indexing/point-maker.js'
import type { DocumentRef, Namespace, Version } from './ports/common.js'
import type { WriteCondition } from './ports/kv-records.js'
import { validateBySchema } from './schema.js'
import type { WriteBatches, WriteRequest } from './write-batches.js'

const putOptions = ['ttlMs', 'index', 'ifAbsent', 'ifVersion', 'sync', 'signal']
const deleteOptions = ['ifVersion', 'sync', 'signal']
export const syncModes = ['wait', 'background', 'manual'] as const

/** A checked document before it has a version. Nothing of it changes with the caller's value. */
interface Draft {
  readonly ref: DocumentRef
  /** The value as JSON. */
  readonly text: string
  /** What is to be embedded; absent where that is left to a flush, or there is no index. */
  readonly texts: DocumentTexts | undefined
  readonly options: PutOptions
}

/** How the caller hears of what becomes of a write. */
export interface Listener {
  /** Durable; or not, for this reason. */
  written(error: StoreError | undefined, version: Version): void
  /** Searchable; or never, for this reason. */
  indexed(error?: StoreError): void
  /** Not searchable yet, as an attempt failed. */
  delayed?(error: StoreError): void
  /** In mode `manual`: whoever began the write waits for the flush itself, for many writes at once. */
  readonly waitsForFlush?: boolean
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
    const checked = this.#check(toRef(namespace, key), value, options, options.sync)
    const draft = checked instanceof Promise ? await checked : checked
    return this.#single(options, (listener) => this.putDraft(draft, listener, options.sync, options.signal))
  }

  async delete(namespace: Namespace, key: string, options: DeleteOptions = {}): Promise<Receipt> {
    checkOptions(options, deleteOptions)
    checkOneOf(options.sync, 'options.sync', syncModes)
    checkVersion(options.ifVersion, 'options.ifVersion')
    const ref = toRef(namespace, key)
    return this.#single(options, (listener) => this.deleteRef(ref, listener, options))
  }

  /** Checks a document of a putMany; a schema may need time. */
  checkDocument(document: PutManyDocument<object>, sync: SyncMode): Draft | Promise<Draft> {
    if (typeof document !== 'object' || document === null)
      throw invalid('documents', 'documents of namespace, key and value')
    const { namespace, key, value, ...options } = document
    checkOptions(options, putOptions.slice(0, 4), 'document')
    return this.#check(toRef(namespace, key), value, options, sync)
  }

  /** Begins the write of a checked document. Waits only for room. */
  async putDraft(
    draft: Draft,
    listener: Listener,
    sync: SyncMode | undefined,
    signal: AbortSignal | undefined,
  ): Promise<WriteRequest> {
    const { pending, clock, ttlMs } = this.#context
    const place = pending.tryReserve() ?? (await pending.reserve(signal))
    const { ref, text, texts, options } = draft
    const version = clock.next()
    const now = Date.now()
    const ttl = options.ttlMs ?? ttlMs
    const expiresAt = ttl === undefined ? undefined : now + ttl
    const row = {
      ...ref,
      value: text,
      version,
      createdAt: now,
      updatedAt: now,
      expiresAt,
      ttlMs: ttl,
      index: options.index,
    }
    return this.#start(
      place,
      {
        kind: 'put',
        ref,
        version,
        bytes: text.length,
        put: { row, condition: conditionOf(options, now) },
        delete: undefined,
      },
      texts && { kind: 'present', version, expiresAt, texts, replaces: undefined },
      listener,
      sync,
    )
  }

  async deleteRef(ref: DocumentRef, listener: Listener, options: DeleteOptions): Promise<WriteRequest> {
    const { pending, clock } = this.#context
    const place = pending.tryReserve() ?? (await pending.reserve(options.signal))
    const version = clock.next()
    const condition = conditionOf(options, Date.now())
    return this.#start(
      place,
      { kind: 'delete', ref, version, bytes: 0, put: undefined, delete: { ...ref, version, condition } },
      { kind: 'absent', upTo: version },
      listener,
      options.sync,
    )
  }

  #check(ref: DocumentRef, value: unknown, options: PutOptions, sync: SyncMode | undefined): Draft | Promise<Draft> {
    checkTtl(options.ttlMs, 'options.ttlMs')
    checkBoolean(options.ifAbsent, 'options.ifAbsent')
    checkVersion(options.ifVersion, 'options.ifVersion')
    if (options.ifAbsent && options.ifVersion !== undefined) throw invalid('options.ifVersion', 'no ifAbsent beside it')
    checkOneOf(options.sync, 'options.sync', syncModes)
    if (options.index !== undefined && options.index !== false) {
      if (!Array.isArray(options.index)) throw invalid('options.index', 'false or a list of paths')
      options.index.forEach((path, i) => void parsePath(path, `options.index[${i}]`))
    }
    const conditional = options.ifAbsent === true || options.ifVersion !== undefined
    if (conditional && !this.#context.kvAdapter.capabilities.conditionalWrites) {
      throw new StoreError('NOT_SUPPORTED', `${this.#context.kvAdapter.name} cannot write on a condition`, { ...ref })
    }
    const { schema } = this.#context
    const { index } = this.#context
    const draft = (checked: unknown): Draft => {
      const text = serializeValue(checked)
      const embeds = (sync ?? this.#context.sync) !== 'manual'
      return { ref, text, texts: embeds ? index?.points.make(ref, checked as Json, options.index) : undefined, options }
    }
    if (schema === undefined) return draft(value)
    const validated = validateBySchema(schema, value, ref)
    return validated instanceof Promise ? validated.then(draft) : draft(validated)
  }

  /** Registers the write with the index, so that a flush knows of it, and puts it into a batch. */
  #start(
    sequence: number,
    what: Pick<WriteRequest, 'kind' | 'ref' | 'version' | 'bytes' | 'put' | 'delete'>,
    target: Target | undefined,
    listener: Listener,
    syncOption: SyncMode | undefined,
  ): WriteRequest {
    const { index, pending, active } = this.#context
    const { ref, version } = what
    const id = refId(ref)
    const sync = syncOption ?? this.#context.sync
    const manual = index !== undefined && sync === 'manual'
    const intents = this.#context
      .spacesToFollow()
      .map((space) => ({ kind: 'document' as const, ...ref, version, space }))
    active.add(version)
    let operation: Operation | undefined
    if (index === undefined || manual) pending.open({ sequence, ref })
    else {
      const settle = (error?: StoreError): void => {
        active.delete(version)
        listener.indexed(error)
      }
      const { delayed } = listener
      const toldByPut = sync === 'wait'
      operation = index.projector.accept(
        { ref, id, version, intents, confirmed: true, target, mayHavePoints: true, settle, delayed, toldByPut },
        sequence,
      )
    }
    const request: WriteRequest = {
      ...what,
      id,
      intents,
      operation,
      place: operation ?? { sequence, ref },
      manual,
      listener,
    }
    this.#batches.add(request)
    return request
  }

  /** One write with a receipt. */
  async #single(
    { sync: syncOption, signal }: Pick<PutOptions, 'sync' | 'signal'>,
    start: (listener: Listener) => Promise<WriteRequest>,
  ): Promise<Receipt> {
    const sync = syncOption ?? this.#context.sync
    const written = Promise.withResolvers<Version>()
    const indexed = Promise.withResolvers<void>()
    // In mode `wait` put tells of an attempt that failed; the receipt goes on waiting for the next one.
    const searchable = Promise.withResolvers<void>()
    for (const { promise } of [indexed, searchable]) promise.catch(() => {})
    const request = await start({
      written: (error, version) => (error === undefined ? written.resolve(version) : written.reject(error)),
      indexed: (error) => {
        if (error === undefined) {
          indexed.resolve()
          searchable.resolve()
        } else {
          indexed.reject(error)
          searchable.reject(error)
        }
      },
      delayed: ({ code, message }) =>
        searchable.reject(new StoreError(code, `Stored, but not searchable yet: ${message}`, { retryable: true })),
    })
    if (signal !== undefined) {
      const onAbort = (): void => void this.#batches.withdraw(request)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
      written.promise.catch(() => {}).finally(() => signal.removeEventListener('abort', onAbort))
    }
    const version = await orAborted(written.promise, signal)
    if (sync === 'wait') await orAborted(searchable.promise, signal)
    return { version, indexed: indexed.promise }
  }
}

function conditionOf(options: Pick<PutOptions, 'ifAbsent' | 'ifVersion'>, now: number): WriteCondition | undefined {
  if (options.ifAbsent) return { kind: 'absent', now }
  if (options.ifVersion !== undefined) return { kind: 'version', version: options.ifVersion, now }
  return undefined
}
