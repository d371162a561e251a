/**
 * Vectors on Qdrant, for Tandem.
 * @module
 */

export type { QdrantClientLike } from './client.js'
export type { QdrantConnection, QdrantOptions, QdrantSettings } from './options.js'
export { qdrant } from './qdrant.js'
