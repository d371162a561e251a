export { type LruCacheOptions, type LruEmbeddingCache, lruCache } from './lru-cache.js'
