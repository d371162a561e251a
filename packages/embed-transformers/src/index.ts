export type { Pooling, Prefixes } from './known-models.js'
export { type TransformersEmbedder, type TransformersOptions, transformers } from './transformers.js'
