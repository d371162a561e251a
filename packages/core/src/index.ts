export type {
  DeleteManyOptions,
  DeleteManyResult,
  DeleteNamespaceReceipt,
  DeleteOptions,
  Document,
  Failure,
  GetOptions,
  JsonObject,
  PutManyDocument,
  PutManyOptions,
  PutManyProgress,
  PutManyResult,
  PutOptions,
  Receipt,
  SignalOptions,
  SyncMode,
} from './api/documents.js'
export type { FieldPath } from './api/field-path.js'
export type { Condition, FilterInput } from './api/filter-input.js'
export type {
  CloseOptions,
  CloseResult,
  ComponentHealth,
  Health,
  RecoverOptions,
  RecoverResult,
  SpaceHealth,
  SpaceInfo,
  VerifyOptions,
  VerifyResult,
} from './api/maintenance.js'
export type {
  CountOptions,
  DocumentPart,
  HitScores,
  ListOptions,
  MatchedPart,
  NamespaceMatch,
  NamespacesOptions,
  Page,
  PartsOptions,
  ScoredHit,
  ScoredSearchOptions,
  SearchHit,
  SearchMode,
  SearchOptions,
  SearchPage,
  SearchWeights,
} from './api/queries.js'
export type { Store, StoreCapabilities } from './api/store.js'
export type { IndexOptions, KeywordsOptions, StoreOptions } from './api/store-options.js'
export type { Json } from './document/paths.js'
export type { EmbeddingEvent } from './embedding/events.js'
export type { EmbeddingOptions } from './embedding/options.js'
export type { EmbeddingStats } from './embedding/stats.js'
export { StoreError, type StoreErrorCode, type StoreErrorOptions } from './errors.js'
export type { CacheSummary, StoreEvents } from './observe/events.js'
export type { LatencySummary } from './observe/latency.js'
export type { CacheStats, DocumentCounts, IndexStats, ModelStats, StoreStats } from './observe/stats.js'
export { type Chunk, type ChunkOptions, chunk } from './passages/chunk.js'
export {
  type PassageHit,
  type PassageSource,
  type Passages,
  type PassagesOptions,
  passages,
} from './passages/passages.js'
export type { DocumentRef, Namespace, Version } from './ports/common.js'
export type { RerankingOptions } from './reranking/options.js'
export type { RerankerStats } from './reranking/stats.js'
export { createStore } from './store.js'
export type { Language } from './words/language.js'
