/**
 * The reference adapters: everything in memory, nothing to install.
 * @module
 */

export { type MemoryKVOptions, memoryKV } from './kv.js'
export { memoryIndex } from './vector-index.js'
