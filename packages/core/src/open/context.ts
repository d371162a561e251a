import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { SyncMode } from '../api/documents.js'
import type { VersionClock } from '../document/version.js'
import type { EmbeddingPipeline } from '../embedding/pipeline.js'
import type { Indexer } from '../indexing/indexer.js'
import type { Keywords } from '../indexing/keywords.js'
import type { OtherSpaces } from '../indexing/other-spaces.js'
import type { PointMaker } from '../indexing/point-maker.js'
import type { PrefixDeletions } from '../indexing/prefix-deletions.js'
import type { Recovery } from '../indexing/recovery.js'
import type { RetryQueue } from '../indexing/retry-queue.js'
import type { SpaceRegistry } from '../indexing/space-registry.js'
import type { Events } from '../observe/events.js'
import type { Counters } from '../observe/stats.js'
import type { Outbox } from '../outbox/outbox.js'
import type { Settlement } from '../outbox/settlement.js'
import type { KVCapabilities, KVCollection, KVLimits } from '../ports/kv-backend.js'
import type { SpaceRecord } from '../ports/kv-records.js'
import type { VectorIndex, VectorSpace } from '../ports/vector-index.js'
import type { Filterable } from '../ports/vector-records.js'
import type { Reranking } from '../reranking/reranking.js'

/** What the rooms of an index share. A store of documents only has none of it. */
export interface IndexContext {
  readonly space: VectorSpace
  /** As it was when the store was opened; `complete` may have become true since. */
  record: SpaceRecord
  readonly adapter: Pick<VectorIndex, 'name' | 'limits' | 'capabilities'>
  /** Length of the vectors. Absent, as are model and pipeline: the index holds words alone. */
  readonly dimensions: number | undefined
  /** Provider and name of the model. */
  readonly model: string | undefined
  /** Price of a million tokens, in any currency. */
  readonly pricePerMillionTokens: number | undefined
  readonly pipeline: EmbeddingPipeline | undefined
  readonly points: PointMaker
  /** How terms are made; absent where the collection is not searched by words. */
  readonly keywords: Keywords | undefined
  readonly indexer: Indexer
  readonly prefixes: PrefixDeletions
  readonly others: OtherSpaces
  readonly recovery: Recovery
  readonly retries: RetryQueue
}

/** What the rooms of a store share. */
export interface StoreContext {
  readonly collection: string
  readonly kv: KVCollection
  readonly kvAdapter: { readonly name: string; readonly limits: KVLimits; readonly capabilities: KVCapabilities }
  readonly index: IndexContext | undefined
  readonly reranking: Reranking | undefined
  /** By normalised paths. */
  readonly filterable: Filterable
  readonly schema: StandardSchemaV1 | undefined
  readonly sync: SyncMode
  readonly ttlMs: number | undefined
  readonly refreshTtlOnRead: boolean
  /** How long a writer that stopped without a word counts as alive, milliseconds. */
  readonly leaseMs: number
  readonly clock: VersionClock
  /** The vector spaces of the collection. */
  readonly spaces: SpaceRegistry
  readonly outbox: Outbox
  readonly settlement: Settlement
  readonly events: Events
  readonly counters: Counters
  /** Fires when the store ends what is under way. */
  readonly signal: AbortSignal
}
