import { checkOptions } from '../api/arguments.js'
import type { SignalOptions } from '../api/documents.js'
import type { ComponentHealth, Health } from '../api/maintenance.js'
import { type StoreErrorCode, toStoreError } from '../errors.js'
import type { StoreContext } from '../open/context.js'

/** Asks both databases whether they answer. Never rejects for what they say. */
export async function checkHealth({ kv, index }: StoreContext, options: SignalOptions = {}): Promise<Health> {
  checkOptions(options, ['signal'])
  const [kvHealth, vectors, points] = await Promise.all([
    ask(() => kv.ping(options), 'KV_FAILED'),
    index === undefined ? undefined : ask(() => index.space.ping(options), 'INDEX_FAILED'),
    index?.space.count(options).catch(() => undefined),
  ])
  if (index === undefined || vectors === undefined) return { ok: kvHealth.ok, kv: kvHealth }
  const { name, dimensions, complete } = index.record
  const { blockedBy, documents } = index.retries
  return {
    ok: kvHealth.ok && vectors.ok && blockedBy === undefined,
    kv: kvHealth,
    vectors,
    space: {
      name,
      ...(dimensions === undefined ? {} : { dimensions }),
      complete,
      ...(points === undefined ? {} : { points }),
    },
    ...(blockedBy === undefined ? {} : { blocked: { documents, error: blockedBy } }),
  }
}

async function ask(ping: () => Promise<void>, code: StoreErrorCode): Promise<ComponentHealth> {
  const start = performance.now()
  try {
    await ping()
    return { ok: true, latencyMs: performance.now() - start }
  } catch (error) {
    return { ok: false, latencyMs: performance.now() - start, error: toStoreError(error, code, 'It does not answer') }
  }
}
