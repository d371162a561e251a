import type { VectorLimits, VectorSpace } from '../ports/vector-index.js'
import type { PointRecord } from '../ports/vector-records.js'
import { Batcher, type BatcherOptions } from '../resilience/batcher.js'

interface Read extends PromiseWithResolvers<(PointRecord | undefined)[]> {
  readonly name: string
  readonly ids: readonly string[]
}

/** Reads points by id. Reads that are asked for while the index is busy share one call. */
export function sharedReads(
  space: Pick<VectorSpace, 'get'>,
  limits: VectorLimits,
  gather: Pick<BatcherOptions<Read>, 'minBeside' | 'neighbour'>,
): Pick<VectorSpace, 'get'> {
  let count = 0
  const batcher = new Batcher<Read>({
    ...gather,
    concurrency: limits.maxConcurrency,
    maxWeight: limits.maxBatchSize,
    weight: ({ ids }) => ids.length,
    key: ({ name }) => name,
    async run(batch) {
      try {
        const records = await space.get(batch.flatMap(({ ids }) => ids))
        let at = 0
        for (const { ids, resolve } of batch) {
          resolve(records.slice(at, at + ids.length))
          at += ids.length
        }
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    },
  })
  return {
    get(ids) {
      count += 1
      const read: Read = { name: String(count), ids, ...Promise.withResolvers<(PointRecord | undefined)[]>() }
      batcher.add(read)
      return read.promise
    },
  }
}
