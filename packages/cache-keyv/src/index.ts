export { type KeyvCacheOptions, type KeyvLike, keyvCache } from './keyv-cache.js'
export { type TieredCache, tiered } from './tiered.js'
