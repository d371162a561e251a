import { type EmbeddingCache, invalid, StoreError, toStoreError } from '@tandemstore/core/adapter'
import { decodeVector, encodeVector } from './vector-text.js'

/** The part of a Keyv (version 5 or 6) that is used. */
export interface KeyvLike {
  getMany(keys: string[]): Promise<unknown[]>
  setMany(entries: { key: string; value: string; ttl?: number }[]): Promise<unknown>
  clear(): Promise<void>
  on(event: 'error', listener: (error: unknown) => void): unknown
}

export interface KeyvCacheOptions {
  /** A Keyv with a namespace of its own: `clear` empties it. */
  readonly keyv: KeyvLike
  /** How long a vector is kept, milliseconds. Default: the Keyv's own `ttl`, else for ever. */
  readonly ttlMs?: number | undefined
}

/**
 * Keeps vectors in any store of Keyv, where other processes find them too. Does not close it. A value that is no whole
 * vector counts as none.
 *
 * Errors: INVALID_ARGUMENT for bad options, at once. Of the methods: UNAVAILABLE where the store failed; core takes
 * that for a miss.
 */
export function keyvCache(options: KeyvCacheOptions): EmbeddingCache {
  checkOptions(options)
  const { keyv, ttlMs } = options
  let failures = 0
  let lastError: unknown
  // Keyv tells of failures by this event alone, and ends the process where nobody listens.
  keyv.on('error', (error) => {
    failures += 1
    lastError = error
  })

  /** Runs a call of Keyv; it has failed if it throws, or if the event came and the result shows nothing else. */
  async function run<Result>(
    what: string,
    call: () => Promise<Result>,
    isEmpty: (result: Result) => boolean,
  ): Promise<Result> {
    const before = failures
    let result: Result
    try {
      result = await call()
    } catch (error) {
      throw toStoreError(error, 'UNAVAILABLE', `${what} failed`)
    }
    if (failures > before && isEmpty(result)) throw toStoreError(lastError, 'UNAVAILABLE', `${what} failed`)
    return result
  }

  return {
    name: 'keyv',
    getMany: async (keys) => {
      if (keys.length === 0) return []
      const isEmpty = (values: unknown[]) => values.every((value) => value === undefined)
      const values = await run('Reading the embedding cache', () => keyv.getMany([...keys]), isEmpty)
      return keys.map((_, i) => decodeVector(values[i]))
    },
    setMany: async (entries) => {
      if (entries.length === 0) return
      // Of two for one key the last counts, and a store may write them in any order.
      const vectors = new Map(entries)
      const ttl = ttlMs === undefined ? {} : { ttl: ttlMs }
      const written = Array.from(vectors, ([key, vector]) => ({ key, value: encodeVector(vector), ...ttl }))
      const hasFailed = (result: unknown) => result === false || (Array.isArray(result) && result.includes(false))
      const result = await run('Writing the embedding cache', () => keyv.setMany(written), hasFailed)
      if (hasFailed(result)) throw new StoreError('UNAVAILABLE', 'Writing the embedding cache failed for some vectors')
    },
    clear: () =>
      run(
        'Clearing the embedding cache',
        () => keyv.clear(),
        () => true,
      ),
    size: () => ({}),
  }
}

function checkOptions(options: KeyvCacheOptions): void {
  const { keyv, ttlMs } = options ?? {}
  const methods = ['getMany', 'setMany', 'clear', 'on'] as const
  if (methods.some((method) => typeof keyv?.[method] !== 'function')) throw invalid('keyv', 'a Keyv of version 5 or 6')
  if (ttlMs !== undefined && !(Number.isSafeInteger(ttlMs) && ttlMs >= 1))
    throw invalid('ttlMs', 'a whole number of at least 1')
}
