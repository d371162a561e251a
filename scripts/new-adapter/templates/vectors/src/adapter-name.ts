import { invalid, type VectorIndex } from '@tandemstore/core/adapter'
import { connect } from './client.js'
import { shared } from './connection.js'
import { toAdapterNameError } from './errors.js'
import { openSpace } from './space.js'

export interface AdapterNameOptions {
  /** Where the database is, such as `adapter-name://localhost/app`. */
  readonly url: string
}

/**
 * Vectors in adapter-name. Connects on the first `open`, and disconnects when the last space is closed.
 *
 * Errors: INVALID_ARGUMENT for bad options, at once. Of calls: MODEL_MISMATCH for a space of other dimensions or another
 * metric, UNAVAILABLE, and INDEX_FAILED for what the database refuses.
 */
export function adapterName(options: AdapterNameOptions): VectorIndex {
  const url = checkUrl(options)
  const hold = shared(
    () => connect(url),
    (client) => client.end(),
  )
  return {
    name: 'adapter-name',
    // Without `terms`, leave out `queryTerms` in space.ts.
    capabilities: { exact: true, terms: true },
    limits: { maxBatchSize: 500, maxBatchBytes: 8 * 1024 * 1024, maxConcurrency: 8, maxQueryLimit: 10_000 },
    async open(definition, { signal } = {}) {
      signal?.throwIfAborted()
      try {
        return await hold((client, release) => openSpace(client, definition, release))
      } catch (error) {
        throw toAdapterNameError(error, `open the space ${definition.name}`)
      }
    },
  }
}

function checkUrl(options: AdapterNameOptions): string {
  const { url } = options ?? {}
  if (typeof url !== 'string' || !URL.canParse(url)) throw invalid('url', 'the URL of a database')
  return url
}
