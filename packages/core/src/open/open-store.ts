import { resolveStoreOptions } from '../api/options.js'
import type { StoreOptions } from '../api/store-options.js'
import { newWriter, VersionClock } from '../document/version.js'
import { invalid, StoreError, toStoreError } from '../errors.js'
import { Leases } from '../indexing/leases.js'
import { SpaceRegistry } from '../indexing/space-registry.js'
import { Events } from '../observe/events.js'
import { registerMetrics } from '../observe/metrics.js'
import { Counters } from '../observe/stats.js'
import { Outbox } from '../outbox/outbox.js'
import { Settlement } from '../outbox/settlement.js'
import type { EmbeddingCache } from '../ports/embedding-cache.js'
import type { KVBackend, KVCollection } from '../ports/kv-backend.js'
import type { VectorSpace } from '../ports/vector-index.js'
import { Reranking } from '../reranking/reranking.js'
import { reliableKV } from '../resilience/reliable-kv.js'
import { opening } from '../resilience/retry.js'
import { BackgroundWork } from './background-work.js'
import { abandonOpening, closeStore } from './close-store.js'
import type { StoreContext } from './context.js'
import { openIndex } from './open-index.js'

/** A store's shared parts, opened, and how they are closed. */
export interface OpenedStore {
  readonly context: StoreContext
  readonly cache: EmbeddingCache | undefined
  /**
   * Ends what is still under way, leaving it to recovery, and closes the databases. Returns how many writes are left.
   * `deadline`: until when its caller waits, on the clock of `performance.now()`.
   */
  close(deadline: number): Promise<number>
}

/** Checks the options, opens the databases, and starts what runs by itself: lease, recovery, sweep. */
export async function openStore(options: StoreOptions<object, object>): Promise<OpenedStore> {
  const resolved = resolveStoreOptions(options)
  checkSettleTime(options.kv, resolved.settleMs)
  const { collection, kv: backend, cache, sync = 'background' } = options
  const ending = new AbortController()
  const { signal } = ending
  const counters = new Counters(collection)
  const events = new Events(collection)
  const outbox = new Outbox(resolved.maxPending)
  const clock = new VersionClock({ writer: newWriter(), now: () => Date.now(), maxDriftMs: resolved.maxDriftMs })
  const opened = opening(() => backend.open(collection, { signal }), signal, backend.capabilities.waitsWhileUnavailable)
  const database = await opened.catch((error: unknown) => {
    throw toStoreError(error, 'KV_FAILED', `Opening ${backend.name} failed`)
  })
  const kv = reliableKV(database, backend, counters, signal)
  const { settleMs, leaseMs } = resolved
  const { reranker } = options
  const reranking =
    reranker && new Reranking({ reranker, options: options.reranking, events, phase: counters.phases.rerank, signal })
  const settlement = new Settlement({ kv, outbox, events, counters, settleMs, signal })
  let space: VectorSpace | undefined
  try {
    const offsetMs = await checkClock(kv, clock, resolved.maxDriftMs)
    const leases = new Leases({ kv, writer: clock.writer, durationMs: leaseMs, offsetMs })
    const spaces = new SpaceRegistry(kv, leases)
    await leases.renew([])
    const parts = { kv, leases, spaces, outbox, settlement, events, counters, clock, signal }
    const index = await openIndex(options, resolved, parts, (opened) => {
      space = opened
    })
    await leases.renew(index === undefined ? [] : [index.record.name])
    await spaces.refresh()
    // A space of an empty collection lacks nothing; another process may just be making it.
    const lacksDocuments = index?.record.complete === false && (await kv.list({ prefix: [], limit: 1 })).rows.length > 0
    const context: StoreContext = {
      collection,
      kv,
      kvAdapter: backend,
      index,
      reranking,
      filterable: resolved.filterable,
      schema: options.schema,
      sync,
      ttlMs: options.ttlMs,
      refreshTtlOnRead: options.refreshTtlOnRead ?? false,
      leaseMs,
      clock,
      spaces,
      outbox,
      settlement,
      events,
      counters,
      signal,
    }
    const endMetrics = registerMetrics(collection, counters, outbox, index, reranking)
    // From here on nothing fails.
    const work = new BackgroundWork(context, leases, resolved.sweepMs)
    if (index !== undefined && lacksDocuments) {
      const { name } = index.record
      // After createStore has returned, so that a listener can be there.
      setImmediate(() => events.emit('spaceIncomplete', { space: name }))
    }
    const close = (deadline: number): Promise<number> => {
      endMetrics()
      return closeStore(context, database, ending, work, deadline)
    }
    return { context, cache, close }
  } catch (error) {
    ending.abort(error)
    await abandonOpening(events, database, clock.writer, space)
    throw error
  }
}

/**
 * Refuses to write with a clock that the database's contradicts, and goes past every version that it knows of.
 * Returns how far ahead the database's clock is, milliseconds.
 */
async function checkClock(kv: KVCollection, clock: VersionClock, maxDriftMs: number): Promise<number> {
  const { now, latest } = await kv.clock()
  const skew = Math.round(now - Date.now())
  if (Math.abs(skew) > maxDriftMs) {
    throw new StoreError(
      'CONFIGURATION',
      `The clocks of this machine and the database are ${skew} ms apart, more than maxDriftMs (${maxDriftMs})`,
    )
  }
  if (latest !== undefined) clock.witness(latest)
  return skew
}

/** A write that arrives when its deletion is forgotten would bring the document back. */
function checkSettleTime({ name, capabilities }: KVBackend, settleMs: number): void {
  const { deletionMemoryMs } = capabilities
  if (settleMs <= deletionMemoryMs) return
  throw invalid('settleMs', `at most ${deletionMemoryMs}, for which ${name} remembers deletions`)
}
