import type { VectorIndex } from '@tandemstore/core/adapter'
import { type QdrantServer, toServer } from './client.js'
import { checkServerVersion, openCollection } from './collection.js'
import { checkOptions, type QdrantOptions } from './options.js'
import { openSpace } from './space.js'

/**
 * A VectorIndex on Qdrant 1.16 or later: one collection for each space, all tenants in it.
 *
 * It connects on the first open. Errors: CONFIGURATION (the server is too old or refuses a setting), MODEL_MISMATCH,
 * AUTHENTICATION, RATE_LIMITED, TIMEOUT, UNAVAILABLE, INDEX_FAILED.
 */
export function qdrant(options: QdrantOptions): VectorIndex {
  checkOptions(options)
  let server: QdrantServer | undefined
  return {
    name: 'qdrant',
    capabilities: { exact: options.exact ?? false, terms: true },
    limits: {
      // Guarded updates drain the queue of a shard: few and large is fast.
      maxBatchSize: 1000,
      // A server takes requests of 32 MiB by default; as JSON, the four bytes of a number are up to 24.
      maxBatchBytes: 4 * 1024 * 1024,
      maxConcurrency: 4,
      maxQueryLimit: 1000,
    },
    async open(space, call) {
      call?.signal?.throwIfAborted()
      server ??= toServer(options)
      const name = `${options.collectionPrefix ?? ''}${space.name}`
      const release = await checkServerVersion(server, call?.signal)
      const opened = await openCollection({ server, name, space, settings: options, release }, call?.signal)
      return openSpace({ server, name, definition: space, settings: options, ...opened })
    },
  }
}
