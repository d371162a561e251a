import type { DocumentRef, Failure, Store } from '@tandemstore/core'
import { refId, StoreError } from '@tandemstore/core/adapter'
import type { Put } from './operations.js'

/** What is to be written of one item, checked. */
export type Write =
  | ({ readonly value: null } & DocumentRef)
  | ({
      readonly value: Parameters<Store['put']>[2]
      readonly index?: Put['index']
      readonly ttlMs?: number
    } & DocumentRef)

/**
 * Writes neighbouring puts and deletions, the last one of each item, with as few calls as there can be. What can be
 * written is written; of what can not, the first error is thrown.
 */
export async function writeAll(store: Store, writes: readonly Write[], waits: boolean): Promise<void> {
  const last = [...new Map(writes.map((write) => [refId(write), write])).values()]
  const puts = last.filter((write) => write.value !== null)
  const deletions = last.filter(({ value }) => value === null)
  const ended = await Promise.allSettled([
    puts.length === 0 ? undefined : store.putMany(puts, { sync: waits ? 'wait' : 'background' }),
    deletions.length === 0 ? undefined : store.deleteMany(deletions.map(({ namespace, key }) => ({ namespace, key }))),
  ])
  const failed: Failure[] = []
  for (const each of ended) {
    if (each.status === 'rejected') throw each.reason
    failed.push(...(each.value?.failed ?? []))
  }
  if (failed.length > 0) throw toError(failed, last.length)
  if (puts.length > 0) await nextMillisecond()
}

/**
 * How often it is looked whether the clock has gone on, about once a millisecond: one that stands still, as in tests,
 * holds nothing up for long.
 */
const MAX_LOOKS = 100

/** Waits until the clock shows another millisecond, so that `updatedAt` of the next put of the same item is later. */
async function nextMillisecond(): Promise<void> {
  const now = Date.now()
  for (let look = 0; Date.now() === now && look < MAX_LOOKS; look += 1)
    await new Promise((resolve) => setTimeout(resolve, 1))
}

function toError(failed: readonly Failure[], count: number): StoreError {
  const [{ error }] = failed as [Failure]
  if (failed.length === 1) return error
  const { code, message, retryable, setup, namespace, key } = error
  return new StoreError(code, `${failed.length} of ${count} items failed; the first: ${message}`, {
    retryable,
    setup,
    namespace,
    key,
    cause: new AggregateError(failed.map((each) => each.error)),
  })
}
