import { checkBoolean, checkInteger, checkOptions } from './api/arguments.js'
import type { JsonObject } from './api/documents.js'
import type { CloseOptions, CloseResult } from './api/maintenance.js'
import { withCaller } from './api/stack-trace.js'
import type { Store } from './api/store.js'
import type { StoreOptions } from './api/store-options.js'
import { invalid, StoreError } from './errors.js'
import { checkHealth } from './maintenance/health.js'
import { dropSpace, listSpaces } from './maintenance/spaces.js'
import { verify } from './maintenance/verify.js'
import { collectStats, summarizeCache } from './observe/collect-stats.js'
import type { StoreContext } from './open/context.js'
import { OpenCalls } from './open/open-calls.js'
import { openStore } from './open/open-store.js'
import { flush } from './outbox/flush.js'
import { listNamespaces } from './read/namespaces.js'
import { readParts } from './read/parts.js'
import { Reader } from './read/reader.js'
import { searchModes } from './read/search-target.js'
import { Searcher } from './read/searcher.js'
import { raceAbort, withinTime } from './resilience/abort.js'
import { deleteNamespace } from './write/delete-namespace.js'
import { deleteMany, putMany } from './write/put-many.js'
import { WriteStage } from './write/write-stage.js'
import { Writer } from './write/writer.js'

/**
 * Opens a store of documents and, with `vectors`, of what they are found by: vectors of an `embedder`, words with
 * `index.keywords`, or both. Closing it closes what it opened; the embedder and the cache belong to whoever made them.
 *
 * @throws StoreError INVALID_ARGUMENT for a wrong option, CONFIGURATION for clocks too far apart and for words in an
 * index that keeps none, MODEL_MISMATCH for a space of other dimensions, and what the databases report.
 */
export async function createStore<T extends object = JsonObject, Input extends object = T>(
  options: StoreOptions<T, Input>,
): Promise<Store<T, Input>> {
  const opened = await openStore(options as unknown as StoreOptions<object, object>)
  const { context } = opened
  const writer = new Writer(context, new WriteStage(context))
  const reader = new Reader<T>(context)
  const searcher = new Searcher<T>(context, reader)
  const { counters, index, outbox } = context
  const calls = new OpenCalls()
  let closing: Promise<CloseResult> | undefined

  /** Refuses work after close, measures it, and lets its errors say who called. */
  const run = <R>(call: () => Promise<R>, latency?: keyof typeof counters.phases): Promise<R> => {
    if (closing !== undefined) return Promise.reject(new StoreError('CLOSED', 'The store is closed'))
    if (latency !== undefined) return calls.track(counters.phases[latency].measure(call, undefined, withCaller))
    const called = call().catch((error: unknown) => {
      throw withCaller(error)
    })
    return calls.track(called)
  }
  const needIndex = (what: string): NonNullable<StoreContext['index']> => {
    const message = `${what} needs vectors and an embedder: this store keeps documents only`
    if (index === undefined) throw new StoreError('NOT_SUPPORTED', message)
    return index
  }
  const close = async ({ timeoutMs = 30_000 }: CloseOptions): Promise<CloseResult> => {
    const deadline = performance.now() + timeoutMs
    // The last attempt of what is delayed is made now.
    index?.retries.retryNow()
    const empty = outbox.whenEmpty()
    // A fault of the set-up is not mended by waiting.
    const attempted = outbox.barrier(undefined).then(() => (index?.retries.blockedBy === undefined ? empty : undefined))
    outbox.drain()
    await withinTime(Promise.race([empty, attempted]), timeoutMs)
    const leftToRecovery = await opened.close(deadline).finally(() => {
      calls.refuse(new StoreError('CLOSED', 'The store was closed while this was under way'))
    })
    const cache = await summarizeCache(context, opened.cache)
    context.events.emit('closed', { leftToRecovery, ...(cache === undefined ? {} : { cache }) })
    return { leftToRecovery }
  }

  const store: Store<T, Input> = {
    capabilities: {
      searchable: index !== undefined,
      modes: searchModes(index),
      conditionalWrites: context.kvAdapter.capabilities.conditionalWrites,
      exact: index?.adapter.capabilities.exact ?? false,
    },
    put: (namespace, key, value, putOptions) => run(() => writer.put(namespace, key, value, putOptions), 'put'),
    putMany: (documents, manyOptions) => run(() => putMany(context, writer, documents, manyOptions), 'putMany'),
    get: (namespace, key, getOptions) => run(() => reader.get(namespace, key, getOptions), 'get'),
    getMany: (refs, getOptions) => run(() => reader.getMany(refs, getOptions), 'get'),
    delete: (namespace, key, deleteOptions) => run(() => writer.delete(namespace, key, deleteOptions), 'delete'),
    deleteMany: (refs, deleteOptions) => run(() => deleteMany(context, writer, refs, deleteOptions), 'delete'),
    deleteNamespace: (prefix, deleteOptions) => run(() => deleteNamespace(context, prefix, deleteOptions), 'delete'),
    // What is found by a query or a vector has a score.
    search: ((prefix, searchOptions) => run(() => searcher.search(prefix, searchOptions), 'search')) as Store<
      T,
      Input
    >['search'],
    list: (prefix, listOptions) => run(() => reader.list(prefix, listOptions)),
    count: (prefix, countOptions) => run(() => reader.count(prefix, countOptions)),
    parts: (refs, partsOptions) => run(async () => readParts(context, needIndex('parts()'), refs, partsOptions)),
    namespaces: (namespacesOptions) => run(() => listNamespaces(context.kv, namespacesOptions)),
    flush: (flushOptions = {}) =>
      run(async () => {
        checkOptions(flushOptions, ['signal'])
        await flush(context, flushOptions.signal)
      }),
    recover: (recoverOptions = {}) =>
      run(async () => {
        checkOptions(recoverOptions, ['retryFailed', 'signal'])
        checkBoolean(recoverOptions.retryFailed, 'options.retryFailed')
        const { retryFailed = false, signal } = recoverOptions
        return index === undefined
          ? { projected: 0, failed: 0, waiting: 0 }
          : raceAbort(index.recovery.recover({ retryFailed, signal }), signal)
      }),
    verify: (verifyOptions) => run(async () => verify(context, needIndex('verify()'), verifyOptions)),
    spaces: (spacesOptions) => run(() => listSpaces(context, index, spacesOptions)),
    dropSpace: (name, dropOptions) => run(async () => dropSpace(context, needIndex('dropSpace()'), name, dropOptions)),
    stats: () => run(() => collectStats(context, opened.cache)),
    health: (healthOptions) => run(() => checkHealth(context, healthOptions)),
    on: (event, listener) => {
      if (typeof listener !== 'function') throw invalid('listener', 'a function')
      return context.events.on(event, listener)
    },
    close: async (closeOptions = {}) => {
      checkOptions(closeOptions, ['timeoutMs'])
      if (closeOptions.timeoutMs !== undefined)
        checkInteger(closeOptions.timeoutMs, 'options.timeoutMs', 0, 2 ** 31 - 1)
      closing ??= close(closeOptions)
      return closing
    },
    [Symbol.asyncDispose]: async () => {
      await store.close()
    },
  }
  return store
}
