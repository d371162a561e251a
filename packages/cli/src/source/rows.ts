import { setTimeout as sleep } from 'node:timers/promises'
import { StoreError } from '@tandemstore/core'
import type { DocumentRow, KVCollection, Namespace } from '@tandemstore/core/adapter'
import type { Place } from './place.js'

/** Works on the database of a place itself, for what a store does not tell. */
export async function withCollection<T>(place: Place, work: (kv: KVCollection) => Promise<T>): Promise<T> {
  const kv = await place.kv.open(place.collection)
  try {
    return await work(kv)
  } finally {
    await kv.close()
  }
}

const ATTEMPTS = 6
const FIRST_PAUSE_MS = 200

/**
 * The rows under a prefix that have not expired, page by page. A read that fails is made again where that may help, so
 * that a long export outlives a node that restarts.
 */
export async function* rowPages(
  kv: KVCollection,
  prefix: Namespace,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<DocumentRow[]> {
  let after: Parameters<KVCollection['list']>[0]['after']
  do {
    const from = after
    const page = await again(() => kv.list({ prefix, after: from, limit }, { signal }), signal)
    const now = Date.now()
    const live = page.rows.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
    if (live.length > 0) yield live
    after = page.next
  } while (after !== undefined)
}

async function again<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read()
    } catch (error) {
      if (attempt === ATTEMPTS || signal.aborted || !StoreError.isInstance(error) || !error.retryable) throw error
      await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal })
    }
  }
}
