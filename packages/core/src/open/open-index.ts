import type { ResolvedStoreOptions } from '../api/options.js'
import type { StoreOptions } from '../api/store-options.js'
import type { VersionClock } from '../document/version.js'
import { createEmbeddingPipeline, type EmbeddingOptions } from '../embedding/pipeline.js'
import { estimateTokens, tokenCounter } from '../embedding/token-estimate.js'
import { StoreError, toStoreError } from '../errors.js'
import { Indexer } from '../indexing/indexer.js'
import { openKeywords } from '../indexing/keywords.js'
import type { Leases } from '../indexing/leases.js'
import { OtherSpaces } from '../indexing/other-spaces.js'
import { PointMaker, type PointMakerOptions } from '../indexing/point-maker.js'
import { PrefixDeletions } from '../indexing/prefix-deletions.js'
import { Recovery } from '../indexing/recovery.js'
import { RetryQueue } from '../indexing/retry-queue.js'
import type { SpaceRegistry } from '../indexing/space-registry.js'
import { registerSpace, spaceName } from '../indexing/spaces.js'
import type { Events } from '../observe/events.js'
import { observedEmbedder } from '../observe/observed-embedder.js'
import type { Counters } from '../observe/stats.js'
import type { Outbox } from '../outbox/outbox.js'
import type { Settlement } from '../outbox/settlement.js'
import type { Embedder } from '../ports/embedder.js'
import type { KVCollection } from '../ports/kv-backend.js'
import type { SpaceIndex } from '../ports/kv-records.js'
import type { VectorSpace } from '../ports/vector-index.js'
import { reliableSpace } from '../resilience/reliable-space.js'
import { opening } from '../resilience/retry.js'
import type { IndexContext } from './context.js'

export interface IndexParts {
  readonly kv: KVCollection
  readonly leases: Leases
  readonly spaces: SpaceRegistry
  readonly outbox: Outbox
  readonly settlement: Settlement
  readonly events: Events
  readonly counters: Counters
  readonly clock: VersionClock
  readonly signal: AbortSignal
}

/**
 * Opens the space of the embedder's model, or without an embedder that of words alone, and wires what brings documents
 * to it. `undefined` for a store of documents only. `onOpened` is told of the space, which the caller closes, whatever
 * comes after.
 */
