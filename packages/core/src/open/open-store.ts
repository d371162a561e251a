import { resolveStoreOptions } from '../api/options.js'
import type { StoreOptions } from '../api/store-options.js'
import { newWriter, VersionClock } from '../document/version.js'
import { invalid, StoreError, toStoreError } from '../errors.js'
import { spacesOfChange, spacesOfOthers } from '../indexing/followed-spaces.js'
import { Leases } from '../indexing/leases.js'
import { Heartbeat } from '../maintenance/heartbeat.js'
import { sweepExpired } from '../maintenance/sweep.js'
import { Events } from '../observe/events.js'
import { registerMetrics } from '../observe/metrics.js'
import { Counters } from '../observe/stats.js'
import { Outbox } from '../outbox/outbox.js'
import { Settlement } from '../outbox/settlement.js'
import type { EmbeddingCache } from '../ports/embedding-cache.js'
import type { KVBackend, KVCollection } from '../ports/kv-backend.js'
import type { SpaceRecord } from '../ports/kv-records.js'
import { reliableKV } from '../resilience/reliable-kv.js'
import { opening } from '../resilience/retry.js'
import { ClosingSteps } from './close-store.js'
import type { IndexContext, StoreContext } from './context.js'
import { openIndex } from './open-index.js'

/** A store's shared parts, opened, and how they are closed. */
export interface OpenedStore {
  readonly context: StoreContext
  readonly cache: EmbeddingCache | undefined
  /** Ends what is still under way, leaving it to recovery, and closes the databases. Returns how many writes are left. `deadline`: until when its
   * caller waits, on the clock of `performance.now()`. */
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
  const database = await opening(() => backend.open(collection, { signal }), signal).catch((error: unknown) => {
    throw toStoreError(error, 'KV_FAILED', `Opening ${backend.name} failed`)
  })
  const kv = reliableKV(database, backend.limits, counters, signal)
  const { settleMs, leaseMs } = resolved
  const settlement = new Settlement({ kv, outbox, events, counters, settleMs, signal })
  let leases: Leases
  let index: IndexContext | undefined
  let spaces: readonly SpaceRecord[]
  let lacksDocuments: boolean
  try {
    const offsetMs = await checkClock(kv, clock, resolved.maxDriftMs)
    leases = new Leases({ kv, writer: clock.writer, durationMs: leaseMs, offsetMs })
    await leases.renew([])
    index = await openIndex(options, resolved, { kv, leases, outbox, settlement, events, counters, clock, signal })
    spaces = await kv.spaces()
    await leases.renew(index === undefined ? [] : [index.record.name])
    await index?.others.refresh(spaces)
    // A space of an empty collection lacks nothing; another process may just be making it.
    lacksDocuments = index?.record.complete === false && (await kv.list({ prefix: [], limit: 1 })).rows.length > 0
  } catch (error) {
    ending.abort(error)
    await index?.space.close()
    // Otherwise recovery elsewhere would wait for it to run out, as it does if this fails.
    await database.putLease({ writer: clock.writer, expiresAt: 0 }).catch(() => {})
    await database.close()
    throw error
  }

  let marking: Promise<void> | undefined
  const ownSpaces = index === undefined ? [] : [index.record.name]
  /** What is written without an index is for others to project. */
  let leavesIntents = false
  const context: StoreContext = {
    collection,
    kv,
    kvAdapter: backend,
    index,
    filterable: resolved.filterable,
    schema: options.schema,
    sync,
    ttlMs: options.ttlMs,
    refreshTtlOnRead: options.refreshTtlOnRead ?? false,
    leaseMs: resolved.leaseMs,
    clock,
    outbox,
    settlement,
    events,
    counters,
    signal,
    spacesToFollow: (change) => {
      if (index !== undefined) return spacesOfChange(change, index.record.name, index.others)
      leavesIntents ||= spaces.length > 0
      return spacesOfOthers(spaces)
    },
    beforeWrite: () => {
      const left =
        index === undefined ? [] : spaces.filter(({ name, complete }) => complete && name !== index.record.name)
      if (left.length === 0) return undefined
      marking ??= markIncomplete(kv, left)
        .then(() => {
          spaces = spaces.map((space) => (left.includes(space) ? { ...space, complete: false } : space))
        })
        .finally(() => {
          marking = undefined
        })
      return marking
    },
  }

  // In mode `manual` only flush() and recover() embed.
  const recovery = sync === 'manual' ? undefined : index?.recovery
  const beatMs = Math.ceil(resolved.leaseMs / 3)
  const beating = (during: string, everyMs: number, beat: () => Promise<void>): Heartbeat =>
    new Heartbeat({ everyMs, during, events, signal, beat })
  const heartbeats = [
    beating('the heartbeat', beatMs, async () => {
      await leases.renew(ownSpaces)
      spaces = await kv.spaces()
      await index?.others.refresh(spaces)
      const own = spaces.find(({ name }) => name === index?.record.name)
      if (index !== undefined && own !== undefined && own.complete !== index.record.complete) {
        index.record = own
        if (!own.complete) events.emit('spaceIncomplete', { space: own.name })
      }
    }),
    beating('sweeping what has expired', resolved.sweepMs, () => sweepExpired(context)),
  ]
  // By itself, as it may take longer than a lease lasts.
  if (recovery !== undefined)
    heartbeats.push(beating('recovery', beatMs, () => recovery.recoverNow({ opening: false })))
  const endMetrics = registerMetrics(collection, counters, outbox, index)
  const recovering = recovery?.recoverNow({ opening: true })
  recovering?.catch((error: unknown) => {
    if (!signal.aborted)
      events.emit('backgroundError', { during: 'recovery', error: toStoreError(error, 'KV_FAILED', 'Recovery failed') })
  })
  if (index !== undefined && lacksDocuments) {
    const { name } = index.record
    // After createStore has returned, so that a listener can be there.
    setImmediate(() => events.emit('spaceIncomplete', { space: name }))
  }

  const close = async (deadline: number): Promise<number> => {
    const left = outbox.size + outbox.manual.size
    const steps = new ClosingSteps(events, deadline)
    endMetrics()
    const closed = new StoreError('CLOSED', 'The store is closed')
    // First, so that no flush takes what is left to recovery for done.
    outbox.end(closed)
    ending.abort(closed)
    index?.retries.stop()
    outbox.drain()
    outbox.manual.abandon()
    await steps.step(
      'recovery',
      recovering?.catch(() => {}),
    )
    for (const heartbeat of heartbeats) await steps.step('the heartbeat', heartbeat.stop())
    await steps.step('embedding', index?.pipeline.close())
    // What is left is for others, who look when they see a lease that has run out: by then what this store has sent
    // has arrived, as after a crash.
    const isLeft = left > 0 || leavesIntents || (index !== undefined && outbox.needsRecovery)
    if (!isLeft) await steps.step('giving up the lease', database.putLease({ writer: clock.writer, expiresAt: 0 }))
    await steps.step('the vector index', index?.space.close())
    await steps.step('the other spaces of the vector index', index?.others.close())
    await steps.step('the database', database.close())
    steps.end()
    return left
  }
  return { context, cache, close }
}

/** What a store writes is not projected into the spaces of other models, so that those are no longer complete. */
async function markIncomplete(kv: KVCollection, spaces: readonly SpaceRecord[]): Promise<void> {
  for (const space of spaces) await kv.putSpace({ ...space, complete: false })
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
