export type { Condition, FilterInput } from './api/filter-input.js'
export type {
  CloseOptions,
  CloseResult,
  ComponentHealth,
  DeleteManyResult,
  DeleteOptions,
  Document,
  Failure,
  GetOptions,
  Health,
  IndexOptions,
  JsonObject,
  ListOptions,
  NamespacesOptions,
  Page,
  PutManyDocument,
  PutManyOptions,
  PutManyProgress,
  PutManyResult,
  PutOptions,
  Receipt,
  RecoverOptions,
  RecoverResult,
  ScoredHit,
  ScoredSearchOptions,
  SearchHit,
  SearchOptions,
  SignalOptions,
  SpaceHealth,
  Store,
  StoreOptions,
  SyncMode,
  VerifyOptions,
  VerifyResult,
} from './api/types.js'
export type { Json } from './document/paths.js'
export type { EmbeddingEvent } from './embedding/events.js'
export type { EmbeddingOptions } from './embedding/options.js'
export type { EmbeddingStats } from './embedding/stats.js'
export { StoreError, type StoreErrorCode, type StoreErrorOptions } from './errors.js'
export type { CacheSummary, StoreEvents } from './observe/events.js'
export type { LatencySummary } from './observe/latency.js'
export type { CacheStats, DocumentCounts, IndexStats, ModelStats, StoreStats } from './observe/stats.js'
export type { DocumentRef, Namespace, Version } from './ports/common.js'
export { createStore } from './store.js'
