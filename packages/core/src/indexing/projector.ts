import type { VersionClock } from '../document/version.js'
import type { EmbeddingPipeline } from '../embedding/pipeline.js'
import { type StoreError, toStoreError } from '../errors.js'
import type { Counters } from '../observe/stats.js'
import type { Outbox } from '../outbox/outbox.js'
import type { Version } from '../ports/common.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { VectorSpace } from '../ports/vector-index.js'
import { embedTexts } from './embed-texts.js'
import { fence, needsFence } from './fencing.js'
import { findKeptPoints, type KeptPoints, keepStoredVectors } from './kept-points.js'
import { type MakeTermsOptions, makeTerms } from './make-terms.js'
import type { PointMaker } from './point-maker.js'
import type { Projection } from './projection.js'
import { isCurrent, needsVectors, targetInTurns, targetOf } from './target.js'
import { type WrittenPoints, writePoints } from './write-points.js'

export interface ProjectorOptions extends MakeTermsOptions {
  readonly kv: KVCollection
  readonly space: VectorSpace
  readonly spaceName: string
  /** Absent in a space of words alone. */
  readonly pipeline: EmbeddingPipeline | undefined
  readonly points: PointMaker
  readonly clock: VersionClock
  readonly outbox: Outbox
  readonly counters: Counters
  /** Ends everything, when the store closes. */
  readonly signal: AbortSignal
}

export interface ProjectionFailure {
  readonly projection: Projection
  readonly error: StoreError
}

/** What reading the documents again showed. */
export interface ReadAgain {
  /** Points that are those of the document. `seen`: its version; absent where there is none. */
  readonly settled: readonly { readonly projection: Projection; readonly seen: Version | undefined }[]
  /** Documents that somebody else has written meanwhile; their targets are the new ones. */
  readonly moved: readonly Projection[]
  readonly failed: readonly ProjectionFailure[]
  readonly readAt: number
}

/**
 * The steps that make points follow documents in one space, in this order: load → embed → fence → replace → read
 * again. Each takes projections and says what came of them; who goes on, repeats or fails is the indexer's matter.
 */
export class Projector {
  readonly #options: ProjectorOptions

  constructor(options: ProjectorOptions) {
    this.#options = options
  }

  /** Reads documents whose target is not known, looks for what can be kept. Throws if a database cannot be asked. */
  async load(projections: readonly Projection[]): Promise<{
    readonly kept: KeptPoints
    readonly failed: readonly ProjectionFailure[]
  }> {
    const { kv, space, counters, points } = this.#options
    const unknown = projections.filter(({ target }) => target === undefined)
    const rows = await kv.get(unknown.map(({ ref }) => ref))
    const failed: ProjectionFailure[] = []
    for (const [i, projection] of unknown.entries()) {
      try {
        projection.retarget(await targetInTurns(projection, rows[i], points))
      } catch (error) {
        failed.push(failureOf(projection, error))
      }
    }
    const kept = await findKeptPoints(projections.filter(needsVectors), space)
    if (this.#options.pipeline !== undefined) counters.vectorsKept += kept.vectors.size
    return { kept, failed }
  }

  /**
   * A promise for each projection: its vectors and terms are there, or it resolves with the reason why not. Terms are
   * made while the embedder works.
   */
  make(projections: readonly Projection[], kept: KeptPoints): Promise<StoreError | undefined>[] {
    const embedded = embedTexts(projections, kept, this.#options)
    const worded = makeTerms(projections, kept, this.#options)
    return projections.map(async (_, i) => {
      const failure = await worded[i]
      return (await embedded[i]) ?? failure
    })
  }

  /** Keeps vectors that are there by now, fences what needs it, then writes the points. */
  async replace(projections: readonly Projection[]): Promise<WrittenPoints> {
    const { space, clock } = this.#options
    const lacking = projections.filter((projection) => projection.lacking !== undefined)
    const unread = await failuresOf(lacking, (some) => keepStoredVectors(some, space), 'Reading points failed')
    const read = without(projections, unread)
    const unfenced = read.filter((projection) => needsFence(projection, clock.writer))
    const open = await failuresOf(unfenced, (some) => fence(some, this.#options), 'Writing a fencing intent failed')
    const written = await writePoints(without(read, open), this.#options)
    return { ...written, failed: [...unread, ...open, ...written.failed] }
  }

  /**
   * Reads the documents again: somebody may have written since, and an insertion is not guarded. Throws if the KV
   * cannot be asked.
   */
  async readAgain(projections: readonly Projection[]): Promise<ReadAgain> {
    const { kv, counters, points } = this.#options
    const readAt = Date.now()
    const rows = await kv.get(projections.map(({ ref }) => ref))
    const settled: { readonly projection: Projection; readonly seen: Version | undefined }[] = []
    const moved: Projection[] = []
    const failed: ProjectionFailure[] = []
    projections.forEach((projection, i) => {
      // A newer one that came meanwhile does the rest: what was read may be older than what that one is about to write.
      if (!projection.isActive) return
      const row = rows[i]
      if (projection.target !== undefined && isCurrent(projection.target, row)) {
        settled.push({ projection, seen: row?.version })
        return
      }
      counters.reprojected += 1
      try {
        projection.retarget(targetOf(projection, row, points))
        moved.push(projection)
      } catch (error) {
        failed.push(failureOf(projection, error))
      }
    })
    return { settled, moved, failed, readAt }
  }
}

/** Takes a step with some projections. All of them fail if it does. */
async function failuresOf(
  projections: readonly Projection[],
  step: (projections: readonly Projection[]) => Promise<void>,
  message: string,
): Promise<readonly ProjectionFailure[]> {
  if (projections.length === 0) return []
  try {
    await step(projections)
    return []
  } catch (cause) {
    const error = toStoreError(cause, 'INDEX_FAILED', message)
    return projections.map((projection) => ({ projection, error }))
  }
}

function without(projections: readonly Projection[], failures: readonly ProjectionFailure[]): readonly Projection[] {
  if (failures.length === 0) return projections
  const failed = new Set(failures.map(({ projection }) => projection))
  return projections.filter((projection) => !failed.has(projection))
}

function failureOf(projection: Projection, error: unknown): ProjectionFailure {
  return { projection, error: toStoreError(error, 'INDEX_FAILED', 'Indexing failed') }
}
