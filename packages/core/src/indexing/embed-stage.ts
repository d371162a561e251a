import type { EmbeddingPipeline } from '../embedding/pipeline.js'
import { type StoreError, toStoreError } from '../errors.js'
import type { Counters } from '../observe/stats.js'
import type { VectorSpace } from '../ports/vector-index.js'
import type { Operation } from './operation.js'
import type { PointText } from './point-maker.js'
import { textsOf } from './target.js'

export interface EmbedStageOptions {
  readonly space: Pick<VectorSpace, 'get'>
  readonly pipeline: EmbeddingPipeline
  readonly counters: Counters
  readonly signal: AbortSignal
}

/**
 * Gives operations the vectors of their texts. A text that the index holds already is not embedded again, and left without one. Each operation goes on by itself,
 * as soon as its last text is settled: `done` is called once for each, with what failed. Rejects, before any call, if the index cannot be asked.
 */
export async function embedOperations(
  operations: readonly Operation[],
  { space, pipeline, counters, signal }: EmbedStageOptions,
  done: (operation: Operation, failure: StoreError | undefined) => void,
): Promise<void> {
  const kept = await keptPoints(operations, space)
  counters.vectorsKept += kept.size
  const wanted: WantedText[] = []
  for (const operation of operations) {
    const texts = textsOf(operation)
    const embedding: Embedding = { operation, vectors: new Array(texts.length), left: 0, failure: undefined }
    for (let at = 0; at < texts.length; at += 1) {
      const point = texts[at] as PointText
      if (kept.has(point.id)) continue
      embedding.left += 1
      wanted.push({ embedding, at, point })
    }
    if (embedding.left === 0) finish(embedding, done)
  }
  pipeline.embedEach(
    wanted.map(({ point }) => point.text),
    'document',
    (i, vector, error) => {
      const { embedding, at } = wanted[i] as WantedText
      const { ref } = embedding.operation
      if (vector === undefined) {
        embedding.failure ??= toStoreError(error, 'EMBEDDING_FAILED', 'Embedding failed', { ...ref })
      } else embedding.vectors[at] = vector
      embedding.left -= 1
      if (embedding.left === 0) finish(embedding, done)
    },
    { hashes: wanted.map(({ point }) => point.hash), signal },
  )
}

/** An operation whose texts are being embedded. */
interface Embedding {
  readonly operation: Operation
  readonly vectors: (Float32Array | undefined)[]
  /** Texts that are not settled yet. */
  left: number
  failure: StoreError | undefined
}

interface WantedText {
  readonly embedding: Embedding
  /** Which of the operation's texts it is. */
  readonly at: number
  readonly point: PointText
}

function finish(
  { operation, vectors, failure }: Embedding,
  done: (operation: Operation, failure: StoreError | undefined) => void,
): void {
  if (failure === undefined) operation.vectors = vectors
  done(operation, failure)
}

/** Ids of the points whose stored text is the one that is to be embedded, and which will give way to ours. */
async function keptPoints(
  operations: readonly Operation[],
  space: Pick<VectorSpace, 'get'>,
): Promise<ReadonlySet<string>> {
  const kept = new Set<string>()
  const candidates = new Map<string, { readonly operation: Operation; readonly hash: string }>()
  for (const operation of operations) {
    operation.expectedNew = !operation.sendWhole
    if (!operation.mayHavePoints || operation.sendWhole) continue
    for (const { id, hash } of textsOf(operation)) candidates.set(id, { operation, hash })
  }
  if (candidates.size === 0) return kept
  for (const record of await space.get([...candidates.keys()])) {
    const candidate = record && candidates.get(record.id)
    if (candidate === undefined) continue
    const { operation, hash } = candidate
    operation.expectedNew = false
    if (hash !== record?.hash || operation.target?.kind !== 'present') continue
    const { version, replaces } = operation.target
    if (record.version <= version || record.version === replaces) kept.add(record.id)
  }
  return kept
}
