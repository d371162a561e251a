import { StoreError } from '../errors.js'
import type { Counters, Measured } from '../observe/stats.js'
import type { CallOptions } from '../ports/common.js'
import type { KVBackend, KVCollection } from '../ports/kv-backend.js'
import type { WriteOutcome } from '../ports/kv-records.js'
import { reliableCalls } from './reliable-calls.js'
import { ATTEMPTS, inChunks, pauseBefore } from './retry.js'

/**
 * A KVCollection as the rooms of the store use it: input cut to the database's limits, calls that may succeed later
 * made again, counts checked, latency measured, every error a StoreError. Every call of the port can be repeated, as
 * versions decide.
 */
export function reliableKV(
  kv: KVCollection,
  { limits, capabilities }: Pick<KVBackend, 'limits' | 'capabilities'>,
  counters: Counters,
  signal: AbortSignal,
): KVCollection {
  const waits = capabilities.waitsWhileUnavailable
  const { call, checked, joined } = reliableCalls<keyof KVCollection>('database', 'KV_FAILED', signal, waits)
  const measured = <T>(latency: Measured, run: () => Promise<T>): Promise<T> => counters.phases[latency].measure(run)
  const bulk = <Item, Result>(
    name: keyof KVCollection,
    latency: Measured,
    items: readonly Item[],
    options: CallOptions | undefined,
    run: (items: readonly Item[], options: CallOptions) => Promise<Result[]>,
  ): Promise<Result[]> =>
    inChunks(items, limits.maxBatchSize, async (some) => {
      const results = await call(name, options, (own) => measured(latency, () => run(some, own)))
      return checked(name, results, some.length)
    })
  /** Each row has the attempts of a call; the same version twice is once. */
  const write = <Item>(
    name: 'put' | 'delete',
    items: readonly Item[],
    options: CallOptions | undefined,
    run: (items: readonly Item[], options: CallOptions) => Promise<WriteOutcome[]>,
  ): Promise<WriteOutcome[]> =>
    inChunks(items, limits.maxBatchSize, (some) => {
      const signal = joined(options?.signal)
      // Nothing is done, so that no row has an outcome.
      if (signal.aborted) return call(name, options, (own) => run(some, own))
      return repeatRows(some, waits, signal, (rest, own) =>
        measured('kvWrite', async () => checked(name, await run(rest, own), rest.length)),
      )
    })
  const each = <Item>(
    name: keyof KVCollection,
    items: readonly Item[],
    options: CallOptions | undefined,
    run: (items: readonly Item[], options: CallOptions) => Promise<void>,
  ): Promise<void> =>
    inChunks(items, limits.maxBatchSize, async (some) => {
      await call(name, options, (own) => measured('kvWrite', () => run(some, own)))
      return []
    }).then(() => undefined)

  return {
    get: (refs, options) => bulk('get', 'kvRead', refs, options, (some, own) => kv.get(some, own)),
    put: (writes, options) => write('put', writes, options, (some, own) => kv.put(some, own)),
    delete: (deletes, options) => write('delete', deletes, options, (some, own) => kv.delete(some, own)),
    touch: (touches, options) => bulk('touch', 'kvWrite', touches, options, (some, own) => kv.touch(some, own)),
    addIntents: (intents, options) => each('addIntents', intents, options, (some, own) => kv.addIntents(some, own)),
    removeIntents: (intents, options) =>
      each('removeIntents', intents, options, (some, own) => kv.removeIntents(some, own)),
    deletePrefix: (prefix, version, options) =>
      call('deletePrefix', options, (own) => kv.deletePrefix(prefix, version, own)),
    list: (query, options) => call('list', options, (own) => measured('kvRead', () => kv.list(query, own))),
    namespaces: (query, options) => call('namespaces', options, (own) => kv.namespaces(query, own)),
    deleteExpired: (query, options) => call('deleteExpired', options, (own) => kv.deleteExpired(query, own)),
    listIntents: (query, options) => call('listIntents', options, (own) => kv.listIntents(query, own)),
    putLease: (lease, options) => call('putLease', options, (own) => kv.putLease(lease, own)),
    leases: (options) => call('leases', options, (own) => kv.leases(own)),
    putSpace: (space, options) => call('putSpace', options, (own) => kv.putSpace(space, own)),
    deleteSpace: (name, options) => call('deleteSpace', options, (own) => kv.deleteSpace(name, own)),
    spaces: (options) => call('spaces', options, (own) => kv.spaces(own)),
    clock: (options) => call('clock', options, (own) => kv.clock(own)),
    // Once: it is to tell how things are now.
    ping: (options) => call('ping', options, (own) => kv.ping(own), 1),
    close: () => kv.close(),
  }
}

/**
 * Writes rows, and again those whose failure is transient. A row is `notWritten` only if no attempt may have written
 * it.
 */
async function repeatRows<Item>(
  items: readonly Item[],
  waits: boolean | undefined,
  signal: AbortSignal,
  run: (items: readonly Item[], options: CallOptions) => Promise<WriteOutcome[]>,
): Promise<WriteOutcome[]> {
  const outcomes = new Array<WriteOutcome>(items.length)
  const mayBeWritten = new Set<number>()
  let left = items.map((_, i) => i)
  for (let attempt = 1; ; attempt += 1) {
    const rest = left.length === items.length ? items : left.map((i) => items[i] as Item)
    const results = await run(rest, { signal }).catch((error: unknown) =>
      rest.map((): WriteOutcome => ({ status: 'failed', error })),
    )
    const again: number[] = []
    let failure: unknown
    results.forEach((outcome, n) => {
      const i = left[n] as number
      if (outcome.status !== 'failed') {
        outcomes[i] = outcome
        return
      }
      if (!outcome.notWritten) mayBeWritten.add(i)
      outcomes[i] = { ...outcome, notWritten: !mayBeWritten.has(i) }
      if (!StoreError.isInstance(outcome.error) || !outcome.error.retryable) return
      again.push(i)
      failure = laterOf(failure, outcome.error)
    })
    if (again.length === 0 || attempt >= ATTEMPTS || !(await pauseBefore(failure, attempt, signal, waits)))
      return outcomes
    left = again
  }
}

/** The failure that asks for the longer pause. */
function laterOf(first: unknown, second: StoreError): StoreError {
  if (!StoreError.isInstance(first)) return second
  return (second.retryAfterMs ?? 0) > (first.retryAfterMs ?? 0) ? second : first
}
