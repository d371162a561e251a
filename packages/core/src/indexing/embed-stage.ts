import type { EmbeddingPipeline } from '../embedding/pipeline.js'
import { type StoreError, toStoreError } from '../errors.js'
import type { Counters } from '../observe/stats.js'
import type { VectorSpace } from '../ports/vector-index.js'
import type { Operation } from './operation.js'
import { textsOf } from './target.js'

export interface EmbedStageOptions {
  readonly space: VectorSpace
  readonly pipeline: EmbeddingPipeline
  readonly counters: Counters
  readonly signal: AbortSignal
}

/**
 * Gives operations the vectors of their texts. A text that the index holds already is not embedded again, and left without one. Returns what failed.
 */
export async function embedOperations(
  operations: readonly Operation[],
  { space, pipeline, counters, signal }: EmbedStageOptions,
): Promise<Map<Operation, StoreError>> {
  const kept = await keptPoints(operations, space)
  counters.vectorsKept += kept.size
  const wanted = operations.flatMap((operation) => textsOf(operation).filter(({ id }) => !kept.has(id)))
  const settled =
    wanted.length === 0
      ? []
      : await pipeline.embedMany(
          wanted.map(({ text }) => text),
          'document',
          { hashes: wanted.map(({ hash }) => hash), signal },
        )
  const failures = new Map<Operation, StoreError>()
  let at = 0
  for (const operation of operations) {
    const vectors = new Map<string, Float32Array>()
    for (const { id } of textsOf(operation)) {
      if (kept.has(id)) continue
      const result = settled[at]
      at += 1
      if (result?.status === 'fulfilled') vectors.set(id, result.value)
      else if (!failures.has(operation)) {
        failures.set(
          operation,
          toStoreError(result?.reason, 'EMBEDDING_FAILED', 'Embedding failed', { ...operation.ref }),
        )
      }
    }
    if (!failures.has(operation)) operation.vectors = vectors
  }
  return failures
}

/** Ids of the points whose stored text is the one that is to be embedded, and which will give way to ours. */
async function keptPoints(operations: readonly Operation[], space: VectorSpace): Promise<Set<string>> {
  const candidates = new Map<string, { readonly operation: Operation; readonly hash: string }>()
  for (const operation of operations) {
    if (!operation.mayHavePoints || operation.sendWhole) continue
    for (const { id, hash } of textsOf(operation)) candidates.set(id, { operation, hash })
  }
  const kept = new Set<string>()
  for (const record of await space.get([...candidates.keys()])) {
    if (record === undefined) continue
    const candidate = candidates.get(record.id)
    if (candidate?.hash !== record.hash || candidate.operation.target?.kind !== 'present') continue
    const { version, replaces } = candidate.operation.target
    if (record.version <= version || record.version === replaces) kept.add(record.id)
  }
  return kept
}
