import { orAborted } from './abort.js'
import type { DeleteOptions, PutManyDocument, PutOptions, Receipt, SignalOptions } from './api.js'
import { checkBoolean, checkOneOf, checkOptions, checkTtl, checkVersion } from './arguments.js'
import type { StoreContext } from './context.js'
import { checkNamespace, refId, toRef } from './document/namespace.js'
import { type Json, parsePath } from './document/paths.js'
import { serializeValue } from './document/value.js'
import { invalid, StoreError, toStoreError } from './errors.js'
import type { Operation, Target } from './indexing/operation.js'
import type { Pending } from './indexing/pending.js'
import type { DocumentRef, Namespace, Version } from './ports/common.js'
import type { WriteCondition } from './ports/kv-records.js'
import { validateBySchema } from './schema.js'
import type { WriteBatches, WriteRequest } from './write-batches.js'

const putOptions = ['ttlMs', 'index', 'ifAbsent', 'ifVersion', 'sync', 'signal']
const deleteOptions = ['ifVersion', 'sync', 'signal']
export const syncModes = ['wait', 'background', 'manual'] as const

/** A checked document before it has a version. */
interface Draft {
  readonly ref: DocumentRef
  readonly value: Json
  readonly text: string
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
    const checked = this.#check(toRef(namespace, key), value, options)
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

  /** Checks a document as `put` takes it; a schema may need time. */
  checkDocument(document: PutManyDocument<object>): Draft | Promise<Draft> {
    if (typeof document !== 'object' || document === null)
      throw invalid('documents', 'documents of namespace, key and value')
    const { namespace, key, value, ...options } = document
    checkOptions(options, putOptions.slice(0, 4), 'document')
    return this.#check(toRef(namespace, key), value, options)
  }

  /** Begins the write of a checked document; `undefined` if it was aborted before. Rejects only while it waits for room. */
  async putDraft(
    draft: Draft,
    listener: Listener,
    sync: PutOptions['sync'],
    signal: AbortSignal | undefined,
  ): Promise<WriteRequest> {
    const { pending } = this.#context
    if (!pending.tryReserve()) await pending.reserve(signal)
    return this.startPut(draft, listener, sync)
  }

  /** As putDraft, where room has been reserved. */
  startPut({ ref, value, text, options }: Draft, listener: Listener, sync: PutOptions['sync']): WriteRequest {
    const { clock, ttlMs, index } = this.#context
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
    const target = (): Target => ({
      kind: 'present',
      version,
      expiresAt,
      texts: (index as NonNullable<typeof index>).points.make(ref, value, options.index),
      replaces: undefined,
    })
    return this.#start(
      {
        kind: 'put',
        ref,
        version,
        bytes: text.length,
        put: { row, condition: conditionOf(options, now) },
        delete: undefined,
      },
      target,
      listener,
      sync,
    )
  }

  async deleteRef(ref: DocumentRef, listener: Listener, options: DeleteOptions): Promise<WriteRequest> {
    const { pending, clock } = this.#context
    if (!pending.tryReserve()) await pending.reserve(options.signal)
    const version = clock.next()
    const condition = conditionOf(options, Date.now())
    const target = (): Target => ({ kind: 'absent', upTo: version })
    return this.#start(
      { kind: 'delete', ref, version, bytes: 0, put: undefined, delete: { ...ref, version, condition } },
      target,
      listener,
      options.sync,
    )
  }

  async deleteNamespace(prefix: Namespace, options: SignalOptions = {}): Promise<Receipt> {
    checkOptions(options, ['signal'])
    checkNamespace(prefix, 'prefix')
    const { kv, clock, pending, index, active } = this.#context
    const namespace = [...prefix]
    const version = clock.next()
    const intents = this.#context
      .spacesToFollow()
      .map((space) => ({ kind: 'prefix' as const, namespace, key: '', version, space }))
    const deletion = {
      sequence: pending.nextSequence(),
      ref: { namespace, key: '' },
      prefix: namespace,
      version,
      intents,
    }
    pending.open(deletion, { reserved: false })
    active.add(version)
    const written = (async () => {
      try {
        await kv.addIntents(intents)
        await kv.deletePrefix(namespace, version)
      } catch (error) {
        pending.close(deletion)
        active.delete(version)
        index?.recovery.noteUnsettled()
        throw toStoreError(error, 'KV_FAILED', 'Deleting the namespace failed', { namespace })
      }
    })()
    await orAborted(written, options.signal)
    this.#context.counters.deleted += 1
    if (index === undefined) {
      pending.close(deletion)
      active.delete(version)
      return { version, indexed: Promise.resolve() }
    }
    const indexed = index.prefixes.project(deletion).finally(() => active.delete(version))
    indexed.catch(() => {})
    if (this.#context.sync === 'wait') await orAborted(indexed, options.signal)
    return { version, indexed }
  }

  #check(ref: DocumentRef, value: unknown, options: PutOptions): Draft | Promise<Draft> {
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
    if (schema === undefined) return draftOf(ref, value, options)
    const validated = validateBySchema(schema, value, ref)
    return validated instanceof Promise
      ? validated.then((output) => draftOf(ref, output, options))
      : draftOf(ref, validated, options)
  }

  /** Registers the write with the index, so that a flush knows of it, and puts it into a batch. */
  #start(
    what: Pick<WriteRequest, 'kind' | 'ref' | 'version' | 'bytes' | 'put' | 'delete'>,
    target: () => Target,
    listener: Listener,
    syncOption: PutOptions['sync'],
  ): WriteRequest {
    const { index, pending, active } = this.#context
    const { ref, version } = what
    const id = refId(ref)
    const sync = syncOption ?? this.#context.sync
    const intents = this.#context
      .spacesToFollow()
      .map((space) => ({ kind: 'document' as const, ...ref, version, space }))
    const conditional = what.put?.condition !== undefined || what.delete?.condition !== undefined
    let operation: Operation | undefined
    let place: Pending
    if (index !== undefined && sync !== 'manual') {
      let known: Target
      try {
        known = target()
      } catch (error) {
        pending.release()
        throw error
      }
      active.add(version)
      const settle = (error?: StoreError): void => {
        active.delete(version)
        listener.indexed(error)
      }
      operation = index.projector.accept(
        {
          ref,
          id,
          version,
          intents,
          confirmed: true,
          target: known,
          mayHavePoints: true,
          settle,
          delayed: listener.delayed,
          toldByPut: sync === 'wait',
        },
        { reserved: true },
      )
      place = operation
    } else {
      place = { sequence: pending.nextSequence(), ref }
      pending.open(place, { reserved: true })
      active.add(version)
    }
    const request: WriteRequest = {
      ...what,
      id,
      intents,
      conditional,
      operation,
      place,
      manual: index !== undefined && sync === 'manual',
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
      delayed: (error) => searchable.reject(error),
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

function draftOf(ref: DocumentRef, value: unknown, options: PutOptions): Draft {
  return { ref, value: value as Json, text: serializeValue(value), options }
}

function conditionOf(options: Pick<PutOptions, 'ifAbsent' | 'ifVersion'>, now: number): WriteCondition | undefined {
  if (options.ifAbsent) return { kind: 'absent', now }
  if (options.ifVersion !== undefined) return { kind: 'version', version: options.ifVersion, now }
  return undefined
}
