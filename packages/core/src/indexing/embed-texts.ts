import type { EmbeddingPipeline } from '../embedding/pipeline.js'
import { type StoreError, toStoreError } from '../errors.js'
import type { VectorSpace } from '../ports/vector-index.js'
import { finishInTurns, type Steps } from '../resilience/steps.js'
import type { PointText } from './point-maker.js'
import type { Projection } from './projection.js'
import { textsOf } from './target.js'

/**
 * Ids of stored points whose text is the one that is to be embedded, and which will give way to ours: their vectors
 * are kept.
 */
export async function findKeptPoints(
  projections: readonly Projection[],
  space: Pick<VectorSpace, 'get'>,
): Promise<ReadonlySet<string>> {
  const kept = new Set<string>()
  const candidates = new Map<string, { readonly projection: Projection; readonly hash: string }>()
  for (const projection of projections) {
    projection.isExpectedNew = !projection.sendsAll
    if (!projection.mayHavePoints || projection.sendsAll) continue
    for (const { id, hash } of textsOf(projection)) candidates.set(id, { projection, hash })
  }
  if (candidates.size === 0) return kept
  for (const record of await space.get([...candidates.keys()])) {
    const candidate = record && candidates.get(record.id)
    if (candidate === undefined) continue
    const { projection, hash } = candidate
    projection.isExpectedNew = false
    if (hash !== record?.hash || projection.target?.kind !== 'present') continue
    const { version, replaces } = projection.target
    if (record.version <= version || record.version === replaces) kept.add(record.id)
  }
  return kept
}

/**
 * Gives projections the vectors of their texts, but of those that are kept. Returns a promise for each projection, so
 * that one whose texts are embedded need not wait for the others: it resolves with the error there was, if there was
 * one.
 */
export function embedTexts(
  projections: readonly Projection[],
  kept: ReadonlySet<string>,
  { pipeline, signal }: { readonly pipeline: EmbeddingPipeline; readonly signal: AbortSignal },
): Promise<StoreError | undefined>[] {
  const wanted: WantedText[] = []
  const embeddings = projections.map((projection) => {
    const texts = textsOf(projection)
    const embedding = new Embedding(projection, texts.length)
    for (let at = 0; at < texts.length; at += 1) {
      const point = texts[at] as PointText
      if (kept.has(point.id)) embedding.settle()
      else wanted.push({ embedding, at, point })
    }
    return embedding
  })
  void finishInTurns(embedInSteps(wanted, pipeline, signal))
  return embeddings.map(({ done }) => done)
}

/** Asks for the vectors of so many texts at a time: a document may have tens of thousands. */
const TEXTS_AT_A_TIME = 1000

function* embedInSteps(wanted: readonly WantedText[], pipeline: EmbeddingPipeline, signal: AbortSignal): Steps<void> {
  for (let from = 0; from < wanted.length; from += TEXTS_AT_A_TIME) {
    if (from > 0) yield
    const some = wanted.slice(from, from + TEXTS_AT_A_TIME)
    pipeline.embedEach(
      some.map(({ point }) => point.text),
      'document',
      (i, vector, error) => {
        const { embedding, at } = some[i] as WantedText
        if (vector === undefined) {
          embedding.failure ??= toStoreError(error, 'EMBEDDING_FAILED', 'Embedding failed', {
            ...embedding.projection.ref,
          })
        } else embedding.vectors[at] = vector
        embedding.settle()
      },
      { hashes: some.map(({ point }) => point.hash), signal },
    )
  }
}

interface WantedText {
  readonly embedding: Embedding
  /** Which of the projection's texts it is. */
  readonly at: number
  readonly point: PointText
}

/** A projection whose texts are being embedded. */
class Embedding {
  readonly projection: Projection
  readonly vectors: (Float32Array | undefined)[]
  readonly done: Promise<StoreError | undefined>
  failure: StoreError | undefined
  #left: number
  readonly #resolve: (failure: StoreError | undefined) => void

  constructor(projection: Projection, texts: number) {
    this.projection = projection
    this.vectors = new Array(texts)
    this.#left = texts
    const { promise, resolve } = Promise.withResolvers<StoreError | undefined>()
    this.done = promise
    this.#resolve = resolve
  }

  /** One more text is embedded, kept or has failed. */
  settle(): void {
    this.#left -= 1
    if (this.#left > 0) return
    if (this.failure === undefined) this.projection.vectors = this.vectors
    this.#resolve(this.failure)
  }
}
