import { invalid, type KVBackend } from '@tandemstore/core/adapter'
import { connect } from './client.js'
import { openCollection } from './collection.js'
import { shared } from './connection.js'
import { toAdapterNameError } from './errors.js'

export interface AdapterNameOptions {
  /** Where the database is, such as `adapter-name://localhost/app`. */
  readonly url: string
}

/** How long a deletion is remembered: the three hours that a late write may take. */
const DELETION_MEMORY_MS = 3 * 60 * 60 * 1000

/**
 * Documents in adapter-name. Connects on the first `open`, and disconnects when the last collection is closed.
 *
 * Errors: INVALID_ARGUMENT for bad options, at once. Of calls: UNAVAILABLE, and KV_FAILED for what the database refuses.
 */
export function adapterName(options: AdapterNameOptions): KVBackend {
  const url = checkUrl(options)
  const hold = shared(
    () => connect(url),
    (client) => client.end(),
  )
  return {
    name: 'adapter-name',
    capabilities: {
      conditionalWrites: true,
      nativeExpiry: false,
      deletionMemoryMs: DELETION_MEMORY_MS,
      keepsCreatedAt: true,
      intentsWithWrites: false,
    },
    limits: { maxBatchSize: 500, maxBatchBytes: 8 * 1024 * 1024, maxConcurrency: 8 },
    async open(collection, { signal } = {}) {
      signal?.throwIfAborted()
      try {
        return await hold((client, release) => openCollection(client, collection, release))
      } catch (error) {
        throw toAdapterNameError(error, `open ${collection}`)
      }
    },
  }
}

function checkUrl(options: AdapterNameOptions): string {
  const { url } = options ?? {}
  if (typeof url !== 'string' || !URL.canParse(url)) throw invalid('url', 'the URL of a database')
  return url
}