export async function openIndex(
  options: StoreOptions<object, object>,
  resolved: ResolvedStoreOptions,
  parts: IndexParts,
  onOpened: (space: VectorSpace) => void,
): Promise<IndexContext | undefined> {
  const { vectors, embedder, cache, collection, embedding = {} } = options
  if (vectors === undefined) return undefined
  const { kv, leases, spaces, outbox, settlement, events, counters, clock, signal } = parts
  const { filterable, metric } = resolved
  const keepsTerms = vectors.capabilities.terms === true
  if (resolved.keywords !== undefined && !keepsTerms) {
    throw new StoreError('CONFIGURATION', `index.keywords: ${vectors.name} keeps no terms`)
  }
  const keywords = resolved.keywords && (await openKeywords(resolved.keywords.language))
  const model = embedder?.model ?? WORDS_ALONE
  const dimensions = embedder && (await dimensionsOf(embedder, embedding, signal))
  const name = spaceName(collection, model, dimensions)
  const index = indexOf(resolved, embedding)
  const record = await registerSpace(kv, { name, model, dimensions, metric, index }, { signal })
  if (record.dimensions !== dimensions || record.metric !== metric) {
    throw new StoreError(
      'MODEL_MISMATCH',
      `Space ${name} holds vectors of ${record.dimensions} dimensions compared by ${record.metric}, not of ${dimensions} by ${metric}`,
    )
  }
  // Before the space is opened: what fails here leaves nothing open.
  const points = new PointMaker({
    fields: resolved.fields,
    filterable,
    keywords,
    ...chunkingOf(embedder, embedding),
    onNoTexts: (documents) => events.emit('noTexts', { documents, fields: resolved.fields }),
  })
  const retries = new RetryQueue(events, outbox)
  const pipeline =
    embedder &&
    createEmbeddingPipeline({
      embedder: observedEmbedder(embedder, counters.phases.embed),
      dimensions,
      metric,
      cache,
      options: embedding,
      onEvent: (event) => events.emit('embedding', event),
      onSuccess: () => retries.succeeded('embedder'),
    })
  const definition = { name, dimensions, metric, filterable, terms: keywords !== undefined }
  const opened = await opening(
    () => vectors.open(definition, { signal }),
    signal,
    vectors.capabilities.waitsWhileUnavailable,
  ).catch((error: unknown) => {
    throw toStoreError(error, 'INDEX_FAILED', `Opening ${vectors.name} failed`)
  })
  onOpened(opened)
  const space = reliableSpace(opened, vectors, counters, signal)
  const shared = { kv, space, spaceName: name, outbox, settlement, events, retries, signal }
  const indexer = new Indexer({
    ...shared,
    clock,
    limits: vectors.limits,
    dimensions,
    pipeline,
    points,
    keywords,
    keepsTerms,
    counters,
  })
  const prefixes = new PrefixDeletions(shared)
  const others = new OtherSpaces({ ...shared, vectors, own: name, leases, registry: spaces, counters })
  const recovery = new Recovery({
    ...shared,
    others,
    space: name,
    indexer,
    prefixes,
    leases,
    settleMs: resolved.settleMs,
  })
  spaces.search(name)
  return {
    space,
    record,
    adapter: vectors,
    dimensions,
    model: embedder && `${embedder.model.provider}/${embedder.model.name}`,
    pricePerMillionTokens: embedding.pricePerMillionTokens,
    pipeline,
    points,
    keywords,
    indexer,
    prefixes,
    others,
    recovery,
    retries,
  }
}

/** In the place of a model, where there is none: the space holds terms alone. */
const WORDS_ALONE = { provider: 'tandem', name: 'words' } as const
/** Tokens of a part of a long text, as estimated, where no model says how many it takes. */
const PART_TOKENS = 512

/** How long texts are cut: as the model needs it, or else into parts that are passages to read. */
function chunkingOf(
  embedder: Embedder | undefined,
  { onTooLong = 'chunk' }: EmbeddingOptions,
): Pick<PointMakerOptions, 'onTooLong' | 'maxTokens' | 'countTokens'> {
  if (embedder === undefined) return { onTooLong: 'chunk', maxTokens: PART_TOKENS, countTokens: estimateTokens }
  const maxTokens = embedder.limits?.maxInputTokens ?? Number.POSITIVE_INFINITY
  return { onTooLong, maxTokens, countTokens: tokenCounter(embedder) }
}

/** What the record of the space says of how points are made. */
function indexOf({ fields, filterable, keywords }: ResolvedStoreOptions, embedding: EmbeddingOptions): SpaceIndex {
  const words = keywords && (keywords.language === undefined ? {} : { language: keywords.language })
  const { onTooLong = 'chunk' } = embedding
  return { fields, filterable, onTooLong, ...(words === undefined ? {} : { keywords: words }) }
}

async function dimensionsOf(embedder: Embedder, options: EmbeddingOptions, signal: AbortSignal): Promise<number> {
  const dimensions = embedder.dimensions ?? (await learnDimensions(embedder, options, signal))
  if (Number.isSafeInteger(dimensions) && dimensions >= 1) return dimensions
  throw new StoreError('CONFIGURATION', `The embedder gives vectors of ${dimensions} dimensions`)
}

/** The length of the vectors, from one that is asked for. */
async function learnDimensions(embedder: Embedder, options: EmbeddingOptions, signal: AbortSignal): Promise<number> {
  const { length } = await createEmbeddingPipeline({ embedder, options }).embed('dimensions', 'document', { signal })
  return length
}
