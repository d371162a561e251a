import type { Counters } from '../observe/stats.js'
import type { VectorIndex, VectorSpace } from '../ports/vector-index.js'
import { reliableCalls } from './reliable-calls.js'
import { inChunks } from './retry.js'

/** A VectorSpace as the rooms of the store use it; see reliableKV. */
export function reliableSpace(
  space: VectorSpace,
  { limits, capabilities }: Pick<VectorIndex, 'limits' | 'capabilities'>,
  counters: Counters,
  signal: AbortSignal,
): VectorSpace {
  const { call, checked } = reliableCalls<keyof VectorSpace>(
    'vector index',
    'INDEX_FAILED',
    signal,
    capabilities.waitsWhileUnavailable,
  )

  const { queryTerms } = space
  return {
    ...(queryTerms === undefined
      ? {}
      : {
          queryTerms: (query, options) =>
            call('queryTerms', options, (own) =>
              counters.phases.termQuery.measure(() => queryTerms.call(space, query, own)),
            ),
        }),
    // Not cut: the projector makes its batches by the limits, and a document of many points stays whole.
    replace: (documents, options) =>
      call('replace', options, async (own) => {
        const outcomes = await counters.phases.indexWrite.measure(() => space.replace(documents, own))
        return checked('replace', outcomes, documents.length)
      }),
    get: (ids, options) =>
      inChunks(ids, limits.maxBatchSize, (some) =>
        call('get', options, async (own) => checked('get', await space.get(some, own), some.length)),
      ),
    vectors: (ids, options) =>
      inChunks(ids, limits.maxBatchSize, (some) =>
        call('vectors', options, async (own) => checked('vectors', await space.vectors(some, own), some.length)),
      ),
    query: (query, options) =>
      call('query', options, (own) => counters.phases.indexQuery.measure(() => space.query(query, own))),
    deletePrefix: (prefix, version, options) =>
      call('deletePrefix', options, (own) => space.deletePrefix(prefix, version, own)),
    deleteExpired: (before, options) => call('deleteExpired', options, (own) => space.deleteExpired(before, own)),
    scan: (query, options) => call('scan', options, (own) => space.scan(query, own)),
    drop: (options) => call('drop', options, (own) => space.drop(own)),
    // Once: they are to tell how things are now.
    count: (options) => call('count', options, (own) => space.count(own), 1),
    ping: (options) => call('ping', options, (own) => space.ping(own), 1),
    close: () => space.close(),
  }
}
