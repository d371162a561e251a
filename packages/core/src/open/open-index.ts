import type { ResolvedStoreOptions } from '../api/options.js'
import type { StoreOptions } from '../api/types.js'
import type { VersionClock } from '../document/version.js'
import { createEmbeddingPipeline, type EmbeddingOptions } from '../embedding/pipeline.js'
import { tokenCounter } from '../embedding/token-estimate.js'
import { StoreError, toStoreError } from '../errors.js'
import type { Leases } from '../indexing/leases.js'
import { ManualWrites } from '../indexing/manual-writes.js'
import type { PendingWrites } from '../indexing/pending.js'
import { PointMaker } from '../indexing/point-maker.js'
import { PrefixDeletions } from '../indexing/prefix-deletions.js'
import { Projector } from '../indexing/projector.js'
import { Recovery } from '../indexing/recovery.js'
import { registerSpace, spaceName } from '../indexing/spaces.js'
import type { Events } from '../observe/events.js'
import { observedEmbedder } from '../observe/observed-embedder.js'
import type { Counters } from '../observe/stats.js'
import type { Version } from '../ports/common.js'
import type { Embedder } from '../ports/embedder.js'
import type { KVCollection } from '../ports/kv-backend.js'
import { reliableSpace } from '../resilience/reliable-space.js'
import { retrying } from '../resilience/retry.js'
import type { IndexContext } from './context.js'

export interface IndexParts {
  readonly kv: KVCollection
  readonly leases: Leases
  readonly pending: PendingWrites
  readonly events: Events
  readonly counters: Counters
  readonly clock: VersionClock
  readonly active: Set<Version>
  readonly signal: AbortSignal
}

/** Opens the space of the embedder's model, and wires what brings documents to it. `undefined` for a store of documents only. */
export async function openIndex(
  options: StoreOptions<object, object>,
  resolved: ResolvedStoreOptions,
  parts: IndexParts,
): Promise<IndexContext | undefined> {
  const { vectors, embedder, cache, collection, embedding = {} } = options
  if (vectors === undefined || embedder === undefined) return undefined
  const { kv, leases, pending, events, counters, clock, active, signal } = parts
  const dimensions = embedder.dimensions ?? (await learnDimensions(embedder, embedding, signal))
  if (!Number.isSafeInteger(dimensions) || dimensions < 1) {
    throw new StoreError('CONFIGURATION', `The embedder gives vectors of ${dimensions} dimensions`)
  }
  const { filterable, metric } = resolved
  const name = spaceName(collection, embedder.model, dimensions)
  const record = await registerSpace(kv, { name, model: embedder.model, dimensions, metric }, { signal })
  if (record.dimensions !== dimensions || record.metric !== metric) {
    throw new StoreError(
      'MODEL_MISMATCH',
      `Space ${name} holds vectors of ${record.dimensions} dimensions compared by ${record.metric}, not of ${dimensions} by ${metric}`,
    )
  }
  const definition = { name, dimensions, metric, filterable }
  const opened = await retrying(() => vectors.open(definition, { signal }), signal).catch((error: unknown) => {
    throw toStoreError(error, 'INDEX_FAILED', `Opening ${vectors.name} failed`)
  })
  const space = reliableSpace(opened, vectors.limits, counters, signal)
  const pipeline = createEmbeddingPipeline({
    embedder: observedEmbedder(embedder, counters.phases.embed),
    dimensions,
    metric,
    cache,
    options: embedding,
    onEvent: (event) => events.emit('embedding', event),
  })
  const points = new PointMaker({
    fields: resolved.fields,
    filterable,
    onTooLong: embedding.onTooLong ?? 'chunk',
    maxTokens: embedder.limits?.maxInputTokens ?? Number.POSITIVE_INFINITY,
    countTokens: tokenCounter(embedder),
  })
  const { settleMs } = resolved
  const shared = { kv, space, pending, events, signal }
  const projector = new Projector({
    ...shared,
    spaceName: name,
    clock,
    active,
    limits: vectors.limits,
    dimensions,
    pipeline,
    points,
    counters,
    settleMs,
    noteUnsettled: () => recovery.noteUnsettled(),
  })
  const prefixes = new PrefixDeletions(shared)
  const manual = new ManualWrites()
  const recovery: Recovery = new Recovery({
    kv,
    space: name,
    projector,
    prefixes,
    pending,
    events,
    leases,
    manual,
    settleMs,
    active,
    signal,
  })
  return {
    space,
    record,
    adapter: vectors,
    dimensions,
    model: `${embedder.model.provider}/${embedder.model.name}`,
    pricePerMillionTokens: embedding.pricePerMillionTokens,
    pipeline,
    points,
    projector,
    prefixes,
    recovery,
    manual,
  }
}

/** The length of the vectors, from one that is asked for. */
async function learnDimensions(embedder: Embedder, options: EmbeddingOptions, signal: AbortSignal): Promise<number> {
  const { length } = await createEmbeddingPipeline({ embedder, options }).embed('dimensions', 'document', { signal })
  return length
}
