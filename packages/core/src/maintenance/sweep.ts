import type { StoreContext } from '../open/context.js'

const BATCH = 1000

/**
 * Deletes what has expired: rows, where the database does not delete them by itself, and points. Reads never depend on
 * it.
 */
export async function sweepExpired({ kv, kvAdapter, index }: StoreContext): Promise<void> {
  const before = Date.now()
  if (!kvAdapter.capabilities.nativeExpiry) while ((await kv.deleteExpired({ before, limit: BATCH })) >= BATCH);
  await index?.space.deleteExpired(before)
  await index?.others.deleteExpired(before)
}
