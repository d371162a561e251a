import {
  type CallOptions,
  type DocumentPoints,
  StoreError,
  type VectorIndex,
  type VectorSpace,
} from '@tandemstore/core/adapter'
import type { Connection, Session } from '../connection.js'
import type { OperationArgs, OperationName, OperationResult } from '../protocol.js'
import { termsOf } from './terms.js'
import { WordWriter } from './words/word-bytes.js'
import type { SentDocument, SentPoint } from './write.js'

export function createVectorIndex(connection: Connection, exact: boolean): VectorIndex {
  return {
    name: 'sqlite',
    capabilities: { exact, terms: true, waitsWhileUnavailable: true },
    // No larger, so that what core does after a batch does not hold the event loop; waiting batches share a
    // transaction anyhow.
    limits: {
      maxBatchSize: 256,
      maxBatchBytes: 4 * 1024 * 1024,
      maxConcurrency: 8,
      maxQueryLimit: 10_000,
    },
    async open(definition, options) {
      const settings = { failed: 'INDEX_FAILED', signal: options?.signal } as const
      const session = await connection.open(settings)
      try {
        const id = await session.call('vectorsOpen', { definition }, settings)
        return openSpace(session, id, definition.name)
      } catch (error) {
        await session.release('INDEX_FAILED')
        throw error
      }
    },
  }
}

function openSpace(session: Session, space: number, name: string): VectorSpace {
  let closed = false
  const check = (options: CallOptions | undefined): void => {
    if (closed) throw new StoreError('CLOSED', `The space ${name} has been closed`)
    options?.signal?.throwIfAborted()
  }
  const call = async <K extends OperationName>(
    operation: K,
    args: OperationArgs<K>,
    options: CallOptions | undefined,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<OperationResult<K>> => {
    check(options)
    return session.call(operation, args, { failed: 'INDEX_FAILED', signal: options?.signal, transfer })
  }
  const close = async (): Promise<void> => {
    closed = true
    await session.release('INDEX_FAILED')
  }
  return {
    async replace(documents, options) {
      check(options)
      if (documents.length === 0) return []
      const { packed, vectors, words } = pack(documents)
      const args = { space, documents: JSON.stringify(packed), vectors, words }
      return call('vectorsReplace', args, options, [vectors.buffer, words.buffer])
    },
    async deletePrefix(prefix, version, options) {
      let more = true
      while (more) more = await call('vectorsDeletePrefix', { space, prefix, version }, options)
    },
    async deleteExpired(before, options) {
      let deleted = 0
      for (;;) {
        const { points, more } = await call('vectorsDeleteExpired', { space, before }, options)
        deleted += points
        if (!more) return deleted
      }
    },
    async get(ids, options) {
      check(options)
      if (ids.length === 0) return []
      return call('vectorsGet', { space, ids }, options)
    },
    async vectors(ids, options) {
      check(options)
      if (ids.length === 0) return []
      return call('vectorsOf', { space, ids }, options)
    },
    async query(query, options) {
      // A copy: the array may be a view into a larger buffer, all of which would be cloned.
      return call('vectorsQuery', { space, ...query, vector: query.vector.slice() }, options)
    },
    async queryTerms(query, options) {
      return call('wordsQuery', { space, ...query }, options)
    },
    async scan(query, options) {
      return call('vectorsScan', { space, ...query }, options)
    },
    async count(options) {
      return call('vectorsCount', { space }, options)
    },
    async drop(options) {
      await call('vectorsDrop', { space }, options)
      await close()
    },
    async ping(options) {
      await call('ping', undefined, options)
    },
    close,
  }
}

/** A batch as it goes to the worker. */
interface Packed {
  readonly packed: SentDocument[]
  readonly vectors: Float32Array<ArrayBuffer>
  readonly words: Uint8Array<ArrayBuffer>
}

/**
 * All vectors of a batch in one array of its own, and all words in another, which go to the worker without another
 * copy; the caller keeps theirs.
 */
function pack(documents: readonly DocumentPoints[]): Packed {
  const all = documents.flatMap(({ points }) => points)
  const vectors = new Float32Array(all.reduce((total, { vector }) => total + (vector?.length ?? 0), 0))
  const words = new WordWriter(all.map(({ terms }) => terms))
  let next = 0
  const packed = documents.map(({ values, ...document }) => ({
    ...document,
    terms: termsOf(values),
    points: document.points.map(({ vector, terms, ...point }): SentPoint => {
      const sent = { ...point, words: terms && words.add(terms) }
      if (vector === undefined) return sent
      if (vector === null) return { ...sent, bare: true }
      const at = next
      vectors.set(vector, at)
      next += vector.length
      return { ...sent, at, length: vector.length }
    }),
  }))
  return { packed, vectors, words: words.bytes }
}
