export { type CrossEncoder, type CrossEncoderOptions, crossEncoder } from './cross-encoder.js'
export type { Pooling, Prefixes } from './known-models.js'
export type { ModelOptions } from './model-options.js'
export { type TransformersEmbedder, type TransformersOptions, transformers } from './transformers.js'
