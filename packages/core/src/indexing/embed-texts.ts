import type { EmbeddingPipeline } from '../embedding/pipeline.js'
import { type StoreError, toStoreError } from '../errors.js'
import { finishInTurns, type Steps } from '../resilience/steps.js'
import type { KeptPoints } from './kept-points.js'
import type { PointText } from './point-maker.js'
import type { Projection } from './projection.js'
import { textsOf } from './target.js'

/**
 * Gives projections the vectors of their texts, but of those that are kept; none in a space of words alone, which has
 * no pipeline. Returns a promise for each projection, so that one whose texts are embedded need not wait for the
 * others: it resolves with the error there was, if there was one. Then the projection has the other vectors, and lacks
 * some.
 */
export function embedTexts(
  projections: readonly Projection[],
  kept: KeptPoints,
  { pipeline, signal }: { readonly pipeline: EmbeddingPipeline | undefined; readonly signal: AbortSignal },
): Promise<StoreError | undefined>[] {
  const wanted: WantedText[] = []
  const embeddings = projections.map((projection) => {
    const texts = textsOf(projection)
    const embedding = new Embedding(projection, texts.length)
    for (let at = 0; at < texts.length; at += 1) {
      const point = texts[at] as PointText
      if (pipeline === undefined) embedding.settle(at, null)
      else if (kept.vectors.has(point.id)) embedding.settle(at, undefined)
      else wanted.push({ embedding, at, point })
    }
    return embedding
  })
  if (pipeline !== undefined) void finishInTurns(embedInSteps(wanted, pipeline, signal))
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
        }
        embedding.settle(at, vector ?? null)
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
  readonly done: Promise<StoreError | undefined>
  failure: StoreError | undefined
  readonly #vectors: (Float32Array | null | undefined)[]
  #left: number
  readonly #resolve: (failure: StoreError | undefined) => void

  constructor(projection: Projection, texts: number) {
    this.projection = projection
    this.#vectors = new Array(texts)
    this.#left = texts
    const { promise, resolve } = Promise.withResolvers<StoreError | undefined>()
    this.done = promise
    this.#resolve = resolve
  }

  /** One more text is embedded, kept (`undefined`), or has no vector. */
  settle(at: number, vector: Float32Array | null | undefined): void {
    this.#vectors[at] = vector
    this.#left -= 1
    if (this.#left > 0) return
    this.projection.vectors = this.#vectors
    this.projection.lacking = this.failure
    this.#resolve(this.failure)
  }
}
