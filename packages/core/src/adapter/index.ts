/**
 * What an adapter is written with: the ports, the one error type and the pure values that every adapter reads in the
 * same way.
 * @module
 */

export { matchesFilter } from '../document/filter.js'
export { compareRefs, compareText, decodeNamespace, encodeNamespace, refId, startsWith } from '../document/namespace.js'
export type { Json } from '../document/paths.js'
export { formatVersion, isVersion, maxVersion, versionMicros, versionWriter } from '../document/version.js'
export { cacheKeyPrefix } from '../embedding/cache-key.js'
export {
  aborted,
  type Fault,
  faultOf,
  invalid,
  StoreError,
  type StoreErrorCode,
  type StoreErrorOptions,
  toStoreError,
} from '../errors.js'
export type { CallOptions, DocumentRef, MaybePromise, Namespace, Scalar, Version } from '../ports/common.js'
export type { Embedder, EmbedderLimits, EmbedOptions, EmbedResult, ModelIdentity } from '../ports/embedder.js'
export type { EmbeddingCache } from '../ports/embedding-cache.js'
export type { KVBackend, KVCapabilities, KVCollection, KVLimits } from '../ports/kv-backend.js'
export type {
  DeleteRow,
  DocumentRow,
  Intent,
  Lease,
  PutRow,
  SpaceIndex,
  SpaceRecord,
  WriteCondition,
  WriteOutcome,
} from '../ports/kv-records.js'
export type { Reranker, RerankerLimits } from '../ports/reranker.js'
export type {
  PointQuery,
  QueryResult,
  TermQuery,
  VectorCapabilities,
  VectorIndex,
  VectorLimits,
  VectorMatch,
  VectorQuery,
  VectorSpace,
} from '../ports/vector-index.js'
export type {
  DocumentPoints,
  Filter,
  Filterable,
  FilterValues,
  Metric,
  PathValues,
  Point,
  PointRecord,
  SpaceDefinition,
  TermWeights,
} from '../ports/vector-records.js'
export { onAbort } from '../resilience/abort.js'
export {
  connectionError,
  explainConnectionError,
  innerReason,
  isNetworkError,
  plainAddress,
} from './connection-error.js'
export {
  embeddingCodeOf,
  fetchWithoutRedirects,
  foreignAnswer,
  type HttpHeaders,
  isNoJson,
  isOfClass,
  redirectedTo,
  retryAfterMs,
} from './http-errors.js'
export { serverWords } from './server-words.js'
export {
  toWireError,
  type WireError,
  type WorkerCallOptions,
  type WorkerClient,
  type WorkerClientOptions,
  type WorkerReply,
  workerClient,
} from './worker-client.js'
